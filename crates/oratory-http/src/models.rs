//! The models there are, in the words of OpenAI and of Anthropic, which share a path.
//!
//! Ollama's words are in its own module; `all` is for every dialect.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, Uri};
use oratory_contract::{
    Ability, At, Caller, Failure, FailureKind, ModelCard, Readiness, Tier, Wanted,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::asking::now;
use crate::dialect::Dialect;
use crate::loaded::Loaded;
use crate::router::{House, Inside};
use crate::{clock, failures, health};

/// A model, and what it is asked for by.
pub(crate) struct Listed {
    /// At home its own name, elsewhere `place/model`.
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) card: ModelCard,
}

/// Returns every model that a caller may ask, nearest first.
pub(crate) fn all(house: &House, caller: &Caller) -> Vec<Listed> {
    let seen = house.pipeline.portfolio().seen_by(caller);
    let sites = seen.sites();
    let models = sites.iter().flat_map(|site| {
        let (place, tier) = (site.card().name.to_string(), site.card().tier);
        let listed = |card: &ModelCard| {
            let name = match tier {
                Tier::Edge => card.name.to_string(),
                _ => format!("{place}/{}", card.name),
            };
            Listed { name, place: place.clone(), card: card.clone() }
        };
        site.models().iter().map(listed).collect::<Vec<_>>()
    });
    models.collect()
}

/// Returns the models in memory that a caller may ask.
pub(crate) fn loaded(house: &House, caller: &Caller) -> Vec<Loaded> {
    let mut loaded = (house.config.loaded)();
    if !caller.models().is_empty() {
        let known = all(house, caller);
        loaded.retain(|loaded| known.iter().any(|model| model.name == loaded.model));
    }
    loaded
}

/// Returns the model a name means, by the rules by which a request is answered.
pub(crate) fn find(house: &House, name: &str, caller: &Caller) -> Result<Listed, Failure> {
    let unknown = || {
        let message = format!("there is no model {:?} here", failures::short(name));
        Failure::new(FailureKind::UnknownModel, At::Caller, message)
            .hint("GET /v1/models lists them")
    };
    let wanted = match house.pipeline.meant(&Wanted::parse(name), caller)? {
        Wanted::Any => return all(house, caller).into_iter().next().ok_or_else(unknown),
        Wanted::Named(name) => name,
    };
    let names = |model: &Listed| {
        // `home/mini` means `mini`, as it does in a chat.
        let bare = wanted.strip_prefix(model.place.as_str());
        let bare = bare.and_then(|rest| rest.strip_prefix('/'));
        model.name == wanted
            || model.card.is_named(&wanted)
            || bare.is_some_and(|bare| model.card.is_named(bare))
    };
    all(house, caller).into_iter().find(names).ok_or_else(unknown)
}

/// The models, in the words of whoever asks.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it only describes what is told")]
pub(crate) enum AnyList {
    OpenAi(List<OpenAi>),
    Anthropic(Page),
}

/// A model, in the words of whoever asks.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it only describes what is told")]
pub(crate) enum AnyModel {
    OpenAi(OpenAi),
    Anthropic(Anthropic),
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct List<T> {
    object: &'static str,
    data: Vec<T>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct OpenAi {
    id: String,
    object: &'static str,
    created: u64,
    owned_by: String,
    /// Oratory's own: whether the model can answer now, and why not.
    #[schemars(with = "serde_json::Value")]
    readiness: Readiness,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_length: Option<u32>,
    /// Oratory's own: what it can do, and first what it is for.
    #[schemars(with = "Vec<String>")]
    abilities: Vec<Ability>,
}

impl From<Listed> for OpenAi {
    fn from(model: Listed) -> Self {
        Self {
            id: model.name,
            object: "model",
            created: now(),
            owned_by: model.place,
            readiness: model.card.readiness,
            context_length: model.card.context,
            abilities: model.card.abilities,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Page {
    data: Vec<Anthropic>,
    has_more: bool,
    first_id: Option<String>,
    last_id: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Anthropic {
    r#type: &'static str,
    id: String,
    display_name: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_input_tokens: Option<u32>,
}

impl From<Listed> for Anthropic {
    fn from(model: Listed) -> Self {
        Self {
            r#type: "model",
            display_name: model.name.clone(),
            id: model.name,
            // Anthropic has this for moments that are not known.
            created_at: clock::written(0, None),
            max_input_tokens: model.card.context,
        }
    }
}

/// `GET /v1/models`
pub(crate) async fn list(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let models = all(&house, &caller).into_iter();
    if Dialect::of(&uri, &headers) != Dialect::Anthropic {
        return health::json(&List { object: "list", data: models.map(OpenAi::from).collect() });
    }
    // They are few enough for one page, whatever size of it is asked for.
    let data: Vec<Anthropic> = models.map(Anthropic::from).collect();
    let id = |model: Option<&Anthropic>| model.map(|model| model.id.clone());
    let (first_id, last_id) = (id(data.first()), id(data.last()));
    health::json(&Page { data, has_more: false, first_id, last_id })
}

/// `GET /v1/models/NAME`
pub(crate) async fn one(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    uri: Uri,
    name: Result<Path<String>, PathRejection>,
) -> Response {
    let dialect = Dialect::of(&uri, &headers);
    let Ok(Path(name)) = name else {
        let message = "the model's name in the path is not UTF-8";
        let failure = Failure::new(FailureKind::Invalid, At::Caller, message);
        return dialect.failure(&failure.hint("GET /v1/models lists them"), Some("model"));
    };
    match find(&house, &name, &caller) {
        Ok(model) if dialect == Dialect::Anthropic => health::json(&Anthropic::from(model)),
        Ok(model) => health::json(&OpenAi::from(model)),
        Err(failure) => dialect.failure(&failure, Some("model")),
    }
}
