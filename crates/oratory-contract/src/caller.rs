//! Who asks, what they may, and the seam to where callers are known by their keys.
//!
//! A caller without rights of its own may do what the policy lets anybody do.

use std::sync::Arc;

use crate::{Budget, CallerName, Failure, GroupName, PlaceCard, Sensitivity, Tier};

/// What every named key begins with, so that people and scanners know what it is.
pub const KEY_BEGINS: &str = "oratory_";

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Their name, by which what is kept for them is kept apart.
    pub name: CallerName,
    /// What holds for them beside the policy; `None` for whoever needs no key.
    pub rights: Option<Arc<Rights>>,
}

/// What holds for one caller beside the policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// The groups they are in, in order.
    pub groups: Vec<GroupName>,
    /// The highest level they may ask about; `None` means any.
    pub clearance: Option<Sensitivity>,
    /// The least level of what they ask.
    pub label: Option<Sensitivity>,
    /// The models they may ask, by names with `*` for anything; empty means all.
    pub models: Vec<String>,
    /// What they may spend.
    pub budgets: Vec<Budget>,
    /// When they may no longer ask, in seconds since 1970.
    pub expires: Option<u64>,
}

/// Knows callers by their keys.
pub trait Callers: Send + Sync {
    /// Returns whose key this is just now; `None` if it is nobody's.
    fn by_key(&self, key: &[u8]) -> Result<Option<Caller>, Failure>;

    /// Returns the caller of this name, if there is one just now.
    fn by_name(&self, name: &CallerName) -> Result<Option<Caller>, Failure>;

    /// Says whether anybody has a key.
    fn any(&self) -> Result<bool, Failure>;
}

impl Caller {
    /// Returns the groups they are in.
    pub fn groups(&self) -> &[GroupName] {
        self.rights.as_ref().map_or(&[], |rights| &rights.groups)
    }

    /// Returns the least level of what they ask, if there is one.
    pub fn least(&self) -> Option<Sensitivity> {
        self.rights.as_ref().and_then(|rights| rights.label)
    }

    /// Returns what they may spend.
    pub fn budgets(&self) -> &[Budget] {
        self.rights.as_ref().map_or(&[], |rights| &rights.budgets)
    }

    /// Returns the names of the models they may ask; empty means all.
    pub fn models(&self) -> &[String] {
        self.rights.as_ref().map_or(&[], |rights| &rights.models)
    }

    /// Says whether they may ask this model of this place.
    pub fn may_ask(&self, place: &PlaceCard, model: &str) -> bool {
        let models = self.models();
        let full = format!("{}/{model}", place.name);
        // Elsewhere a model is meant only by its full name: what it costs depends on the place.
        let bare = (place.tier == Tier::Edge).then_some(model);
        let fits = |name: &str| models.iter().any(|pattern| fits(pattern, name));
        models.is_empty() || fits(&full) || bare.is_some_and(fits)
    }

    /// Returns since when they may no longer ask, if so; in seconds since 1970.
    pub fn expired(&self, now: u64) -> Option<u64> {
        self.rights.as_ref().and_then(|rights| rights.expires).filter(|expires| *expires <= now)
    }
}

impl From<CallerName> for Caller {
    fn from(name: CallerName) -> Self {
        Self { name, rights: None }
    }
}

impl From<&str> for Caller {
    fn from(name: &str) -> Self {
        CallerName::from(name).into()
    }
}

/// Says whether a name fits a pattern in which `*` stands for anything.
pub fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        // The first place where it fits leaves the most for what follows.
        let Some((_, after)) = name.split_once(part) else { return false };
        name = after;
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{Caller, Rights, fits};
    use crate::{Clearance, PlaceCard, Sensitivity, Terms, Tier};

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name) in [
            ("mini", "mini"),
            ("*", ""),
            ("*", "a/b"),
            ("mini*", "mini-s"),
            ("*-s", "mini-s"),
            ("m*i*s", "mini-s"),
            ("a*a", "aa"),
            ("cloud/*", "cloud/gpt"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("mini", "mini-s"), ("a*a", "a"), ("mini*", "x-mini"), ("*s", "mini"), ("", "x")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_bare_name_means_a_model_at_home_alone() {
        let place = |name: &str, tier| PlaceCard {
            name: name.into(),
            tier,
            address: String::new(),
            clearance: Clearance { as_is: Sensitivity::Public, masked: None },
            terms: Terms::default(),
        };
        let (home, cloud) = (place("home", Tier::Edge), place("cloud", Tier::Cloud));
        let rights = |models: &[&str]| Caller {
            name: "ada".into(),
            rights: Some(
                Rights {
                    models: models.iter().map(ToString::to_string).collect(),
                    ..Rights::default()
                }
                .into(),
            ),
        };
        let ada = rights(&["mini*", "cloud/small"]);
        assert!(ada.may_ask(&home, "mini-s") && ada.may_ask(&cloud, "small"));
        assert!(!ada.may_ask(&cloud, "mini-s") && !ada.may_ask(&home, "small"));
        assert!(rights(&[]).may_ask(&cloud, "anything"));
        assert!(rights(&["home/*"]).may_ask(&home, "mini"));
    }
}
