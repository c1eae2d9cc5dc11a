//! `/v1/responses`: what a conversation is answered with, and what goes on from it.
//!
//! Answers are kept in memory for a while, so that the next question need not say it all again.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::{StatusCode, Uri};
use oratory_contract::{At, Failure, FailureKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::asking;
use crate::dialect::Dialect;
use crate::failures::short;
use crate::health;
use crate::openai::EVENTS;
use crate::openapi::{Operation, Paths};
use crate::router::{House, Inside};

mod counting;
mod items;
mod later;
mod listing;
mod output;
mod question;
mod store;
mod told;
mod wanted;
mod wishes;

pub(super) use counting::{Counted, Told as InputTokens};
use store::Kept;
pub(crate) use store::Shelf;

/// Adds the paths of responses.
pub(super) fn paths(paths: Paths) -> Paths {
    let of = |name, about| Operation::new(name, Dialect::OpenAi, about);
    let asks = |name, about| of(name, about).labelled();
    paths
        .post(
            "/v1/responses",
            respond,
            asks("respond", "Answers a conversation and keeps it.")
                .takes::<question::Question>("ResponseRequest")
                .tells::<told::Told>("Response")
                .sends(EVENTS)
                .also(&["/responses"]),
        )
        .get(
            "/v1/responses/{id}",
            show,
            of("find_response", "A response that is kept.").tells::<told::Told>("Response"),
        )
        .post(
            "/v1/responses/input_tokens",
            count,
            asks("count_response", "Counts its tokens.")
                .takes::<Counted<question::Question>>("ResponseRequest")
                .tells::<counting::Told>("InputTokens"),
        )
        .get(
            "/v1/responses/{id}/input_items",
            input_items,
            of("list_input", "What it was asked with.").tells::<serde_json::Value>("InputItems"),
        )
        .post(
            "/v1/responses/{id}/cancel",
            cancel,
            of("cancel_response", "Calls a response off.").tells::<told::Told>("Response"),
        )
        .delete(
            "/v1/responses/{id}",
            forget,
            of("forget_response", "Forgets a response.").tells::<Forgotten>("Forgotten"),
        )
}

/// A response that is no longer kept.
#[derive(Serialize, JsonSchema)]
struct Forgotten {
    id: String,
    object: &'static str,
    deleted: bool,
}

/// `POST /v1/responses`
async fn respond(_: Inside, State(house): State<Arc<House>>, request: Request) -> Response {
    later::respond(&house, request).await
}

/// Answers a request that a batch has made.
pub(super) async fn answer(house: &Arc<House>, request: Request) -> Response {
    later::respond(house, request).await
}

/// `POST /v1/responses/input_tokens`
async fn count(_: Inside, State(house): State<Arc<House>>, request: Request) -> Response {
    asking::respond::<Counted<question::Question>>(&house, request).await
}

/// `GET /v1/responses/ID/input_items`
async fn input_items(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    id: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Response {
    let id = named(id);
    let Some(kept) = house.responses.find(&caller.name, &id) else { return unknown(&id) };
    match listing::page(&kept.input, &uri) {
        Ok(page) => health::json(&page),
        Err(rejected) => Dialect::OpenAi.failure(&rejected.failure, rejected.param.as_deref()),
    }
}

/// `POST /v1/responses/ID/cancel`
async fn cancel(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let id = named(id);
    let Some(kept) = house.responses.find(&caller.name, &id) else { return unknown(&id) };
    let mut response = kept.response.clone();
    if response["background"] != true {
        let message = "only a response that is made in the background can be called off";
        let failure = Failure::new(FailureKind::Invalid, At::Caller, message)
            .hint("to end another, leave its connection");
        return Dialect::OpenAi.failure(&failure, Some("response_id"));
    }
    if let Some(work) = &kept.work {
        work.cancel();
        response["status"] = "cancelled".into();
        let (messages, input) = (kept.messages.clone(), kept.input.clone());
        let (declared, kept) = (kept.declared.clone(), response.clone());
        let kept = Kept { response: kept, messages, input, declared, work: None };
        house.responses.keep(&caller.name, id, kept);
    }
    health::json(&response)
}

/// `GET /v1/responses/ID`
pub(crate) async fn show(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let id = named(id);
    match house.responses.find(&caller.name, &id) {
        Some(kept) => health::json(&kept.response),
        None => unknown(&id),
    }
}

/// `DELETE /v1/responses/ID`
pub(crate) async fn forget(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let id = named(id);
    match house.responses.forget(&caller.name, &id) {
        true => health::json(&Forgotten { id, object: "response", deleted: true }),
        false => unknown(&id),
    }
}

/// Returns the name in a path; one that is no text names nothing.
fn named(id: Result<Path<String>, PathRejection>) -> String {
    id.map(|Path(id)| id).unwrap_or_default()
}

fn unknown(id: &str) -> Response {
    let message = format!("there is no response {:?} here", short(id));
    let failure = Failure::new(FailureKind::Invalid, At::Caller, message)
        .hint("responses are kept in memory for a while, and only if `store` is not false");
    let mut response = Dialect::OpenAi.failure(&failure, Some("response_id"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
