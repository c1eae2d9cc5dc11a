//! Money, counted exactly: in millionths of a millionth of a dollar.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

/// Picodollars in a dollar.
const DOLLAR: u64 = 1_000_000_000_000;
/// Digits behind the point that are counted.
const DIGITS: usize = 12;

/// An amount in dollars; it stops at 18 million, where it stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(u64);

impl Money {
    /// Nothing at all.
    pub const NONE: Self = Self(0);

    /// Returns an amount in picodollars.
    pub const fn picodollars(amount: u64) -> Self {
        Self(amount)
    }

    /// Returns the amount in picodollars.
    pub const fn as_picodollars(self) -> u64 {
        self.0
    }

    /// Returns the amount in dollars, as near as a float comes.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / DOLLAR as f64
    }

    /// Returns the amount in millionths of a dollar, rounded up, as budgets count.
    pub const fn millionths(self) -> u64 {
        self.0.div_ceil(1_000_000)
    }

    /// Returns the amount in whole cents, rounded up.
    pub const fn cents(self) -> u64 {
        self.0.div_ceil(DOLLAR / 100)
    }

    /// Returns what `count` things cost where a million cost this.
    pub fn for_million(self, count: u64) -> Self {
        let all = u128::from(self.0) * u128::from(count) / 1_000_000;
        Self(u64::try_from(all).unwrap_or(u64::MAX))
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::NONE, Add::add)
    }
}

impl fmt::Display for Money {
    /// Writes `$0.0123`: two digits, and more where the first ones are noughts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dollars = self.dollars();
        let digits = match dollars {
            0.0 => 2,
            small if small < 1.0 => (1 - small.log10().floor() as i32).clamp(2, DIGITS as i32),
            _ => 2,
        };
        f.pad(&format!("${dollars:.*}", digits as usize))
    }
}

impl FromStr for Money {
    type Err = String;

    /// Reads dollars: `10`, `0.25`, `$3.50`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no amount in dollars; write one as 12.50");
        let bare = text.trim().trim_start_matches('$');
        let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) || whole.len() + part.len() == 0 || part.len() > DIGITS {
            return Err(wrong());
        }
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| wrong())? };
        let part: u64 = format!("{part:0<DIGITS$}").parse().map_err(|_| wrong())?;
        let whole = whole.checked_mul(DOLLAR).ok_or_else(wrong)?;
        whole.checked_add(part).map(Self).ok_or_else(wrong)
    }
}

impl Serialize for Money {
    /// Writes dollars, as people and their programs count.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.dollars())
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(deserializer)?;
        let amount = (dollars * DOLLAR as f64).round();
        match (0.0..u64::MAX as f64).contains(&amount) {
            true => Ok(Self(amount as u64)),
            false => Err(serde::de::Error::custom(format!("{dollars} is no amount of money"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written() {
        for (text, told) in [
            ("10", "$10.00"),
            ("$0.5", "$0.50"),
            ("0.000123", "$0.00012"),
            (".25", "$0.25"),
            ("0", "$0.00"),
        ] {
            assert_eq!(text.parse::<Money>().unwrap().to_string(), told);
        }
        for wrong in ["", ".", "-1", "1e3", "ten", "1,5", "18446745", "0.0000000000001", "$"] {
            assert!(wrong.parse::<Money>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn nothing_is_lost_in_adding_small_amounts() {
        let token = "0.075".parse::<Money>().unwrap().for_million(1);
        assert_eq!(token, Money::picodollars(75_000));
        assert_eq!((0..1_000_000).map(|_| token).sum::<Money>(), "0.075".parse().unwrap());
        assert_eq!((token.millionths(), token.cents()), (1, 1));
        assert_eq!("12.34".parse::<Money>().unwrap().cents(), 1234);
        assert_eq!(Money(u64::MAX) + token, Money(u64::MAX));
        assert_eq!(Money(u64::MAX).for_million(u64::MAX), Money(u64::MAX));
    }
}
