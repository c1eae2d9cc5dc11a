//! Step two: which places may receive this, and in which form?
//!
//! Cedar decides, and denies by default. A policy that does not load leaves only home, also when it
//! is exchanged while the house stands; and so does what no detector can read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use oratory_contract::{Denial, Grant, Permit, PlaceCard, PlaceName, Receives, Tier};

mod case;
mod cedar;
mod problem;

pub use case::{Case, clock};
pub use problem::{PolicyError, Problem};

/// The policy that holds when nobody has written one.
pub const DEFAULT_POLICY: &str = include_str!("../policies/default.cedar");

/// What that policy promises, in the form in which `oratory policy test` reads it.
pub const DEFAULT_PROMISES: &str = include_str!("../policies/default.tests.toml");

/// Decisions remembered before all are forgotten; callers and labels are few.
const REMEMBERED: usize = 1024;

/// What may go where.
pub struct Policy {
    now: RwLock<Arc<Now>>,
    /// Held while one thing is exchanged, so that the other is not lost.
    exchanging: Mutex<()>,
}

/// The rules that hold now, the places they speak of, and what they have decided.
struct Now {
    places: Vec<PlaceCard>,
    rules: Rules,
    // A decision depends on nothing but its case, so it is made once for each.
    made: Mutex<HashMap<Case, Arc<Permit>>>,
}

enum Rules {
    Loaded(Box<cedar::Rules>),
    /// Home only, for this reason.
    Broken(String),
}

/// Returns what in a policy that loads is hardly meant so, such as a rule that never applies.
pub fn doubts(text: &str) -> Vec<Problem> {
    cedar::doubts(text)
}

/// What one place may receive, and which rules say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The form in which it may; `None` means not at all.
    pub receives: Option<Receives>,
    /// The names of the rules that decided; none where no rule permits it.
    pub rules: Vec<String>,
    /// Why not, for a person; empty where it may.
    pub why: String,
}

impl Policy {
    /// Loads the rules in `text` for these places.
    pub fn load(text: &str, places: Vec<PlaceCard>) -> Result<Self, PolicyError> {
        let rules = Rules::Loaded(Box::new(cedar::Rules::load(text, &places)?));
        Ok(Self::new(rules, places))
    }

    /// Returns the policy for when none could be loaded: home only.
    pub fn home_only(why: String, places: Vec<PlaceCard>) -> Self {
        Self::new(Rules::Broken(why), places)
    }

    fn new(rules: Rules, places: Vec<PlaceCard>) -> Self {
        Self { now: RwLock::new(Arc::new(Now::of(rules, places))), exchanging: Mutex::default() }
    }

    /// Puts other rules in the place of those that hold; where they do not load, or there are
    /// none for this reason, only home is left. Requests under way keep what was decided.
    ///
    /// `name` tells people where the rules stand.
    pub fn exchange(&self, text: Result<&str, String>, name: &str) {
        let _alone = self.exchanging.lock().unwrap_or_else(PoisonError::into_inner);
        let places = self.now().places.clone();
        let loaded = text
            .and_then(|text| cedar::Rules::load(text, &places).map_err(|error| error.to_string()));
        let rules = match loaded {
            Ok(rules) => Rules::Loaded(Box::new(rules)),
            Err(why) => Rules::Broken(format!("{name}: {why}")),
        };
        self.put(Now::of(rules, places));
    }

    /// Has the rules speak of these places from now on; what they say stays.
    pub fn speak_of(&self, places: Vec<PlaceCard>) {
        let _alone = self.exchanging.lock().unwrap_or_else(PoisonError::into_inner);
        let rules = match &self.now().rules {
            Rules::Broken(why) => Rules::Broken(why.clone()),
            Rules::Loaded(rules) => match rules.speaking_of(&places) {
                Ok(rules) => Rules::Loaded(Box::new(rules)),
                Err(error) => Rules::Broken(error.to_string()),
            },
        };
        self.put(Now::of(rules, places));
    }

    fn put(&self, now: Now) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(now);
    }

    /// Returns why the policy could not be loaded, if it could not.
    pub fn broken(&self) -> Option<String> {
        match &self.now().rules {
            Rules::Broken(why) => Some(why.clone()),
            Rules::Loaded(_) => None,
        }
    }

    /// Says whether a rule asks what its caller has spent, which takes a look at the records.
    pub(crate) fn asks_for_spending(&self) -> bool {
        matches!(&self.now().rules, Rules::Loaded(rules) if rules.ask_for_spending())
    }

    /// Returns the places it speaks of.
    pub fn places(&self) -> Vec<PlaceCard> {
        self.now().places.clone()
    }

    /// Returns what may become of such a request.
    pub fn decide(&self, case: Case) -> Arc<Permit> {
        let now = self.now();
        let mut made = now.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(permit) = made.get(&case) {
            return permit.clone();
        }
        let permit = Arc::new(now.weigh(&case));
        if made.len() >= REMEMBERED {
            made.clear();
        }
        made.insert(case, permit.clone());
        permit
    }

    /// Returns what one place may receive of such a request; `None` if there is no such place.
    pub fn judge(&self, case: &Case, place: &PlaceName) -> Option<Verdict> {
        let now = self.now();
        let place = now.places.iter().find(|card| card.name == *place)?;
        Some(match receives(&now.rules, case, place) {
            Ok((receives, rules)) => {
                Verdict { receives: Some(receives), rules, why: String::new() }
            }
            Err(cedar::Refusal { why, rules, .. }) => Verdict { receives: None, rules, why },
        })
    }

    fn now(&self) -> Arc<Now> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Returns the form in which a place may receive such a request, and the rules that say so.
fn receives(
    rules: &Rules,
    case: &Case,
    place: &PlaceCard,
) -> Result<(Receives, Vec<String>), cedar::Refusal> {
    if case.reading.unreadable && place.tier != Tier::Edge {
        // No rule can know what is in it, so none is asked.
        return Err(cedar::Refusal {
            why: "it holds a picture or a sound, in which nobody can look for what is private"
                .to_owned(),
            cure: "send the text alone".to_owned(),
            rules: Vec::new(),
        });
    }
    match rules {
        Rules::Broken(_) if place.tier == Tier::Edge => Ok((Receives::AsIs, Vec::new())),
        Rules::Broken(why) => Err(cedar::Refusal {
            why: format!("the policy did not load, so nothing leaves: {why}"),
            cure: "put the policy right".to_owned(),
            rules: Vec::new(),
        }),
        Rules::Loaded(rules) => {
            let allows = |receives| rules.allows(case, place, receives);
            allows(Receives::AsIs).or_else(|as_is| {
                // What no rule forbids is a matter of clearance, which is easier put right.
                let nearer = |masked: cedar::Refusal| match masked.rules.is_empty() {
                    true => masked,
                    false => as_is,
                };
                allows(Receives::Masked).map_err(nearer)
            })
        }
    }
}

impl Now {
    fn of(rules: Rules, places: Vec<PlaceCard>) -> Self {
        Self { places, rules, made: Mutex::default() }
    }

    fn weigh(&self, case: &Case) -> Permit {
        let mut grants = Vec::new();
        let mut denials = Vec::new();
        for card in &self.places {
            let place = card.name.clone();
            match receives(&self.rules, case, card) {
                Ok((receives, _)) => grants.push(Grant { place, receives }),
                Err(cedar::Refusal { why, cure, .. }) => denials.push(Denial { place, why, cure }),
            }
        }
        Permit::new(case.reading.all.clone(), grants, denials)
    }
}

#[cfg(test)]
mod tests;
