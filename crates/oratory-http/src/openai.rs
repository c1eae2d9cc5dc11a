//! OpenAI's dialect, as we serve it: chat completions, embeddings and models; and reranking.
//!
//! Decodes, hands over, encodes. Fields it does not know are ignored; fields it knows and
//! cannot honour are refused by name.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue};
use oratory_contract::{
    Ability, At, Failure, FailureKind, Labels, Readiness, RequestId, Sensitivity,
};
use oratory_pipeline::Decision;
use serde::Serialize;

use crate::reading::{self, Sent, Share};
use crate::router::{House, Inside};
use crate::{failures, health};

mod base64;
mod embeddings;
mod misread;
mod numbers;
mod question;
mod ranking;
mod reply;
mod stream;
mod telling;
mod wire;

pub(crate) use embeddings::embeddings;
use question::Question;
pub(crate) use ranking::rerank;

/// What is wrong with a request, and in which field.
#[derive(Debug)]
pub(crate) struct Rejected {
    failure: Failure,
    param: Option<String>,
    /// Which record tells of it, if it came so far.
    id: Option<RequestId>,
}

impl Rejected {
    fn field(param: &str, message: impl Into<String>) -> Self {
        let failure = Failure::new(FailureKind::Invalid, At::Caller, message);
        Self { failure, param: Some(param.to_owned()), id: None }
    }
}

impl From<Failure> for Rejected {
    fn from(failure: Failure) -> Self {
        let unknown = failure.kind == FailureKind::UnknownModel;
        Self { failure, param: unknown.then(|| "model".to_owned()), id: None }
    }
}

/// `POST /v1/chat/completions`
pub(crate) async fn chat(_: Inside, State(house): State<Arc<House>>, request: Request) -> Response {
    let began = Instant::now();
    answered(&house, answer(&house, request, began)).await
}

/// Returns the answer, or tells what was wrong with the request.
async fn answered(
    house: &House,
    answer: impl Future<Output = Result<Response, Rejected>>,
) -> Response {
    match answer.await {
        Ok(response) => response,
        Err(rejected) => {
            house.meters.failed(rejected.failure.kind);
            let mut response = failures::openai(&rejected.failure, rejected.param.as_deref());
            if let Some(id) = rejected.id {
                put(response.headers_mut(), "x-request-id", &id.to_string());
            }
            response
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
    let sent = reading::whole(house, body).await?;
    // Its share is given back when the answer begins: until then its text is kept.
    let (question, _share) = decode(sent).await?;
    let streams = question.streams();
    let usage = question.wants_usage();
    let asked = question.into_asked(house.caller.clone(), declared)?;
    let id = asked.id;
    let told_of = move |failure: Failure| Rejected { id: Some(id), ..failure.into() };
    let telling = telling::Telling::begin(house.clone(), began);
    let told = match house.pipeline.answer(asked).await {
        Ok(told) => told,
        Err(failure) => {
            // Counted by the caller of this function, like every other rejection.
            telling.counted_elsewhere();
            return Err(told_of(failure));
        }
    };
    let decision = told.decision;
    let head = reply::Head::new(decision.id, told.answer.model.clone(), now());
    let mut response = if streams {
        stream::response(&head, told.answer.chunks, telling, usage)
    } else {
        reply::response(&head, told.answer.chunks, telling).await.map_err(told_of)?
    };
    mark(response.headers_mut(), &decision);
    Ok(response)
}

/// Bodies up to here are decoded where they are, which takes microseconds.
const AT_ONCE: usize = 64 << 10;

/// Reads a body's JSON; a long one takes so long that other requests must not wait for it.
async fn decode(sent: Sent) -> Result<(Question, Share), Rejected> {
    let decode = |sent: Sent| Ok((Question::read(&sent.bytes)?, sent.share));
    if sent.bytes.len() <= AT_ONCE {
        return decode(sent);
    }
    tokio::task::spawn_blocking(move || decode(sent)).await.unwrap_or_else(|error| {
        let message = "the request could not be decoded";
        Err(Failure::new(FailureKind::Ours, At::Oratory, message).because(error).into())
    })
}

/// Refuses a name that no model has, before every room behind this one would carry it along.
fn known_name(model: &str) -> Result<(), Rejected> {
    match failures::short(model) {
        Cow::Borrowed(_) => Ok(()),
        Cow::Owned(model) => {
            let message = format!("there is no model {model:?} here");
            Err(Failure::new(FailureKind::UnknownModel, At::Caller, message).into())
        }
    }
}

/// Says in headers which request this was and who answered.
fn mark(headers: &mut HeaderMap, decision: &Decision) {
    put(headers, "x-request-id", &decision.id.to_string());
    put(headers, "x-oratory-place", &format!("{}/{}", decision.place, decision.model));
    put(headers, "x-oratory-labels", &decision.labels);
}

fn put(headers: &mut HeaderMap, name: &'static str, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// Returns the label the caller put on the request, in the `x-oratory-label` header.
///
/// Two values, in two headers or with a comma between them, are joined upward.
fn declared(headers: &HeaderMap) -> Result<Option<Labels>, Rejected> {
    let mut highest = None;
    for value in headers.get_all(LABEL) {
        let value = value.to_str().map_err(|_| label("it is not text"))?;
        for level in value.split(',') {
            let level = level.trim().parse::<Sensitivity>().map_err(|why| label(&why))?;
            highest = highest.max(Some(level));
        }
    }
    Ok(highest.map(Labels::of))
}

const LABEL: &str = "x-oratory-label";

fn label(why: &str) -> Rejected {
    Rejected::field(LABEL, format!("`{LABEL}`: {}", failures::short(why)))
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
    /// Oratory's own: what it can do, and first what it is for.
    abilities: Vec<Ability>,
}

/// `GET /v1/models`
pub(crate) async fn models(_: Inside, State(house): State<Arc<House>>) -> Response {
    health::json(&List { object: "list", data: all(&house) })
}

/// `GET /v1/models/NAME`
pub(crate) async fn model(
    _: Inside,
    State(house): State<Arc<House>>,
    name: Result<Path<String>, PathRejection>,
) -> Response {
    let Ok(Path(name)) = name else {
        let message = "the model's name in the path is not UTF-8";
        let failure = Failure::new(FailureKind::Invalid, At::Caller, message);
        return failures::openai(&failure.hint("GET /v1/models lists them"), Some("model"));
    };
    // `home/mini` means `mini`, as it does in a chat.
    let names = |model: &Model| {
        let model_name = name.strip_prefix(model.owned_by.as_str());
        model.id == name || model_name.and_then(|rest| rest.strip_prefix('/')) == Some(&model.id)
    };
    match all(&house).into_iter().find(names) {
        Some(model) => health::json(&model),
        None => {
            let message = format!("there is no model {:?} here", failures::short(&name));
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
                abilities: model.abilities,
            }
        })
    });
    models.collect()
}
