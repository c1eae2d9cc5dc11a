//! All places together, nearest first.
//!
//! Holds handles only; choosing among them is `route`'s work.

use std::sync::Arc;

use oratory_contract::{LocalPlace, ModelCard, PlaceCard};
use oratory_privacy::RemotePlace;

/// A place, by how it may be reached: only a local one accepts a request as it is.
#[derive(Clone)]
pub enum Site {
    /// On this machine.
    Local(Arc<dyn LocalPlace>),
    /// Anywhere else.
    Remote(Arc<dyn RemotePlace>),
}

impl Site {
    /// Returns what is known of the place.
    pub fn card(&self) -> &PlaceCard {
        match self {
            Self::Local(place) => place.card(),
            Self::Remote(place) => place.card(),
        }
    }

    /// Returns the models there, best first.
    pub fn models(&self) -> Arc<[ModelCard]> {
        match self {
            Self::Local(place) => place.models(),
            Self::Remote(place) => place.models(),
        }
    }
}

/// All places together.
#[derive(Clone)]
pub struct Portfolio {
    sites: Vec<Site>,
}

impl Portfolio {
    /// Returns the portfolio of these places, ordered nearest first.
    pub fn new(mut sites: Vec<Site>) -> Self {
        sites.sort_by_key(|site| site.card().tier);
        Self { sites }
    }

    /// Returns the places, nearest first.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }
}
