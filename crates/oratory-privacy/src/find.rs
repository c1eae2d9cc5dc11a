//! Finds private spans in text and says which labels they carry.
//!
//! Two detectors: patterns for what has a published shape, the tagger for what only its words
//! and its place in a text give away. A finding's bounds are byte offsets that never split a
//! character.

use std::ops::Range;

use oratory_contract::{Labels, Sensitivity};
use regex_automata::{Anchored, Input};
use serde::Serialize;

use crate::{cards, overlaps, patterns, tagging};

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
    /// A person's name.
    Person,
    /// A company, an authority, a club.
    Organisation,
    /// A town, a region, a country.
    Place,
    /// A postal address or the part of one.
    Address,
    /// What somebody does for a living.
    JobTitle,
    /// An illness, a complaint, a drug, a treatment.
    Health,
    /// The day somebody was born.
    BirthDate,
    /// A name to log in with, or a handle.
    UserName,
    /// A number that points to an account, a contract or a person.
    Account,
    /// A telephone number.
    Phone,
}

impl Kind {
    /// Returns the kind's name as surrogates and people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Card => "CARD",
            Self::ApiKey => "API_KEY",
            Self::PrivateKey => "PRIVATE_KEY",
            Self::Person => "PERSON",
            Self::Organisation => "ORGANISATION",
            Self::Place => "PLACE",
            Self::Address => "ADDRESS",
            Self::JobTitle => "JOB_TITLE",
            Self::Health => "HEALTH",
            Self::BirthDate => "BIRTH_DATE",
            Self::UserName => "USER_NAME",
            Self::Account => "ACCOUNT",
            Self::Phone => "PHONE",
        }
    }

    /// Returns the labels that text with such a thing in it carries.
    pub fn labels(self) -> Labels {
        match self {
            Self::Email
            | Self::Card
            | Self::Person
            | Self::Address
            | Self::BirthDate
            | Self::UserName
            | Self::Account
            | Self::Phone => Labels::of(Sensitivity::Confidential).within("pii"),
            Self::Health => Labels::of(Sensitivity::Confidential).within("health"),
            // Alone they point to nobody: the capital of a country is no secret.
            Self::Organisation | Self::Place | Self::JobTitle => Labels::of(Sensitivity::Public),
            Self::ApiKey | Self::PrivateKey => {
                Labels::of(Sensitivity::Secret).within("credentials")
            }
        }
    }
}

impl Kind {
    /// Says whether such a thing is private by itself, or only beside one that is.
    pub fn is_private_alone(self) -> bool {
        self.labels().sensitivity > Sensitivity::Public
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

/// Returns what both detectors find in `text`, in order, never overlapping.
///
/// Where the tagger is not ready, that is what the patterns find; see [`crate::ready`].
pub fn find(text: &str) -> Vec<Finding> {
    overlaps::resolved(text, shaped(text.as_bytes()), tagging::tagged(text))
}

/// Returns what the patterns alone find in `text`, in order, never overlapping.
pub fn shaped(text: &[u8]) -> impl Iterator<Item = Finding> + '_ {
    let mut patterned = Patterned { text, from: 0, no_more_ends: false };
    let mut carded = Carded { text, from: 0 };
    let mut pattern = patterned.next();
    let mut card = carded.next();
    let mut end = 0;
    std::iter::from_fn(move || {
        loop {
            let pattern_first = match (&pattern, &card) {
                (Some(pattern), Some(card)) => pattern.span.start <= card.span.start,
                (pattern, _) => pattern.is_some(),
            };
            let found = if pattern_first {
                std::mem::replace(&mut pattern, patterned.next())
            } else {
                std::mem::replace(&mut card, carded.next())
            }?;
            // A card inside a longer key is part of that key.
            if found.span.start >= end {
                end = found.span.end;
                return Some(found);
            }
        }
    })
}

/// What the patterns find.
struct Patterned<'a> {
    text: &'a [u8],
    from: usize,
    no_more_ends: bool,
}

impl Patterned<'_> {
    fn next(&mut self) -> Option<Finding> {
        let input = Input::new(self.text).range(self.from..).anchored(Anchored::No);
        let found = patterns::automaton().search(&input)?;
        let kind = patterns::kind(found.pattern().as_usize());
        let end = match kind {
            Kind::PrivateKey => self.end_of_key(found.end()),
            _ => found.end(),
        };
        self.from = end;
        Some(Finding { kind, span: found.start()..end })
    }

    /// Returns where a key ends whose first line ends at `from`. A key without its last line is
    /// still a key; that there is none is found out once, however many first lines there are.
    fn end_of_key(&mut self, from: usize) -> usize {
        const LAST_LINE: &[u8] = b"-----END ";
        if self.no_more_ends {
            return from;
        }
        let Some(at) = memchr::memmem::find(&self.text[from..], LAST_LINE) else {
            self.no_more_ends = true;
            return from;
        };
        let name = from + at + LAST_LINE.len();
        let dashes = memchr::memmem::find(&self.text[name..], b"-----");
        dashes.map_or(from, |dashes| name + dashes + 5)
    }
}

/// What the arithmetic of cards finds.
struct Carded<'a> {
    text: &'a [u8],
    from: usize,
}

impl Carded<'_> {
    fn next(&mut self) -> Option<Finding> {
        let span = cards::next(self.text, self.from)?;
        self.from = span.end;
        Some(Finding { kind: Kind::Card, span })
    }
}

/// Returns the labels of everything private in `text`; `None` where nothing was found.
pub fn labels(text: &str) -> Option<Labels> {
    let private = find(text).into_iter().filter(|finding| finding.kind.is_private_alone());
    private.map(|finding| finding.kind.labels()).reduce(|all, one| all.join(&one))
}

#[cfg(test)]
mod tagged;
#[cfg(test)]
mod tests;
