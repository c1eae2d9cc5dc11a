//! OpenAI's dialect, as we serve it: chat completions and models.
//!
//! Decodes, hands over, encodes. Fields it does not know are ignored; fields it knows and
//! cannot honour are refused by name.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue};
use oratory_contract::{At, Failure, FailureKind, Labels, Readiness, Sensitivity};
use oratory_pipeline::Decision;
use serde::Serialize;

use crate::router::House;
use crate::{failures, health};

mod question;
mod reply;
mod stream;
mod telling;

use question::Question;

/// What is wrong with a request, and in which field.
#[derive(Debug)]
pub(crate) struct Rejected {
    failure: Failure,
    param: Option<String>,
}

impl Rejected {
    fn field(param: &str, message: impl Into<String>) -> Self {
        let failure = Failure::new(FailureKind::Invalid, At::Caller, message);
        Self { failure, param: Some(param.to_owned()) }
    }
}

impl From<Failure> for Rejected {
    fn from(failure: Failure) -> Self {
        let unknown = failure.kind == FailureKind::UnknownModel;
        Self { failure, param: unknown.then(|| "model".to_owned()) }
    }
}

/// `POST /v1/chat/completions`
pub(crate) async fn chat(State(house): State<Arc<House>>, request: Request) -> Response {
    let began = Instant::now();
    match answer(&house, request, began).await {
        Ok(response) => response,
        Err(rejected) => {
            house.meters.failed(rejected.failure.kind);
            failures::openai(&rejected.failure, rejected.param.as_deref())
        }
    }
}

async fn answer(
    house: &Arc<House>,
    request: Request,
    began: Instant,
) -> Result<Response, Rejected> {
    let (head, body) = request.into_parts();
    let declared = declared(&head.headers)?;
    let bytes = read(body, house.config.body).await?;
    let question = Question::read(&bytes)?;
    let streams = question.streams();
    let usage = question.wants_usage();
    let asked = question.into_asked(house.caller.clone(), declared)?;
    let telling = telling::Telling::begin(house.clone(), began);
    let told = match house.pipeline.answer(asked).await {
        Ok(told) => told,
        Err(failure) => {
            // Counted by the caller of this function, like every other rejection.
            telling.counted_elsewhere();
            return Err(failure.into());
        }
    };
    let decision = told.decision;
    let head = reply::Head::new(decision.id, told.answer.model.clone(), now());
    let mut response = if streams {
        stream::response(&head, told.answer.chunks, telling, usage)
    } else {
        reply::response(&head, told.answer.chunks, telling).await?
    };
    mark(response.headers_mut(), &decision);
    Ok(response)
}

/// Says in headers which request this was and who answered.
fn mark(headers: &mut HeaderMap, decision: &Decision) {
    let mut put = |name: &'static str, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    };
    put("x-request-id", &decision.id.to_string());
    put("x-oratory-place", &format!("{}/{}", decision.place, decision.model));
    put("x-oratory-labels", &decision.labels);
}

/// Returns the label the caller put on the request, in the `x-oratory-label` header.
fn declared(headers: &HeaderMap) -> Result<Option<Labels>, Rejected> {
    let Some(value) = headers.get("x-oratory-label") else { return Ok(None) };
    let level = value.to_str().map_err(|_| "it is not text".to_owned());
    let level = level.and_then(str::parse::<Sensitivity>);
    level
        .map(|level| Some(Labels::of(level)))
        .map_err(|why| Rejected::field("x-oratory-label", format!("`x-oratory-label`: {why}")))
}

async fn read(body: Body, limit: usize) -> Result<bytes::Bytes, Rejected> {
    axum::body::to_bytes(body, limit).await.map_err(|error| {
        let message = format!("the body could not be read, or is larger than {limit} bytes");
        Failure::new(FailureKind::TooLarge, At::Caller, message)
            .hint("send less, or raise `server.body_megabytes`")
            .because(error)
            .into()
    })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[derive(Serialize)]
struct List {
    object: &'static str,
    data: Vec<Model>,
}

#[derive(Serialize)]
struct Model {
    id: String,
    object: &'static str,
    created: u64,
    owned_by: String,
    /// Oratory's own: whether the model can answer now, and why not.
    readiness: Readiness,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_length: Option<u32>,
}

/// `GET /v1/models`
pub(crate) async fn models(State(house): State<Arc<House>>) -> Response {
    health::json(&List { object: "list", data: all(&house) })
}

/// `GET /v1/models/NAME`
pub(crate) async fn model(State(house): State<Arc<House>>, Path(name): Path<String>) -> Response {
    match all(&house).into_iter().find(|model| model.id == name) {
        Some(model) => health::json(&model),
        None => {
            let shown: String = name.chars().take(80).collect();
            let message = format!("there is no model {shown:?} here");
            let failure = Failure::new(FailureKind::UnknownModel, At::Caller, message);
            failures::openai(&failure.hint("GET /v1/models lists them"), Some("model"))
        }
    }
}

/// A model at home goes by its own name, one elsewhere by `place/model`.
fn all(house: &House) -> Vec<Model> {
    let created = now();
    let sites = house.pipeline.portfolio().sites().iter();
    let models = sites.flat_map(|site| {
        let card = site.card().clone();
        let home = card.tier == oratory_contract::Tier::Edge;
        let models = site.models();
        (0..models.len()).map(move |at| {
            let model = models[at].clone();
            let id =
                if home { model.name.to_string() } else { format!("{}/{}", card.name, model.name) };
            Model {
                id,
                object: "model",
                created,
                owned_by: card.name.to_string(),
                readiness: model.readiness,
                context_length: model.context,
            }
        })
    });
    models.collect()
}
