//! `/health`: whether the house stands, and what in it is not well.
//!
//! Answers 200 while the process can answer; what is degraded is said in the body.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, header};
use schemars::JsonSchema;
use serde::Serialize;

/// One thing that may be well or not.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// Whether it is well.
    pub ok: bool,
    /// What was seen.
    pub message: String,
    /// What to do, if it is not well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Report<'a> {
    status: &'a str,
    version: &'a str,
    checks: &'a [Check],
}

pub(crate) fn response(version: &str, checks: &[Check]) -> Response {
    let status = if checks.iter().all(|check| check.ok) { "ok" } else { "degraded" };
    json(&Report { status, version, checks })
}

/// Returns a response that carries `body` as JSON.
pub(crate) fn json(body: &impl Serialize) -> Response {
    json_bytes(serde_json::to_vec(body).expect("plain data always serialises").into())
}

/// Returns a response that carries JSON which is written already.
pub(crate) fn json_bytes(bytes: Bytes) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
