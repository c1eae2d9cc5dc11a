//! The list of models that servers give in OpenAI's words, and what they add to it.
//!
//! Names and numbers only; what they tell of the server is `identify`'s matter.

use oratory_contract::{ModelCard, Readiness};
use serde_json::Value;

use crate::place::listed;

/// Models of one server that are looked at.
const MOST: usize = 500;
/// The longest name of a model.
const LONGEST: usize = 200;

/// A model as a server lists it.
pub(super) struct Entry<'a>(pub(super) &'a Value);

/// Returns the list in a server's answer; an empty one may be written as nothing.
pub(super) fn entries(answer: &Value) -> Option<Vec<Entry<'_>>> {
    let list = match answer.get("data")? {
        Value::Null => return Some(Vec::new()),
        list => list.as_array()?,
    };
    let named = list.iter().take(MOST).filter(|entry| entry["id"].is_string());
    let named: Vec<_> = named.map(Entry).collect();
    (list.is_empty() || !named.is_empty()).then_some(named)
}

impl Entry<'_> {
    pub(super) fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_default()
    }

    /// Returns the model, unless it is made for something else than answering.
    pub(super) fn card(&self) -> Option<ModelCard> {
        let number = |value: &Value| value.as_u64().filter(|number| *number > 0);
        let meta = &self.0["meta"];
        let context = [&meta["n_ctx"], &self.0["max_model_len"], &meta["n_ctx_train"]];
        let context = context.into_iter().find_map(number);
        let answers = matches!(self.text("type"), "" | "llm" | "vlm" | "model");
        let card = card(self.text("id")).filter(|_| answers)?;
        let loads = self.text("state") == "not-loaded";
        Some(ModelCard {
            readiness: if loads { Readiness::Cold } else { Readiness::Ready },
            context: context.or_else(|| number(&self.0["max_context_length"])).and_then(small),
            parameters: number(&meta["n_params"]),
            bytes: number(&meta["size"]),
            ..card
        })
    }
}

fn small(number: u64) -> Option<u32> {
    number.try_into().ok()
}

/// Returns what is known of a model by its name alone; `None` if that is none for us, or says that
/// it does not answer.
pub(super) fn card(name: &str) -> Option<ModelCard> {
    let lower = name.to_lowercase();
    let other = ["embed", "rerank", "whisper", "-tts", "stable-diffusion"];
    let usable = !name.is_empty() && name.len() <= LONGEST && !name.contains(char::is_control);
    (usable && !other.iter().any(|word| lower.contains(word))).then(|| listed(&name.into()))
}
