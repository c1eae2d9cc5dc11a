//! `GET /api/tags`, `/api/ps` and `/api/version`: what is here, what is in memory.
//!
//! What Oratory does not know of a file is left empty, or where clients want a moment, 1970, and where they
//! want a digest, noughts.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use crate::loaded::Loaded;
use crate::models::{self, Listed};
use crate::router::{House, Inside};
use crate::{clock, health};

/// The version of Ollama's interface that is spoken here: clients compare it with the one they
/// need, so Oratory's own would say something wrong.
const SPOKEN: &str = "0.13.0";

/// What a model is made of, as far as it is known.
#[derive(Serialize, JsonSchema)]
pub(super) struct Details {
    parent_model: String,
    format: &'static str,
    family: String,
    families: Vec<String>,
    parameter_size: String,
    quantization_level: String,
}

impl Details {
    pub(super) fn of(model: &Listed) -> Self {
        let parent = model.card.adapts.as_ref();
        let (parameters, origin) = (model.card.parameters, &model.card.origin);
        Self {
            parent_model: parent.map(ToString::to_string).unwrap_or_default(),
            format: if model.card.bytes.is_some() { "gguf" } else { "" },
            family: origin.family.clone().unwrap_or_default(),
            families: origin.family.iter().cloned().collect(),
            parameter_size: parameters.map(size).unwrap_or_default(),
            quantization_level: origin.quantisation.clone().unwrap_or_default(),
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

/// Returns the digest of its file. Where nobody knows it, noughts: some clients cut it to their
/// taste, and would end over a shorter one.
fn digest(model: &Listed) -> String {
    model.card.origin.sha256.clone().unwrap_or_else(|| "0".repeat(64))
}

/// Returns when its file was last changed; 1970 where nobody knows.
pub(super) fn modified(model: &Listed) -> String {
    clock::written(model.card.origin.modified.unwrap_or(0), None)
}

/// The models there are.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tags {
    models: Vec<Tag>,
}

#[derive(Serialize, JsonSchema)]
struct Tag {
    name: String,
    model: String,
    modified_at: String,
    size: u64,
    digest: String,
    details: Details,
}

/// The models in memory.
#[derive(Serialize, JsonSchema)]
pub(super) struct Running {
    models: Vec<Held>,
}

#[derive(Serialize, JsonSchema)]
struct Held {
    name: String,
    model: String,
    size: u64,
    digest: String,
    details: Option<Details>,
    expires_at: String,
    size_vram: u64,
    context_length: u32,
}

/// The version that is spoken, and Oratory's own.
#[derive(Serialize, JsonSchema)]
pub(super) struct Version {
    version: &'static str,
    oratory: &'static str,
}

/// `GET /api/tags`
pub(super) async fn tags(Inside(caller): Inside, State(house): State<Arc<House>>) -> Response {
    let one = |model: Listed| Tag {
        name: model.name.clone(),
        model: model.name.clone(),
        modified_at: modified(&model),
        size: model.card.bytes.unwrap_or(0),
        digest: digest(&model),
        details: Details::of(&model),
    };
    health::json(&Tags { models: models::all(&house, &caller).into_iter().map(one).collect() })
}

/// `GET /api/ps`
pub(super) async fn ps(Inside(caller): Inside, State(house): State<Arc<House>>) -> Response {
    let known = models::all(&house, &caller);
    let one = |loaded: Loaded| {
        let model = known.iter().find(|model| model.name == loaded.model);
        // One at work leaves later; a client that wants to know when asks again.
        let leaves = Duration::from_secs(loaded.leaves_in_seconds.unwrap_or(0));
        Held {
            name: loaded.model.clone(),
            model: loaded.model,
            size: loaded.memory_bytes,
            digest: model.map(digest).unwrap_or_default(),
            details: model.map(Details::of),
            expires_at: clock::from_now(leaves),
            size_vram: 0,
            context_length: loaded.context.unwrap_or(0),
        }
    };
    health::json(&Running {
        models: models::loaded(&house, &caller).into_iter().map(one).collect(),
    })
}

/// `GET /api/version`
pub(super) async fn version(_: Inside, State(house): State<Arc<House>>) -> Response {
    health::json(&Version { version: SPOKEN, oratory: house.config.version })
}
