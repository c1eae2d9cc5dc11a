//! Step one: how sensitive is what was asked?
//!
//! What the caller declared and what was detected join upward; detection never lowers a label.

use oratory_contract::{Asked, Labels, Sensitivity};
use oratory_privacy::{Custom, Found};

/// What a request is labelled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    /// Everything in it.
    pub all: Labels,
    /// What a person said, or what holds when nobody said anything. Masking takes out what was
    /// found and nothing else, so this stays.
    pub stated: Labels,
    /// Whether it holds pictures or sounds, in which nobody can look for what is private.
    pub unreadable: bool,
}

impl Reading {
    /// Returns the reading of text in which nothing was found.
    pub fn stated(labels: Labels) -> Self {
        Self { all: labels.clone(), stated: labels, unreadable: false }
    }
}

/// Returns what the request is labelled.
///
/// `otherwise` is the level of text nobody has labelled. A caller may declare text public, but
/// what is found in it still counts, and so does the least level of a caller's own.
/// What its texts hold comes along, for masking.
pub(crate) fn read(asked: &Asked, otherwise: Sensitivity, custom: &Custom) -> (Reading, Found) {
    let least = Labels::of(asked.caller.least().unwrap_or(Sensitivity::Public));
    let stated = asked.declared.clone().unwrap_or_else(|| Labels::of(otherwise)).join(&least);
    let unreadable = asked.media().next().is_some();
    let reading = Reading { unreadable, ..Reading::stated(stated) };
    let mut found = Found::default();
    let reading = match oratory_privacy::labels_of(asked, custom, &mut found) {
        Some(labels) => Reading { all: reading.all.join(&labels), ..reading },
        None => reading,
    };
    (reading, found)
}
