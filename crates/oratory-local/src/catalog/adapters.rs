//! Adapters among the model files: each makes a variant of every model here that it fits.
//!
//! A variant is listed as `model+adapter`. An adapter that fits none is listed, and why.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use oratory_contract::ModelName;

use super::{Damaged, Entry};
use crate::adapter;
use crate::purpose::Purpose;

/// The most variants that are listed; nobody has thousands of adapters for one machine.
const MOST: usize = 256;

/// What makes an entry a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variant {
    /// The model it is a variant of.
    pub(crate) base: ModelName,
    /// The adapter's file.
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// Changes whenever that file does.
    pub(crate) revision: u64,
}

/// Memory that the adapters of one model take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AdapterBytes {
    pub(crate) all: u64,
    pub(crate) largest: u64,
}

/// Takes the adapters out of `entries`.
pub(super) fn take(entries: &mut Vec<Entry>) -> Vec<Entry> {
    let is_adapter =
        |entry: &mut Entry| entry.facts.as_ref().is_ok_and(|facts| facts.adapter.is_some());
    entries.extract_if(.., is_adapter).collect()
}

/// Adds the variants that `adapters` make of the models in `entries`.
pub(super) fn add(entries: &mut Vec<Entry>, adapters: Vec<Entry>) {
    let mut variants = Vec::new();
    for adapter in adapters {
        let mut why = None;
        let before = variants.len();
        for base in entries.iter_mut() {
            match fits(&adapter, base) {
                Ok(()) => {
                    base.adapters.all = base.adapters.all.saturating_add(adapter.bytes);
                    base.adapters.largest = base.adapters.largest.max(adapter.bytes);
                    variants.push(variant(&adapter, base));
                }
                Err(reason) => why = why.or(reason),
            }
        }
        if variants.len() == before {
            variants.push(useless(adapter, why));
        }
    }
    variants.truncate(MOST);
    entries.extend(variants);
}

/// Returns why an adapter does not fit; `Err(None)` if the model takes none.
fn fits(adapter: &Entry, base: &Entry) -> Result<(), Option<String>> {
    let (Ok(own), Ok(facts)) = (&adapter.facts, &base.facts) else { return Err(None) };
    match Purpose::of(facts) {
        Some(Purpose::Write) => {}
        _ => return Err(None),
    }
    let about = |why: String| match own.architecture == facts.architecture {
        true => Some(format!("of {} it is said: {why}", base.name)),
        false => None,
    };
    adapter::fits(own, facts).map_err(about)
}

fn variant(adapter: &Entry, base: &Entry) -> Entry {
    let mut hasher = DefaultHasher::new();
    (base.revision, adapter.revision).hash(&mut hasher);
    Entry {
        name: format!("{}+{}", base.name, adapter.name).into(),
        revision: hasher.finish(),
        variant: Some(Variant {
            base: base.name.clone(),
            path: adapter.path.clone(),
            bytes: adapter.bytes,
            revision: adapter.revision,
        }),
        ..base.clone()
    }
}

/// Returns the entry of an adapter that no model here can use.
fn useless(adapter: Entry, why: Option<String>) -> Entry {
    let sound = adapter.facts.as_ref().map_or(Ok(()), adapter::sound);
    let family = adapter.facts.as_ref().ok().and_then(|facts| facts.architecture.clone());
    let (message, hint) = match sound {
        Err(why) => (
            format!("it is an adapter that cannot be used: {why}"),
            "remove it, or convert it anew",
        ),
        Ok(()) => {
            let family = family.unwrap_or_default();
            let why = why.map_or(String::new(), |why| format!("; {why}"));
            let message = format!("it is an adapter for a {family} model, and none here fits{why}");
            (message, "put the model it was made for into the models folder")
        }
    };
    Entry { facts: Err(Damaged { message, hint: hint.to_owned() }), ..adapter }
}
