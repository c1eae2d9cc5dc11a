//! What can be typed behind `oratory keys`.
//!
//! What a key allows is written once, when it is made; to change it, remove it and make another.

use clap::{Args, Subcommand};
use oratory_contract::{Budget, Sensitivity, calendar};

use super::Json;

#[derive(Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    pub(crate) what: KeysWhat,
}

/// What to do about keys.
#[derive(Subcommand)]
pub(crate) enum KeysWhat {
    /// Make a key for one caller, and print it this once
    #[command(
        after_help = "The key alone goes to standard output; only its hash is kept. It holds at once, also in a\nrunning server. Clients send it as `Authorization: Bearer KEY` or `x-api-key: KEY`.\n\nFrom the first key on, programs on this machine need one, too, unless `server.keyless` is\n\"always\": a budget that one can leave by leaving out the key would be none.\n\nExamples:\n  oratory keys add ada\n  oratory keys add ada --budget \"10 usd/day\" --budget \"1000000 tokens/month\"\n  oratory keys add bot --group agents --clearance internal --models \"mini*\" --expires 30 > bot.key"
    )]
    Add(AddKey),
    /// List the keys, what they allow and what was spent; never the keys themselves
    #[command(after_help = "Example:\n  oratory keys list --json")]
    List(Json),
    /// Take a key away; the next request with it is refused
    #[command(
        after_help = "What its name has spent stays counted: a new key of that name does not begin anew.\n\nExample:\n  oratory keys rm ada"
    )]
    Rm {
        /// Whose key
        name: String,
    },
}

#[derive(Args)]
pub(crate) struct AddKey {
    /// Whose key: lower case letters, digits, `-`, `_` and `.`; policies know them as Caller::"NAME"
    #[arg(value_parser = caller)]
    pub(crate) name: String,
    /// A group they are in; policies know it as Group::"G"; may be given again
    #[arg(long = "group", value_name = "G", value_parser = plain)]
    pub(crate) groups: Vec<String>,
    /// The highest level they may ask about: public, internal, confidential or secret
    #[arg(long, value_name = "LEVEL")]
    pub(crate) clearance: Option<Sensitivity>,
    /// The least level of what they ask, whatever they say it is
    #[arg(long, value_name = "LEVEL")]
    pub(crate) label: Option<Sensitivity>,
    /// The models they may ask, `*` for anything: "mini*", "cloud/*"; may be given again
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    pub(crate) models: Vec<String>,
    /// What they may spend: "10 usd/day", "1000000 tokens/month", "500 requests/hour"; may be
    /// given again
    #[arg(long = "budget", value_name = "BUDGET")]
    pub(crate) budgets: Vec<Budget>,
    /// When it ends: a day, such as 2027-01-31, as it begins in UTC; or a number of days from now
    #[arg(long, value_name = "DATE|DAYS", value_parser = expiry)]
    pub(crate) expires: Option<Expiry>,
}

/// When a key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// At this moment, in seconds since 1970.
    At(u64),
    /// After so many days.
    Days(u64),
}

/// Names that callers without a key of their own have.
const TAKEN: [&str; 3] = ["http", "cli", "oratory"];

fn caller(text: &str) -> Result<String, String> {
    if TAKEN.contains(&text) {
        return Err("whoever asks without a named key is called so; choose another".to_owned());
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err("write it in lower case, so that no two names differ by that alone".to_owned());
    }
    plain(text)
}

fn plain(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match !text.is_empty() && text.len() <= 64 && !text.starts_with('.') && text.chars().all(plain)
    {
        true => Ok(text.to_owned()),
        false => Err("use up to 64 letters, digits, `-`, `_` and `.`, and no `.` first".to_owned()),
    }
}

fn pattern(text: &str) -> Result<String, String> {
    match text.is_empty() || text.len() > 200 || text.chars().any(char::is_whitespace) {
        true => Err("write a model's name, with `*` for anything, and one at a time".to_owned()),
        false => Ok(text.to_owned()),
    }
}

fn expiry(text: &str) -> Result<Expiry, String> {
    let wrong = || "write a day, such as 2027-01-31, or a number of days, such as 30".to_owned();
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    let parts: Vec<&str> = text.split('-').collect();
    if let [year, month, day] = parts[..] {
        let days = calendar::days(number(year)?, number(month)?, number(day)?);
        return days.map(|days| Expiry::At(days * 86_400)).ok_or_else(wrong);
    }
    let days = text.trim_end_matches("days").trim_end_matches("day").trim_end_matches('d');
    match number(days.trim())? {
        0 => Err("a key that ends at once opens nothing; write 1 or more".to_owned()),
        days if days > 36_500 => Err(wrong()),
        days => Ok(Expiry::Days(days)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Expiry, caller, expiry, pattern};

    #[test]
    fn what_is_no_name_no_pattern_and_no_day_is_told_so() {
        for name in ["ada", "ada-2", "a.b_c"] {
            assert_eq!(caller(name).as_deref(), Ok(name));
        }
        for name in ["", "http", "cli", "Ada", "a/b", "..", "a b", "ä", &"x".repeat(65)] {
            assert!(caller(name).is_err(), "{name}");
        }
        assert!(pattern("mini*").is_ok() && pattern("mini, x").is_err() && pattern("").is_err());
        assert_eq!(expiry("2027-01-31"), Ok(Expiry::At(1_801_353_600)));
        assert_eq!(expiry("30"), Ok(Expiry::Days(30)));
        assert_eq!(expiry("30 days"), Ok(Expiry::Days(30)));
        for wrong in ["", "0", "2027-02-30", "tomorrow", "2027-01", "-3", "99999"] {
            assert!(expiry(wrong).is_err(), "{wrong}");
        }
    }
}
