//! Licences of models: what each allows, in a line.

use std::sync::LazyLock;

use serde::Serialize;

use crate::fact::rows;

/// The terms a model comes under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Licence {
    /// Its short name: `apache-2.0`.
    pub name: &'static str,
    /// Its name.
    pub title: &'static str,
    /// Whether money may be made with the model.
    pub commerce: Commerce,
    /// What to know before.
    pub note: &'static str,
    /// Where its text stands.
    pub text: &'static str,
}

/// Whether money may be made with a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Commerce {
    /// It may.
    Free,
    /// It may by some, or in some ways.
    Conditions,
    /// It may not.
    No,
}

static LICENCES: LazyLock<Vec<Licence>> = LazyLock::new(|| {
    let rows = rows(include_str!("../data/licences.txt"));
    rows.map(|row| read(row).expect("the table is checked by a test")).collect()
});

fn read(row: &'static str) -> Option<Licence> {
    let mut cells = row.split(" | ").map(str::trim);
    let mut next = || cells.next();
    let (name, title) = (next()?, next()?);
    let commerce = match next()? {
        "free" => Commerce::Free,
        "conditions" => Commerce::Conditions,
        "no" => Commerce::No,
        _ => return None,
    };
    Some(Licence { name, title, commerce, note: next()?, text: next()? })
}

/// Returns the licence of that short name.
pub(crate) fn named(name: &str) -> Option<&'static Licence> {
    LICENCES.iter().find(|licence| licence.name == name)
}

/// First words of licences that are not their names: `MIT License`, `Apache License Version 2.0`.
const SPELLINGS: [(&str, &str); 2] = [("apachelicense", "apache-2.0"), ("mitlicense", "mit")];

/// Returns the licence that is meant by a name, or by the first words of its text.
pub fn licence(text: &str) -> Option<&'static Licence> {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let text = plain(text);
    let is = |licence: &&Licence| {
        plain(licence.name) == text
            || text.starts_with(&plain(licence.title)) && licence.name != "mit"
    };
    let spelt = || SPELLINGS.iter().find(|(words, _)| text.starts_with(words));
    LICENCES.iter().find(is).or_else(|| named(spelt()?.1))
}

#[cfg(test)]
mod tests {
    use super::licence;

    #[test]
    fn a_licence_is_known_by_any_spelling_of_its_name() {
        for (text, name) in [
            ("llama3.1", "llama-3.1"),
            ("LLAMA 3.2 COMMUNITY LICENSE AGREEMENT", "llama-3.2"),
            ("Apache License", "apache-2.0"),
            ("apache-2.0", "apache-2.0"),
            ("MIT License", "mit"),
            ("mit", "mit"),
            ("Gemma Terms of Use", "gemma"),
        ] {
            assert_eq!(licence(text).map(|licence| licence.name), Some(name), "{text}");
        }
        for text in ["", "other", "mitigated", "cc-by-nc-4.0"] {
            assert_eq!(licence(text), None, "{text}");
        }
    }
}
