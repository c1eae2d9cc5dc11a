//! Step two: which places may receive this, and in which form?
//!
//! Cedar decides, and denies by default. A policy that does not load leaves only home, and so does
//! what no detector can read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use oratory_contract::{CallerName, Denial, Grant, Permit, PlaceCard, Receives, Tier};

use crate::label::Reading;

mod cedar;

pub use cedar::PolicyError;

/// The policy that holds when nobody has written one.
pub const DEFAULT_POLICY: &str = include_str!("../policies/default.cedar");

/// Decisions remembered before all are forgotten; callers and labels are few.
const REMEMBERED: usize = 1024;

/// What may go where.
pub struct Policy {
    rules: Rules,
    places: Vec<PlaceCard>,
    // The decision depends on nothing but caller and labels, so it is made once for each.
    made: Mutex<HashMap<(CallerName, Reading), Arc<Permit>>>,
}

enum Rules {
    Loaded(Box<cedar::Rules>),
    /// Home only, for this reason.
    Broken(String),
}

impl Policy {
    /// Loads the rules in `text` for these places.
    pub fn load(text: &str, places: Vec<PlaceCard>) -> Result<Self, PolicyError> {
        let rules = Rules::Loaded(Box::new(cedar::Rules::load(text, &places)?));
        Ok(Self { rules, places, made: Mutex::default() })
    }

    /// Returns the policy for when none could be loaded: home only.
    pub fn home_only(why: String, places: Vec<PlaceCard>) -> Self {
        Self { rules: Rules::Broken(why), places, made: Mutex::default() }
    }

    /// Returns why the policy could not be loaded, if it could not.
    pub fn broken(&self) -> Option<&str> {
        match &self.rules {
            Rules::Broken(why) => Some(why),
            Rules::Loaded(_) => None,
        }
    }

    /// Returns what `caller` may do with content of these labels.
    pub fn decide(&self, caller: &CallerName, reading: &Reading) -> Arc<Permit> {
        let key = (caller.clone(), reading.clone());
        let mut made = self.made.lock().expect("no code panics while it holds the lock");
        if let Some(permit) = made.get(&key) {
            return permit.clone();
        }
        let permit = Arc::new(self.weigh(caller, reading));
        if made.len() >= REMEMBERED {
            made.clear();
        }
        made.insert(key, permit.clone());
        permit
    }

    fn weigh(&self, caller: &CallerName, reading: &Reading) -> Permit {
        let mut grants = Vec::new();
        let mut denials = Vec::new();
        for place in &self.places {
            match self.receives(caller, reading, place) {
                Ok(receives) => grants.push(Grant { place: place.name.clone(), receives }),
                Err((why, cure)) => {
                    denials.push(Denial { place: place.name.clone(), why, cure });
                }
            }
        }
        Permit::new(reading.all.clone(), grants, denials)
    }

    fn receives(
        &self,
        caller: &CallerName,
        reading: &Reading,
        place: &PlaceCard,
    ) -> Result<Receives, cedar::Refusal> {
        if reading.unreadable && place.tier != Tier::Edge {
            // No rule can know what is in it, so none is asked.
            return Err((
                "it holds a picture or a sound, in which nobody can look for what is private"
                    .to_owned(),
                "send the text alone".to_owned(),
            ));
        }
        match &self.rules {
            Rules::Broken(_) if place.tier == Tier::Edge => Ok(Receives::AsIs),
            Rules::Broken(why) => Err((
                format!("the policy did not load, so nothing leaves: {why}"),
                "put the policy right".to_owned(),
            )),
            Rules::Loaded(rules) => {
                let allows = |receives| rules.allows(caller, reading, place, receives);
                allows(Receives::AsIs).or_else(|why| allows(Receives::Masked).map_err(|_| why))
            }
        }
    }
}

#[cfg(test)]
mod tests;
