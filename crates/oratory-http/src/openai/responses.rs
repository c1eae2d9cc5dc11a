//! `/v1/responses`: what a conversation is answered with, and what goes on from it.
//!
//! Answers are kept in memory for a while, so that the next question need not say it all again.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use oratory_contract::{At, Failure, FailureKind};
use serde_json::json;

use crate::asking;
use crate::dialect::Dialect;
use crate::failures::short;
use crate::health;
use crate::router::{House, Inside};

mod items;
mod output;
mod question;
mod store;
mod told;
mod wanted;
mod wishes;

pub(crate) use store::Shelf;

/// `POST /v1/responses`
pub(crate) async fn respond(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    asking::respond::<question::Question>(&house, request).await
}

/// `GET /v1/responses/ID`
pub(crate) async fn show(
    _: Inside,
    State(house): State<Arc<House>>,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let id = named(id);
    match house.responses.find(&house.caller, &id) {
        Some(kept) => health::json(&kept.response),
        None => unknown(&id),
    }
}

/// `DELETE /v1/responses/ID`
pub(crate) async fn forget(
    _: Inside,
    State(house): State<Arc<House>>,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let id = named(id);
    match house.responses.forget(&house.caller, &id) {
        true => health::json(&json!({ "id": id, "object": "response", "deleted": true })),
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
