//! Licences of models: what is known of one's, and which the settings forbid.
//!
//! A licence is known by what a model's page or file says, and by its name in the catalogue; where
//! either is forbidden, the model is.

use oratory_catalogue::{Commerce, Licence, Model};
use oratory_contract::{ModelCard, Tier};
use oratory_models::ModelsError;

/// Which licences may not be used here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Beginnings of their names: `llama` forbids every version of Llama's.
    pub(crate) forbidden: Vec<String>,
    /// Whether a model at home may be used though nobody knows its licence.
    pub(crate) unknown_refused: bool,
}

/// What is known of a model's licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// As its page or its file says.
    stated: Option<String>,
    /// As the catalogue knows it, and where from: a word, and a mark where it is not sure.
    listed: Option<(&'static Licence, String)>,
}

impl Known {
    /// Returns what is known by a model's name, and by what is said beside it.
    pub(crate) fn of(name: &str, stated: Option<&str>) -> Self {
        let model = oratory_catalogue::model(name).and_then(|model| model.licence.as_ref());
        let named = stated.and_then(oratory_catalogue::licence);
        let listed = match (named, model) {
            (Some(licence), _) => Some((licence, "its page".to_owned())),
            (None, Some(fact)) => {
                let sure = match fact.confidence.mark() {
                    "" => "",
                    _ => ", not checked",
                };
                Some((fact.value, format!("the catalogue: {}{sure}", fact.source)))
            }
            (None, None) => None,
        };
        Self { stated: stated.map(str::to_owned), listed }
    }

    /// Says whether money may be made with the model without a condition, as far as is known.
    pub(crate) fn is_free(&self) -> bool {
        matches!(&self.listed, Some((licence, _)) if licence.commerce == Commerce::Free)
    }

    /// Returns a name for it, if there is one.
    pub(crate) fn name(&self) -> Option<&str> {
        let listed = self.listed.as_ref().map(|(licence, _)| licence.title);
        listed.or(self.stated.as_deref())
    }

    /// Returns all that is known, a line each.
    pub(crate) fn lines(&self) -> Vec<String> {
        let Some((licence, from)) = &self.listed else {
            let stated = self.stated.as_deref().unwrap_or("not stated; see its page");
            return vec![format!("licence: {stated}")];
        };
        let commerce = match licence.commerce {
            Commerce::Free => "may be used for money",
            Commerce::Conditions => "may be used for money under conditions",
            Commerce::No => "may not be used for money",
        };
        vec![
            format!("licence: {} ({}: {commerce}), says {from}", licence.name, licence.title),
            format!("         {}; {}", licence.note, licence.text),
        ]
    }
}

impl Rules {
    /// Says whether anything is forbidden.
    pub(crate) fn forbid_something(&self) -> bool {
        self.unknown_refused || !self.forbidden.is_empty()
    }

    /// Returns why a model may not be used, if so.
    pub(crate) fn forbid(&self, name: &str, stated: Option<&str>, at_home: bool) -> Option<String> {
        let known = Known::of(name, stated);
        // What a page says, what the catalogue says and what it was made of are all looked at: any
        // of them may be wrong.
        let listed = known.listed.as_ref().map(|(licence, _)| *licence);
        let by_name =
            [oratory_catalogue::model(name), oratory_catalogue::origin(name)].map(licence);
        let licences = || listed.into_iter().chain(by_name.into_iter().flatten());
        let begins = |rule: &str, name: &str| plain(name).starts_with(&plain(rule));
        for rule in &self.forbidden {
            let forbidden =
                |licence: &&Licence| begins(rule, licence.name) || begins(rule, licence.title);
            let found = licences().find(forbidden).map(|licence| licence.title);
            let stated = stated.filter(|stated| begins(rule, stated));
            if let Some(licence) = found.or(stated) {
                return Some(format!(
                    "its licence, {licence}, is forbidden by {rule:?} in `models.licences_forbidden`"
                ));
            }
        }
        let unknown = known.name().is_none();
        (self.unknown_refused && at_home && unknown).then(|| {
            "nobody knows its licence, and `models.unknown_licence` is \"refuse\"".to_owned()
        })
    }

