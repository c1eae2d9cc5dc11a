//! Open-weight models that people run.

use std::sync::LazyLock;

use serde::Serialize;

use crate::fact::{Confidence, Fact, cell, count, rows};
use crate::licence::{Licence, named};
use crate::names::{means, parts};

/// What is known of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Model {
    /// Its name here: `qwen3.5-9b`.
    pub name: &'static str,
    /// Its name in its maker's spelling.
    pub title: &'static str,
    /// The family it belongs to.
    pub family: &'static str,
    /// Its weights.
    pub parameters: Option<Fact<u64>>,
    /// The weights used for each token, where not all are.
    pub active: Option<Fact<u64>>,
    /// The tokens it can hold.
    pub context: Option<Fact<u64>>,
    /// Its terms.
    pub licence: Option<Fact<&'static Licence>>,
    /// Bytes of its file by the way its weights are written, where files were looked at.
    pub sizes: Vec<(&'static str, Fact<u64>)>,
    /// What it can do beside writing: `tools`, `reasoning`, `vision`, `audio`, `embedding`.
    pub abilities: Option<Fact<Vec<&'static str>>>,
    /// Its names, taken apart.
    #[serde(skip)]
    names: Vec<Vec<String>>,
}

/// Bits a weight takes on average, with what is beside the weights.
const BITS: [(&str, f64); 4] = [("Q4_K_M", 4.9), ("Q5_K_M", 5.7), ("Q6_K", 6.6), ("Q8_0", 8.5)];

static MODELS: LazyLock<Vec<Model>> = LazyLock::new(|| {
    let rows = rows(include_str!("../data/models.txt"));
    rows.map(|row| read(row).expect("the table is checked by a test")).collect()
});

/// Returns every model in the table.
pub fn models() -> &'static [Model] {
    &MODELS
}

/// Returns what is known of the model that is meant by a name, however it is written.
pub fn model(name: &str) -> Option<&'static Model> {
    let wanted = parts(name);
    let length =
        |model: &Model| model.names.iter().filter(|name| means(&wanted, name)).map(Vec::len).max();
    let named = MODELS.iter().filter_map(|model| Some((length(model)?, model)));
    named.max_by_key(|(length, _)| *length).map(|(_, model)| model)
}

/// Returns the model whose name is a part of a longer one, as of what people make of a model.
pub fn origin(name: &str) -> Option<&'static Model> {
    let wanted = parts(name);
    let within = |name: &&Vec<String>| {
        // One word alone, such as a family's, is in too many names.
        name.len() > 1 && wanted.windows(name.len()).any(|part| part == name.as_slice())
    };
    let length = |model: &Model| model.names.iter().filter(within).map(Vec::len).max();
    let named = MODELS.iter().filter_map(|model| Some((length(model)?, model)));
    named.max_by_key(|(length, _)| *length).map(|(_, model)| model)
}

impl Model {
    /// Returns the bytes of its file in one of the usual ways to write weights.
    pub fn size(&self, quantisation: &str) -> Option<Fact<u64>> {
        let same = |name: &str| name.eq_ignore_ascii_case(quantisation);
        if let Some((_, size)) = self.sizes.iter().find(|(name, _)| same(name)) {
            return Some(size.clone());
        }
        let (_, bits) = BITS.iter().find(|(name, _)| same(name))?;
        let parameters = self.parameters.as_ref()?;
        let value = (parameters.value as f64 * bits / 8.0) as u64;
        Some(Fact { value, source: parameters.source, confidence: Confidence::WorkedOut })
    }

    /// Says whether a name, taken apart, means this model.
    pub(crate) fn is_meant_by(&self, wanted: &[String]) -> bool {
        self.names.iter().any(|name| means(wanted, name))
    }

    /// Says whether it can do something beside writing.
    pub fn can(&self, ability: &str) -> bool {
        self.abilities.as_ref().is_some_and(|abilities| abilities.value.contains(&ability))
    }
}

