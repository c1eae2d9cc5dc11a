//! What a caller may spend in an hour, a day or a month, and the seam to where that is counted.
//!
//! Counts only; what a request may take is the pipeline's matter. Windows are those of UTC.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Caller, CallerName, Failure, Written, calendar};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Requests.
    Requests,
    /// Tokens, read and written.
    Tokens,
    /// Money, in millionths of a US dollar.
    Money,
}

impl Unit {
    /// Returns the unit's name as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::Money => "usd",
        }
    }

    /// Returns an amount of it as people write it: money as dollars.
    pub fn shown(self, amount: u64) -> String {
        if self != Self::Money {
            return amount.to_string();
        }
        let text = format!("{}.{:06}", amount / 1_000_000, amount % 1_000_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// How long a budget lasts before it begins again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A month of the calendar.
    Month,
}

impl Period {
    const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    /// Returns the period's name as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// Returns when the window that holds a moment began, and when the next one begins; all in
    /// seconds since 1970.
    pub fn window(self, seconds: u64) -> (u64, u64) {
        let every = |length: u64| (seconds / length * length, (seconds / length + 1) * length);
        match self {
            Self::Hour => every(3600),
            Self::Day => every(86_400),
            Self::Month => {
                let (year, month, day) = calendar::date(seconds / 86_400);
                let first = seconds / 86_400 + 1 - day;
                let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                // Past the year 9999 there are no more dates; 31 days do as well.
                let next = calendar::days(next.0, next.1, 1).unwrap_or(first + 31);
                (first * 86_400, next * 86_400)
            }
        }
    }
}

/// The most that a caller may spend of one thing in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budget {
    /// The most.
    pub limit: u64,
    /// Of what.
    pub unit: Unit,
    /// In which time.
    pub period: Period,
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, unit, period } = self;
        write!(f, "{} {}/{}", unit.shown(*limit), unit.as_str(), period.as_str())
    }
}

impl FromStr for Budget {
    type Err = String;

    /// Reads what `Display` writes: `10 usd/day`.
    fn from_str(text: &str) -> Result<Self, String> {
        read(text).ok_or_else(|| {
            format!(
                "{text:?} is no budget; write one such as \"10 usd/day\", \"1000000 tokens/month\" \
                 or \"500 requests/hour\""
            )
        })
    }
}

fn read(text: &str) -> Option<Budget> {
    let (limit, of) = text.trim().split_once(char::is_whitespace)?;
    let (unit, period) = of.trim().split_once('/')?;
    let unit = match unit.trim() {
        "request" | "requests" => Unit::Requests,
        "token" | "tokens" => Unit::Tokens,
        "usd" | "USD" => Unit::Money,
        _ => return None,
    };
    let period = Period::ALL.into_iter().find(|known| known.as_str() == period.trim())?;
    let limit = match unit {
        Unit::Money => money(limit)?,
        _ => limit.parse().ok()?,
    };
    // What a database counts has a sign.
    (limit <= i64::MAX as u64 / 2).then_some(Budget { limit, unit, period })
}

/// Returns dollars, as people write them, in millionths: `0.15`. `None` where it is no such
/// amount, or finer than that.
fn money(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 6 {
        return None;
    }
    let part: u64 = format!("{part:0<6}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(part)
}

impl Serialize for Budget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Budget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// So much of everything that is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Requests.
    pub requests: u64,
    /// Tokens.
    pub tokens: u64,
    /// Millionths of a US dollar.
    pub money: u64,
}

impl Amounts {
    /// Returns how much of one thing.
    pub fn of(&self, unit: Unit) -> u64 {
        match unit {
            Unit::Requests => self.requests,
            Unit::Tokens => self.tokens,
            Unit::Money => self.money,
        }
    }

    /// Returns the larger of both, of each thing.
    #[must_use]
    pub fn most(self, other: Self) -> Self {
        Self {
            requests: self.requests.max(other.requests),
            tokens: self.tokens.max(other.tokens),
            money: self.money.max(other.money),
        }
    }

    /// Returns both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            tokens: self.tokens.saturating_add(other.tokens),
            money: self.money.saturating_add(other.money),
        }
    }
}

/// Resolves to what was set aside, or says what a caller has spent already.
pub type Reserving = Pin<Box<dyn Future<Output = Result<Box<dyn Reservation>, Failure>> + Send>>;

/// What a caller is known to have spent since a day and a month began, in whole cents, rounded up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Spending {
    /// Since midnight, UTC.
    pub today: u64,
    /// Since the month began.
    pub month: u64,
}

impl Spending {
    /// Nobody can say; policies take it for more than anything.
    pub const UNKNOWN: Self = Self { today: u64::MAX, month: u64::MAX };
}

/// Looks up what a caller has spent by a moment, in milliseconds since 1970. It may read a disk.
pub type Spent = Arc<dyn Fn(&CallerName, u64) -> Spending + Send + Sync>;

/// Where it is counted what callers spend.
pub trait Budgets: Send + Sync {
    /// Sets the most aside that a request may take, in every budget of its caller, or in none.
    fn reserve(&self, caller: &Caller, most: Amounts, now_ms: u64) -> Reserving;
}

/// What was set aside for one request. Dropped, it is given back whole.
pub trait Reservation: Send {
    /// Counts what was used, and gives the rest back.
    fn settle(self: Box<Self>, used: Amounts) -> Written;
}

#[cfg(test)]
mod tests {
    use super::{Budget, Period, money};

    #[test]
    fn budgets_are_read_as_they_are_written() {
        for text in ["10 usd/day", "0.25 usd/hour", "1000000 tokens/month", "500 requests/day"] {
            assert_eq!(
                text.parse::<Budget>().map(|budget| budget.to_string()).as_deref(),
                Ok(text)
            );
        }
        assert_eq!("1 request/day".parse::<Budget>().unwrap().to_string(), "1 requests/day");
        for text in
            ["", "10", "10 eur/day", "10 usd/week", "-1 usd/day", "1e9 tokens/day", "usd/day"]
        {
            let why = text.parse::<Budget>().unwrap_err();
            assert!(why.contains("10 usd/day"), "{why}");
        }
    }

    #[test]
    fn windows_are_those_of_the_calendar() {
        let at = 1_795_259_665;
        assert_eq!(Period::Hour.window(at), (1_795_258_800, 1_795_262_400));
        assert_eq!(Period::Day.window(at), (1_795_219_200, 1_795_305_600));
        let month = |seconds| {
            let (began, next) = Period::Month.window(seconds);
            (crate::calendar::utc(began), crate::calendar::utc(next))
        };
        let (began, next) = month(at);
        assert_eq!((&*began, &*next), ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"));
        let (began, next) = month(at + 20 * 86_400);
        assert_eq!((&*began, &*next), ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"));
    }

    #[test]
    fn money_is_counted_in_millionths() {
        assert_eq!(
            (money("0.15"), money("3"), money("0.000001")),
            (Some(150_000), Some(3_000_000), Some(1))
        );
        assert_eq!(
            (money("0.0000001"), money("1."), money(".5"), money("x")),
            (None, None, None, None)
        );
    }
}
