//! Finds private spans in text and says which labels they carry.
//!
//! Patterns only; a finding's bounds are byte offsets that never split a character.

use std::ops::Range;

use oratory_contract::{Labels, Sensitivity};
use regex_automata::{Anchored, Input};
use serde::Serialize;

use crate::patterns;

/// What sort of private thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A payment card number.
    Card,
    /// A key or token that opens something.
    ApiKey,
    /// A private key in PEM form.
    PrivateKey,
}

impl Kind {
    /// Returns the kind's name as surrogates and people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Card => "CARD",
            Self::ApiKey => "API_KEY",
            Self::PrivateKey => "PRIVATE_KEY",
        }
    }

    /// Returns the labels that text with such a thing in it carries.
    pub fn labels(self) -> Labels {
        match self {
            Self::Email | Self::Card => Labels::of(Sensitivity::Confidential).within("pii"),
            Self::ApiKey | Self::PrivateKey => {
                Labels::of(Sensitivity::Secret).within("credentials")
            }
        }
    }
}

/// One private span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Where it is, in bytes.
    pub span: Range<usize>,
}

/// Returns the private spans of `text`, in order, never overlapping.
pub fn find(text: &[u8]) -> impl Iterator<Item = Finding> + '_ {
    let automaton = patterns::automaton();
    let mut from = 0;
    std::iter::from_fn(move || {
        while from < text.len() {
            let input = Input::new(text).range(from..).anchored(Anchored::No);
            let found = automaton.search(&input)?;
            let kind = patterns::kind(found.pattern().as_usize());
            match bounds(text, kind, found.range()) {
                Some(span) => {
                    from = span.end;
                    return Some(Finding { kind, span });
                }
                // A run of digits that is no card may still hold one further on.
                None => from = found.start() + 1,
            }
        }
        None
    })
}

/// Returns the labels of everything private in `text`; `None` where nothing was found.
pub fn labels(text: &str) -> Option<Labels> {
    find(text.as_bytes()).map(|finding| finding.kind.labels()).reduce(|all, one| all.join(&one))
}

/// Returns the span the match really covers, or `None` if it only looks private.
fn bounds(text: &[u8], kind: Kind, matched: Range<usize>) -> Option<Range<usize>> {
    if kind != Kind::Card {
        return Some(matched);
    }
    if matched.start > 0 && text[matched.start - 1].is_ascii_digit() {
        return None;
    }
    // The longest run that checks out: "4111 1111 1111 1111 12" is a card and something else.
    let mut end = matched.end;
    while end - matched.start >= 13 {
        let ends_in_digit = text[end - 1].is_ascii_digit();
        let digit_follows = text.get(end).is_some_and(u8::is_ascii_digit);
        if ends_in_digit && !digit_follows && patterns::is_card(&text[matched.start..end]) {
            return Some(matched.start..end);
        }
        end -= 1;
    }
    None
}

#[cfg(test)]
mod tests;
