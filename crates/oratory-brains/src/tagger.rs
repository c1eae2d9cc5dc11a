//! Finds people, organisations, places, addresses, jobs, illnesses, birth dates, user names and
//! numbers of accounts in running text, by what words look like and what stands around them.
//!
//! Guesses: what has a check digit or a published shape is better found by a pattern. What it finds
//! depends on [`CONTEXT`] tokens to either side and on the name of the line or column.

mod decode;
pub mod examine;
pub mod gazetteer;
mod lines;
pub mod network;
mod remembered;
pub mod tokens;
pub mod word;
mod work;

use std::ops::Range;

use crate::artefact::{Artefact, ArtefactError};
use examine::Examiner;
use gazetteer::Gazetteer;
use network::Network;
use remembered::Remembered;

/// The kind written in the artefact.
pub const KIND: &str = "tagger";
/// The version of the artefact this build reads.
pub const VERSION: u32 = 1;

/// How many tokens to either side decide what a token is.
pub const CONTEXT: usize = 16;

/// What sort of thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
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
    /// Every kind, in the order of the labels.
    pub const ALL: [Self; 10] = [
        Self::Person,
        Self::Organisation,
        Self::Place,
        Self::Address,
        Self::JobTitle,
        Self::Health,
        Self::BirthDate,
        Self::UserName,
        Self::Account,
        Self::Phone,
    ];

    /// Returns the kind's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Place => "place",
            Self::Address => "address",
            Self::JobTitle => "job_title",
            Self::Health => "health",
            Self::BirthDate => "birth_date",
            Self::UserName => "user_name",
            Self::Account => "account",
            Self::Phone => "phone",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Where it is, in bytes, at the bounds of characters.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// How sure that is: 0.5 for a guess, 1 for certainty.
    pub score: f32,
}

/// A tagger ready to find things.
pub struct Tagger<'a> {
    network: Network<'a>,
    lists: &'a [u8],
    remembered: Remembered,
    digest: String,
}

impl<'a> Tagger<'a> {
    /// Verifies an artefact and returns the tagger in it.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ArtefactError> {
        let artefact = Artefact::open(bytes, KIND, VERSION)?;
        let network = Network::read(&artefact)?;
        let lists = artefact.section("lists")?;
        if Gazetteer::new(lists).is_none() {
            let what = "does not have a power of two of entries".to_owned();
            return Err(ArtefactError::Section { name: "lists".to_owned(), what });
        }
        Ok(Self { network, lists, remembered: Remembered::new(), digest: artefact.digest() })
    }

    /// Returns the SHA-256 that sealed the artefact.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns what is found in `text`, in order, never overlapping.
    pub fn find(&self, text: &str) -> Vec<Span> {
        let gazetteer = Gazetteer::new(self.lists).expect("it was opened with these lists");
        work::find(&self.network, Examiner::new(gazetteer), &self.remembered, text)
    }
}

#[cfg(test)]
mod tests;
