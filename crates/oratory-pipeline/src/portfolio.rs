//! All places together, nearest first.
//!
//! Holds handles only; choosing among them is `route`'s work.

use std::sync::{Arc, PoisonError, RwLock};

use oratory_contract::{LocalPlace, ModelCard, PlaceCard, Trouble};
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

    /// Returns what is wrong there, as far as it is known now.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            // Home tells it of each model.
            Self::Local(_) => None,
            Self::Remote(place) => place.trouble(),
        }
    }
}

/// All places together. Clones are of one portfolio: what is exchanged in one is so in all.
#[derive(Clone)]
pub struct Portfolio {
    sites: Arc<RwLock<Arc<[Site]>>>,
}

impl Portfolio {
    /// Returns the portfolio of these places, ordered nearest first.
    pub fn new(sites: Vec<Site>) -> Self {
        Self { sites: Arc::new(RwLock::new(sorted(sites))) }
    }

    /// Returns the places there are now, nearest first.
    pub fn sites(&self) -> Arc<[Site]> {
        self.sites.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts these places in the place of those there were. Requests under way keep theirs, and
    /// nothing is sent to a place of which the policy does not know.
    pub fn exchange(&self, sites: Vec<Site>) {
        *self.sites.write().unwrap_or_else(PoisonError::into_inner) = sorted(sites);
    }
}

fn sorted(mut sites: Vec<Site>) -> Arc<[Site]> {
    sites.sort_by_key(|site| site.card().tier);
    sites.into()
}