fn read(row: &'static str) -> Option<Model> {
    let cells: Vec<&'static str> = row.split('|').map(str::trim).collect();
    let [names, title, family, all, active, context, terms, sizes, abilities] = cells[..] else {
        return None;
    };
    let number = |text: &'static str| match cell(text) {
        Some(fact) => fact.and_then(count).map(Some),
        None => text.is_empty().then_some(None),
    };
    Some(Model {
        name: names.split(' ').next()?,
        title,
        family,
        parameters: number(all)?,
        active: number(active)?,
        context: number(context)?,
        licence: cell(terms).map_or(Some(None), |fact| fact.and_then(named).map(Some))?,
        sizes: sizes.split_whitespace().map(size).collect::<Option<_>>()?,
        abilities: cell(abilities).and_then(|fact| fact.and_then(words)),
        names: names.split(' ').map(parts).collect(),
    })
}

fn size(text: &'static str) -> Option<(&'static str, Fact<u64>)> {
    let (quantisation, fact) = text.split_once('=')?;
    Some((quantisation, cell(fact)?.and_then(count)?))
}

fn words(text: &'static str) -> Option<Vec<&'static str>> {
    Some(text.split_whitespace().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Option<&'static str> {
        model(name).map(|model| model.name)
    }

    #[test]
    fn every_row_is_read_and_no_two_have_one_name() {
        assert!(models().len() > 60);
        for model in models() {
            assert_eq!(named(model.name), Some(model.name));
            let sources = ["card", "gguf", "models.dev", "known"];
            let facts = [&model.parameters, &model.active, &model.context];
            assert!(facts.into_iter().flatten().all(|fact| sources.contains(&fact.source)));
            let active = model.active.as_ref().map_or(0, |fact| fact.value);
            let all = model.parameters.as_ref().map_or(u64::MAX, |fact| fact.value);
            assert!(active < all, "{}", model.name);
        }
    }

    #[test]
    fn a_model_is_known_however_it_is_written() {
        for name in [
            "qwen3.5:9b",
            "unsloth/Qwen3.5-9B-GGUF:Q4_K_M",
            "Qwen/Qwen3.5-9B",
            "qwen3.5-9b-instruct-q8_0",
            "Qwen3.5-9B-UD-IQ4_XS",
        ] {
            assert_eq!(named(name), Some("qwen3.5-9b"), "{name}");
        }
        assert_eq!(named("gemma3:27b-it-qat"), Some("gemma-3-27b"));
        assert_eq!(named("Meta-Llama-3.1-8B-Instruct-Q4_K_M"), Some("llama-3.1-8b"));
        assert_eq!(named("gpt-oss:20b"), Some("gpt-oss-20b"));
        assert_eq!(named("Qwen3-30B-A3B-Instruct-2507"), Some("qwen3-30b-a3b-2507"));
        assert_eq!(named("phi4"), Some("phi-4"));
        assert_eq!(named("Mistral-Small-3.2-24B-Instruct-2506"), Some("mistral-small-3.2"));
    }

    #[test]
    fn what_somebody_made_of_a_model_is_another() {
        for name in ["llama-3.1-8b-wizard", "qwen3", "qwen3.5-9b-abliterated", "", "gpt-4o", "-:/"]
        {
            assert_eq!(named(name), None, "{name}");
        }
    }

    #[test]
    fn a_size_that_was_not_read_is_worked_out_and_says_so() {
        let model = model("qwen3.5-9b").unwrap();
        assert_eq!(model.size("q4_k_m").unwrap().value, 5_680_529_408);
        let worked_out = model.size("Q8_0").unwrap();
        assert_eq!(worked_out.confidence, Confidence::WorkedOut);
        assert!((9.5e9..11e9).contains(&(worked_out.value as f64)));
        assert!(model.can("tools") && !model.can("embedding"));
        assert_eq!(model.licence.as_ref().unwrap().value.commerce, crate::Commerce::Free);
    }
}
