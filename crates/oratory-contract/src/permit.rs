//! What policy allows for one request.
//!
//! A permit cannot be made without labels, and everything behind it asks for a permit.

use crate::{Labels, PlaceName};

/// What policy allows for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    labels: Labels,
    grants: Vec<Grant>,
    denials: Vec<Denial>,
}

impl Permit {
    /// Returns a permit for content with these labels.
    pub fn new(labels: Labels, grants: Vec<Grant>, denials: Vec<Denial>) -> Self {
        Self { labels, grants, denials }
    }

    /// Returns the labels the decision was made for.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Returns what each allowed place may receive.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Returns the places that were refused, and why.
    pub fn denials(&self) -> &[Denial] {
        &self.denials
    }

    /// Returns what `place` may receive; `None` means nothing.
    pub fn grant(&self, place: &PlaceName) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.place == *place)
    }
}

/// Allows one place to receive the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The place.
    pub place: PlaceName,
    /// In which form.
    pub receives: Receives,
}

/// The form in which a place may receive a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receives {
    /// As it is.
    AsIs,
    /// With every private span replaced.
    Masked,
}

impl Receives {
    /// Returns the form in words: `as it is` or `masked`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsIs => "as it is",
            Self::Masked => "masked",
        }
    }
}

/// Says why a place may not receive the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The place.
    pub place: PlaceName,
    /// The reason, for a person.
    pub why: String,
    /// What would have to change.
    pub cure: String,
}
