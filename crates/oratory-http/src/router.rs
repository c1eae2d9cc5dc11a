//! Which path leads where. What a path does is its module's matter.
//!
//! Unknown paths and methods get an answer in words, too.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Uri};
use oratory_contract::{At, CallerName, Failure, FailureKind};
use oratory_pipeline::Pipeline;

use crate::dialect::Dialect;
use crate::loaded::Loaded;
use crate::meters::{Meter, Meters};
use crate::reading::Budget;
use crate::{Check, Door, anthropic, failures, health, models, ollama, openai};

/// What the service is built from.
pub struct Config {
    /// Who may come in.
    pub door: Door,
    /// The largest request body, in bytes.
    pub body: usize,
    /// Oratory's version, as `/health` tells it.
    pub version: &'static str,
    /// How long a stream says nothing before it gives a sign of life.
    pub silence: Duration,
    /// What `/health` looks at.
    pub checks: Box<dyn Fn() -> Vec<Check> + Send + Sync>,
    /// What `/metrics` adds to the counters.
    pub meters: Box<dyn Fn() -> Vec<Meter> + Send + Sync>,
    /// The models in memory, as `/loaded` tells them.
    pub loaded: Box<dyn Fn() -> Vec<Loaded> + Send + Sync>,
}

/// What every handler can reach.
pub struct House {
    pub(crate) pipeline: Pipeline,
    pub(crate) config: Config,
    pub(crate) meters: Meters,
    pub(crate) budget: Budget,
    pub(crate) caller: CallerName,
    pub(crate) responses: openai::Shelf,
}

impl House {
    /// Returns the house around a pipeline.
    pub fn new(pipeline: Pipeline, config: Config) -> Arc<Self> {
        let budget = Budget::new(config.body);
        let caller = "http".into();
        let (meters, responses) = (Meters::default(), openai::Shelf::default());
        Arc::new(Self { pipeline, config, meters, budget, caller, responses })
    }

    /// Returns the router that serves it.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/v1/chat/completions", post(openai::chat))
            .route("/v1/completions", post(openai::completions))
            .route("/v1/responses", post(openai::respond))
            .route("/v1/responses/{id}", get(openai::show).delete(openai::forget))
            .route("/v1/embeddings", post(openai::embeddings))
            .route("/v1/rerank", post(openai::rerank))
            .route("/v1/models", get(models::list))
            .route("/v1/models/{*name}", get(models::one))
            .route("/v1/messages", post(anthropic::messages))
            .route("/v1/messages/count_tokens", post(anthropic::count_tokens))
            .route("/api/chat", post(ollama::chat))
            .route("/api/generate", post(ollama::generate))
            .route("/api/embed", post(ollama::embed))
            .route("/api/embeddings", post(ollama::embeddings))
            .route("/api/tags", get(ollama::tags))
            .route("/api/ps", get(ollama::ps))
            .route("/api/show", post(ollama::show))
            .route("/api/version", get(ollama::version))
            .route("/api/pull", post(ollama::elsewhere))
            .route("/api/push", post(ollama::elsewhere))
            .route("/api/create", post(ollama::elsewhere))
            .route("/api/copy", post(ollama::elsewhere))
            .route("/api/delete", axum::routing::delete(ollama::elsewhere))
            .route("/metrics", get(metrics))
            .route("/loaded", get(loaded))
            // A health check has no secrets and must work without a key.
            .route("/health", get(health))
            .route("/", get(root))
            .fallback(nowhere)
            .method_not_allowed_fallback(not_so)
            .with_state(self)
    }
}

/// Whoever is inside came through the door; a handler that asks for it sees nobody else.
///
/// Not a layer: axum boxes a future for each layer of each request.
pub(crate) struct Inside;

impl FromRequestParts<Arc<House>> for Inside {
    type Rejection = Response;

    async fn from_request_parts(head: &mut Parts, house: &Arc<House>) -> Result<Self, Response> {
        match house.config.door.check(&head.headers, &head.uri) {
            Ok(()) => Ok(Self),
            Err(failure) => Err(Dialect::spoken(head).failure(&failure, None)),
        }
    }
}

async fn root() -> &'static str {
    "Oratory is running. Its API is under /v1, its health at /health.\n"
}

async fn health(State(house): State<Arc<House>>) -> Response {
    health::response(house.config.version, &(house.config.checks)())
}

async fn metrics(_: Inside, State(house): State<Arc<House>>) -> String {
    house.meters.page(&(house.config.meters)())
}

async fn loaded(_: Inside, State(house): State<Arc<House>>) -> Response {
    health::json(&(house.config.loaded)())
}

async fn nowhere(headers: HeaderMap, uri: Uri) -> Response {
    let message = format!("there is nothing at {}", failures::short(uri.path()));
    let hint = "chat is at /v1/chat/completions, models at /v1/models";
    wrong_door(Dialect::of(&uri, &headers), StatusCode::NOT_FOUND, message, hint)
}

async fn not_so(method: Method, headers: HeaderMap, uri: Uri) -> Response {
    let (path, method) = (failures::short(uri.path()), failures::short(method.as_str()));
    let message = format!("{path} does not take {method}");
    let (dialect, status) = (Dialect::of(&uri, &headers), StatusCode::METHOD_NOT_ALLOWED);
    wrong_door(dialect, status, message, "chat is a POST, lists are GETs")
}

fn wrong_door(dialect: Dialect, status: StatusCode, message: String, hint: &str) -> Response {
    let failure = Failure::new(FailureKind::Invalid, At::Caller, message).hint(hint);
    let mut response = dialect.failure(&failure, None);
    *response.status_mut() = status;
    response
}
