//! `GET /api/tags`, `/api/ps` and `/api/version`: what is here, what is in memory.
//!
//! What Oratory does not know of a file is left empty, or, where clients want a moment, 1970.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};

use crate::loaded::Loaded;
use crate::models::{self, Listed};
use crate::router::{House, Inside};
use crate::{clock, health};

/// The version of Ollama's interface that is spoken here: clients compare it with the one they
/// need, so Oratory's own would say something wrong.
const SPOKEN: &str = "0.13.0";

/// What a model is made of, as far as it is known.
#[derive(Serialize)]
pub(super) struct Details {
    parent_model: String,
    format: &'static str,
    family: &'static str,
    families: Vec<&'static str>,
    parameter_size: String,
    quantization_level: &'static str,
}

impl Details {
    pub(super) fn of(model: &Listed) -> Self {
        let parent = model.card.adapts.as_ref();
        let parameters = model.card.parameters;
        Self {
            parent_model: parent.map(ToString::to_string).unwrap_or_default(),
            format: if model.card.bytes.is_some() { "gguf" } else { "" },
            family: "",
            families: Vec::new(),
            parameter_size: parameters.map(size).unwrap_or_default(),
            quantization_level: "",
        }
    }
}

/// Returns a number of weights as people write it.
fn size(parameters: u64) -> String {
    match parameters as f64 {
        many if many >= 1e9 => format!("{:.1}B", many / 1e9),
        many if many >= 1e6 => format!("{:.2}M", many / 1e6),
        many => format!("{:.2}K", many / 1e3),
    }
}

/// Returns which of the files that have had this name it is, as long as a digest, which some
/// clients cut to their taste.
fn digest(model: &Listed) -> String {
    format!("{:064x}", model.card.revision)
}

/// `GET /api/tags`
pub(crate) async fn tags(_: Inside, State(house): State<Arc<House>>) -> Response {
    let one = |model: Listed| {
        json!({
            "name": model.name,
            "model": model.name,
            "modified_at": clock::written(0, None),
            "size": model.card.bytes.unwrap_or(0),
            "digest": digest(&model),
            "details": Details::of(&model),
        })
    };
    let models: Vec<Value> = models::all(&house).into_iter().map(one).collect();
    health::json(&json!({ "models": models }))
}

/// `GET /api/ps`
pub(crate) async fn ps(_: Inside, State(house): State<Arc<House>>) -> Response {
    let known = models::all(&house);
    let one = |loaded: Loaded| {
        let model = known.iter().find(|model| model.name == loaded.model);
        // One at work leaves later; a client that wants to know when asks again.
        let leaves = Duration::from_secs(loaded.leaves_in_seconds.unwrap_or(0));
        json!({
            "name": loaded.model,
            "model": loaded.model,
            "size": loaded.memory_bytes,
            "digest": model.map(digest).unwrap_or_default(),
            "details": model.map(Details::of),
            "expires_at": clock::from_now(leaves),
            "size_vram": 0,
            "context_length": loaded.context.unwrap_or(0),
        })
    };
    let models: Vec<Value> = (house.config.loaded)().into_iter().map(one).collect();
    health::json(&json!({ "models": models }))
}

/// `GET /api/version`
pub(crate) async fn version(_: Inside, State(house): State<Arc<House>>) -> Response {
    health::json(&json!({ "version": SPOKEN, "oratory": house.config.version }))
}