    /// Returns why a model that is listed may not be used, if so. What comes with the program may.
    pub(crate) fn forbid_listed(&self, card: &ModelCard, tier: Tier) -> Option<String> {
        if card.stand_in {
            return None;
        }
        let stated = card.origin.licence.as_deref();
        // A model that was made of another comes under that one's terms, whatever it is called.
        let of = card.adapts.as_ref().unwrap_or(&card.name);
        let by_its_own_name = || self.forbid(card.name.as_str(), stated, false);
        self.forbid(of.as_str(), stated, tier == Tier::Edge).or_else(by_its_own_name)
    }

    /// Refuses to fetch a model whose licence is forbidden.
    pub(crate) fn check(&self, name: &str, stated: Option<&str>) -> Result<(), ModelsError> {
        self.forbid(name, stated, true).map_or(Ok(()), |why| {
            let what = format!("{name} is not fetched: {why}");
            Err(ModelsError::Refused { what, hint: HINT.to_owned() })
        })
    }
}

fn licence(model: Option<&'static Model>) -> Option<&'static Licence> {
    model?.licence.as_ref().map(|fact| fact.value)
}

/// What to do about a model that is forbidden.
pub(crate) const HINT: &str =
    "take another model, or change that setting; `oratory models list --available` shows licences";

/// Returns a name without what spellings differ in: case, points, hyphens, spaces.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(forbidden: &[&str], unknown_refused: bool) -> Rules {
        Rules { forbidden: forbidden.iter().map(ToString::to_string).collect(), unknown_refused }
    }

    #[test]
    fn a_licence_is_forbidden_by_its_beginning_however_it_is_written() {
        let rules = rules(&["llama", "Gemma"], false);
        for (name, stated) in [
            ("something", Some("llama3.1")),
            ("something", Some("LLAMA 3.2 COMMUNITY LICENSE AGREEMENT")),
            ("something", Some("gemma")),
            ("Llama-3.1-8B-Instruct-Q4_K_M", None),
            // What somebody made of it comes under its terms.
            ("Hermes-Llama-3.1-8B-merged", None),
            // Whatever somebody wrote on the page of a copy.
            ("Llama-3.1-8B-Instruct-Q4_K_M", Some("apache-2.0")),
        ] {
            let why =
                rules.forbid(name, stated, true).unwrap_or_else(|| panic!("{name} {stated:?}"));
            assert!(why.contains("models.licences_forbidden"), "{why}");
        }
        for (name, stated) in [("qwen3-8b", None), ("something", Some("mit")), ("something", None)]
        {
            assert_eq!(rules.forbid(name, stated, true), None, "{name} {stated:?}");
        }
    }

    #[test]
    fn what_nobody_knows_is_refused_at_home_alone_and_only_where_that_is_said() {
        let strict = rules(&[], true);
        assert!(strict.forbid("something", None, true).unwrap().contains("unknown_licence"));
        assert_eq!(strict.forbid("something", None, false), None);
        assert_eq!(strict.forbid("something", Some("our own"), true), None);
        assert_eq!(strict.forbid("qwen3-8b", None, true), None);
        assert!(!Rules::default().forbid_something());
    }

    #[test]
    fn what_is_known_is_told_with_its_source() {
        let known = Known::of("qwen3.5-9b", None);
        assert!(known.is_free());
        assert!(
            known.lines()[0]
                .contains("apache-2.0 (Apache 2.0: may be used for money), says the catalogue")
        );
        let known = Known::of("something", Some("llama3.1"));
        assert!(!known.is_free());
        assert!(known.lines()[0].contains("Llama 3.1 Community License"), "{:?}", known.lines());
        assert!(Known::of("something", None).lines()[0].contains("not stated"));
    }
}
