//! Which path leads where. What a path does is its module's matter.
//!
//! Unknown paths and methods get an answer in words, too.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Uri};
use oratory_contract::{At, Caller, Failure, FailureKind};
use oratory_pipeline::Pipeline;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::batches::Desks;
use crate::changes::Changes;
use crate::dialect::Dialect;
use crate::loaded::Loaded;
use crate::manners::Served;
use crate::meters::{Meter, Meters};
use crate::openapi::{Operation, Paths};
use crate::reading::Budget;
use crate::{Check, Door, anthropic, failures, health, models, ollama, openai};

const TEXT: &str = "text/plain; charset=utf-8";

/// Looks for what is private: kinds of it, and how sure each is.
pub type Detect = dyn Fn(&str) -> Vec<(String, f32)> + Send + Sync;

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
    /// The detectors that requests pass.
    pub privacy: Box<Detect>,
    /// Who changes models for clients, where a person has allowed it.
    pub changes: Option<Box<dyn Changes>>,
    /// Who waits for answers that no client waits for.
    pub tasks: TaskTracker,
    /// The folder for files and batches, if they are to be kept.
    pub files: Option<PathBuf>,
    /// Says that the house closes.
    pub stop: CancellationToken,
}

/// What every handler can reach.
pub struct House {
    pub(crate) pipeline: Pipeline,
    pub(crate) config: Config,
    pub(crate) meters: Meters,
    pub(crate) budget: Budget,
    pub(crate) responses: openai::Shelf,
    pub(crate) desks: Option<Desks>,
    /// What `/openapi.json` tells, once it was asked for.
    description: OnceLock<Bytes>,
}

impl House {
    /// Returns the house around a pipeline. Batches that wait are worked on from here on: call it
    /// from within a runtime.
    pub fn new(pipeline: Pipeline, config: Config) -> Arc<Self> {
        let budget = Budget::new(config.body);
        let desks = config.files.clone().map(Desks::new);
        let (meters, responses) = (Meters::default(), openai::Shelf::default());
        let description = OnceLock::new();
        let house =
            Arc::new(Self { pipeline, config, meters, budget, responses, desks, description });
        if let Some(desks) = &house.desks {
            desks.go_on(&house);
        }
        house
    }

    /// Returns what serves it.
    pub fn router(self: Arc<Self>) -> Served {
        let origins = self.config.door.origins().clone();
        let router = paths().router().fallback(nowhere).method_not_allowed_fallback(not_so);
        Served { router: router.with_state(self), origins }
    }
}

/// Returns the description of every path that is served, as `/openapi.json` tells it.
pub fn description(version: &'static str) -> String {
    paths().description(version)
}

/// Returns every path, and what it does.
fn paths() -> Paths {
    let own = |name, about| Operation::new(name, Dialect::OpenAi, about).of_oratory();
    let paths = ollama::paths(anthropic::paths(openai::paths(Paths::new())));
    paths
        .get("/metrics", metrics, own("metrics", "Counts, as Prometheus reads them.").sends(TEXT))
        .get(
            "/loaded",
            loaded,
            own("loaded", "The models in memory.").tells::<Vec<Loaded>>("Loaded"),
        )
        // A health check has no secrets and must work without a key.
        .get(
            "/health",
            health,
            own("health", "Whether all is well.").tells::<health::Report>("Health"),
        )
        .get(
            "/openapi.json",
            openapi,
            own("openapi", "This description.").tells::<Value>("OpenApi"),
        )
        .get("/", root, own("root", "A sign of life.").sends(TEXT))
}

/// Whoever is inside came through the door; a handler that asks for it sees nobody else.
///
/// Not a layer: axum boxes a future for each layer of each request.
pub(crate) struct Inside(pub(crate) Caller);

impl FromRequestParts<Arc<House>> for Inside {
    type Rejection = Response;

    async fn from_request_parts(head: &mut Parts, house: &Arc<House>) -> Result<Self, Response> {
        match house.config.door.check(&head.headers, &head.uri) {
            Ok(caller) => {
                // For whoever gets the request and nothing else.
                head.extensions.insert(caller.clone());
                Ok(Self(caller))
            }
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

async fn loaded(Inside(caller): Inside, State(house): State<Arc<House>>) -> Response {
    health::json(&models::loaded(&house, &caller))
}

async fn openapi(_: Inside, State(house): State<Arc<House>>) -> Response {
    let written = house.description.get_or_init(|| description(house.config.version).into());
    health::json_bytes(written.clone())
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
