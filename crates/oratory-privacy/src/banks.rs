//! Numbers of banks and of accounts without an international form.
//!
//! What an account is called in other countries than these, `documents` takes from the words.

use crate::checks::{digit, none, number as value};
use crate::context::Tag;
use crate::numbers::{Number, number};
use crate::{Finding, Kind};

/// All tables.
pub(crate) static TABLES: [&[Number]; 1] = [&[
    number!(Account, "US routing number", ["999999999"], [], [Tag::Routing], routing, false),
    number!(Account, "UK sort code", ["999999"], [], [Tag::SortCode], none, false),
    number!(
        Account,
        "UK sort code and account",
        ["99999999999999"],
        ["99-99-99 99999999"],
        [Tag::SortCode],
        none,
        false
    ),
    number!(Account, "Australian BSB", ["999999"], [], [Tag::Bsb], none, false),
    number!(Account, "Canadian transit number", ["99999999"], [], [Tag::Routing], none, false),
]];

fn routing(code: &[u8]) -> bool {
    let sum: u32 =
        code.iter().zip([3, 7, 1].iter().cycle()).map(|(byte, by)| digit(*byte) * by).sum();
    matches!(value(&code[..2]), 0..=12 | 21..=32 | 61..=72 | 80)
        && sum > 0
        && sum.is_multiple_of(10)
}

/// Notes the code of a bank that follows a word for it, which ends at `from`.
pub(crate) fn bic_after(text: &[u8], from: usize, found: &mut Vec<Finding>) {
    let ahead = &text[from..text.len().min(from + 24)];
    let mut words = ahead.split(|byte| !byte.is_ascii_alphanumeric()).scan(0, |at, word| {
        let start = *at;
        *at += word.len() + 1;
        Some((start, word))
    });
    if let Some((at, code)) = words.find(|(_, word)| is_bic(word)) {
        let start = from + at;
        let cut = text.get(start + code.len()).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if cut {
            let why = "BIC, named beside it";
            found.push(Finding {
                kind: Kind::Bic,
                span: start..start + code.len(),
                score: 0.8,
                why,
            });
        }
    }
}

/// Bank, country, place, and perhaps a branch.
fn is_bic(word: &[u8]) -> bool {
    matches!(word.len(), 8 | 11)
        && word[..6].iter().all(u8::is_ascii_uppercase)
        && word[6..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
