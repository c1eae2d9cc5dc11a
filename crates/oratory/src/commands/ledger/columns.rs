//! The columns of the ledger, the same on a terminal and on a page.
//!
//! What nobody knows is `-`.

use oratory_contract::Money;

use super::sum::Sum;

/// One column.
pub(super) struct Column {
    /// What stands above it where there is little room.
    pub(super) head: &'static str,
    /// What it is, in full.
    pub(super) about: &'static str,
    pub(super) width: usize,
    /// Which column gives way first: the one with the highest number.
    pub(super) rank: u8,
    pub(super) tell: fn(&Sum) -> String,
}

const fn column(
    head: &'static str,
    about: &'static str,
    width: usize,
    rank: u8,
    tell: fn(&Sum) -> String,
) -> Column {
    Column { head, about, width, rank, tell }
}

/// Every column, in the order in which they stand.
pub(super) static COLUMNS: [Column; 12] = [
    column("requests", "Requests", 9, 0, |sum| sum.requests.to_string()),
    column("home", "Answered at home", 7, 6, |sum| known(sum.home_share(), percent)),
    column("read", "Tokens read", 8, 4, |sum| short(sum.input)),
    column("known", "Of them known", 8, 7, |sum| short(sum.cached)),
    column("written", "Tokens written", 8, 1, |sum| short(sum.output)),
    column("thinking", "Of them thinking", 9, 10, |sum| {
        sum.reasoning.map_or_else(|| "-".to_owned(), short)
    }),
    column("spent", "Spent", 10, 2, spent),
    column("elsewhere", "Elsewhere", 10, 3, |sum| sum.at_reference.to_string()),
    column("tokens/s", "Tokens a second", 9, 5, |sum| known(sum.tokens_a_second(), one_digit)),
    column("first", "First word, median", 8, 8, |sum| known(sum.firsts.median(), micros)),
    column("energy", "Energy, measured", 9, 9, |sum| known(sum.joules(), joules)),
    column("J/token", "Joules a token", 8, 11, |sum| known(sum.joules_a_token(), two_digits)),
];

fn known(figure: Option<f64>, tell: fn(f64) -> String) -> String {
    figure.map_or_else(|| "-".to_owned(), tell)
}

/// Returns what was spent; `+` where nobody knows all of it.
pub(super) fn spent(sum: &Sum) -> String {
    match (sum.spent, sum.unpriced) {
        (Money::NONE, 0) => "-".to_owned(),
        (Money::NONE, _) => "unknown".to_owned(),
        (spent, 0) => spent.to_string(),
        (spent, _) => format!("{spent}+"),
    }
}

/// Returns a number as people say it: 12.3k, 4.5M.
pub(super) fn short(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => format!("{:.1}k", number as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1}M", number as f64 / 1e6),
        _ => format!("{:.1}G", number as f64 / 1e9),
    }
}

/// Returns a share as people say it.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Returns an energy in words.
pub(super) fn joules(joules: f64) -> String {
    match joules {
        few if few < 1e3 => format!("{few:.1} J"),
        some if some < 1e6 => format!("{:.1} kJ", some / 1e3),
        many => format!("{:.1} MJ", many / 1e6),
    }
}

/// Returns a time in words, from microseconds.
fn micros(micros: f64) -> String {
    match micros {
        short if short < 1e6 => format!("{:.0} ms", short / 1e3),
        long => format!("{:.1} s", long / 1e6),
    }
}

fn one_digit(number: f64) -> String {
    format!("{number:.1}")
}

fn two_digits(number: f64) -> String {
    format!("{number:.2}")
}

/// Returns a name without what a terminal would take for an order.
pub(super) fn plain(name: &str) -> String {
    name.chars().map(|sign| if sign.is_control() { '\u{fffd}' } else { sign }).collect()
}
