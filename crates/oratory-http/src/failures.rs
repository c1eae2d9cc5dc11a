//! One table from what went wrong to status and words, for every dialect.
//!
//! A kind that is missing here does not compile.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use oratory_contract::{At, Failure, FailureKind, Retry};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::dialect::Dialect;

/// How one kind of failure is told.
struct Row {
    status: StatusCode,
    /// The `type` OpenAI's clients know.
    openai: &'static str,
    /// The `type` Anthropic's clients know.
    anthropic: &'static str,
}

/// Returns how a kind of failure is told.
fn row(kind: FailureKind, at: &At) -> Row {
    let (invalid, faulty, ours) = ("invalid_request_error", "server_error", "api_error");
    let (status, openai, anthropic) = match kind {
        FailureKind::Invalid | FailureKind::TooLong => (StatusCode::BAD_REQUEST, invalid, invalid),
        FailureKind::Unauthorized => {
            (StatusCode::UNAUTHORIZED, "authentication_error", "authentication_error")
        }
        FailureKind::Refused => (StatusCode::FORBIDDEN, "permission_error", "permission_error"),
        FailureKind::OverBudget => {
            (StatusCode::TOO_MANY_REQUESTS, "insufficient_quota", "rate_limit_error")
        }
        FailureKind::UnknownModel | FailureKind::Missing => {
            (StatusCode::NOT_FOUND, invalid, "not_found_error")
        }
        FailureKind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, invalid, "request_too_large"),
        FailureKind::Overloaded => {
            (StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "rate_limit_error")
        }
        // It was the client who took too long.
        FailureKind::Timeout if *at == At::Caller => {
            (StatusCode::REQUEST_TIMEOUT, invalid, "timeout_error")
        }
        FailureKind::Timeout => (StatusCode::GATEWAY_TIMEOUT, faulty, "timeout_error"),
        FailureKind::Unreachable | FailureKind::Upstream => (StatusCode::BAD_GATEWAY, faulty, ours),
        FailureKind::Unpaid => {
            (StatusCode::PAYMENT_REQUIRED, "insufficient_quota", "billing_error")
        }
        FailureKind::Broken => (StatusCode::SERVICE_UNAVAILABLE, faulty, ours),
        FailureKind::Ours => (StatusCode::INTERNAL_SERVER_ERROR, faulty, ours),
    };
    Row { status, openai, anthropic }
}

/// Returns the status of a failure in one dialect.
pub(crate) fn status(dialect: Dialect, failure: &Failure) -> StatusCode {
    match (dialect, failure.kind) {
        // Ollama's clients know a full queue by this.
        (Dialect::Ollama, FailureKind::Overloaded) => StatusCode::SERVICE_UNAVAILABLE,
        _ => row(failure.kind, &failure.at).status,
    }
}

/// Returns every status by which a failure is told in one dialect, with what it means.
pub(crate) fn statuses(dialect: Dialect) -> BTreeMap<u16, &'static str> {
    let mut all = BTreeMap::from([(StatusCode::METHOD_NOT_ALLOWED.as_u16(), "Method Not Allowed")]);
    for kind in FailureKind::ALL {
        for at in [At::Caller, At::Oratory] {
            let status = status(dialect, &Failure::new(kind, at, ""));
            all.insert(status.as_u16(), status.canonical_reason().unwrap_or_default());
        }
    }
    all
}

/// Returns the shape of a body that tells a failure.
pub(crate) fn shape(dialect: Dialect) -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut shapes = settings.with(|to| to.inline_subschemas = true).into_generator();
    match dialect {
        Dialect::OpenAi => Envelope::json_schema(&mut shapes),
        Dialect::Anthropic => Anthropic::json_schema(&mut shapes),
        Dialect::Ollama => Bare::json_schema(&mut shapes),
    }
}

/// Returns the `code` that tells kinds of one status apart.
fn code(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::TooLong => "context_length_exceeded",
        FailureKind::UnknownModel => "model_not_found",
        FailureKind::Overloaded => "rate_limit_exceeded",
        FailureKind::Unauthorized => "invalid_api_key",
        FailureKind::Unpaid | FailureKind::OverBudget => "insufficient_quota",
        kind => kind.as_str(),
    }
}

#[derive(JsonSchema, Serialize)]
struct Envelope<'a> {
    error: Error<'a>,
}

// All four fields, always: clients refuse an error that lacks one.
#[derive(JsonSchema, Serialize)]
struct Error<'a> {
    message: String,
    r#type: &'a str,
    param: Option<&'a str>,
    code: &'a str,
}

#[derive(JsonSchema, Serialize)]
struct Anthropic {
    r#type: &'static str,
    error: Named,
}

#[derive(JsonSchema, Serialize)]
struct Named {
    r#type: &'static str,
    message: String,
}

#[derive(JsonSchema, Serialize)]
struct Bare {
    error: String,
}

/// Returns the body that tells a failure.
pub(crate) fn body(dialect: Dialect, failure: &Failure, param: Option<&str>) -> Vec<u8> {
    // Rooms shorten what they quote; this is for the one that forgets.
    let said = cut(&failure.message, 1000);
    let said = match &failure.hint {
        Some(hint) => format!("{said}. Next: {hint}."),
        None => format!("{said}."),
    };
    let message = match (failure.kind, dialect) {
        // By these words their clients know that the conversation must become shorter.
        (FailureKind::TooLong, Dialect::OpenAi) => {
            format!("this model's maximum context length is exceeded: {said}")
        }
        (FailureKind::TooLong, Dialect::Anthropic) => format!("prompt is too long: {said}"),
        (FailureKind::TooLong, Dialect::Ollama) => {
            format!("the input length exceeds the context length: {said}")
        }
        _ => said,
    };
    let Row { openai, anthropic, .. } = row(failure.kind, &failure.at);
    match dialect {
        Dialect::OpenAi => {
            let code = code(failure.kind);
            written(&Envelope { error: Error { message, r#type: openai, param, code } })
        }
        Dialect::Anthropic => {
            written(&Anthropic { r#type: "error", error: Named { r#type: anthropic, message } })
        }
        Dialect::Ollama => written(&Bare { error: message }),
    }
}

fn written(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("strings always serialise")
}

/// Returns the response to a failure.
pub(crate) fn response(dialect: Dialect, failure: &Failure, param: Option<&str>) -> Response {
    if failure.kind == FailureKind::Ours {
        tracing::error!(%failure, cause = ?failure.source, "a fault of ours");
    }
    let mut response = Response::new(Body::from(body(dialect, failure, param)));
    *response.status_mut() = status(dialect, failure);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if failure.kind == FailureKind::Unauthorized {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if failure.kind == FailureKind::OverBudget {
        // OpenAI's and Anthropic's clients would ask again at once.
        headers.insert("x-should-retry", HeaderValue::from_static("false"));
    }
    if let Some(seconds) = retry_after(failure) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Returns as much of what a request said as an answer may quote.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    cut(text, 200)
}

fn cut(text: &str, letters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(letters) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

/// Whole seconds, at least one: clients that read 0 come back at once, all together.
fn retry_after(failure: &Failure) -> Option<u64> {
    match failure.retry {
        Retry::After(pause) => Some(pause.as_secs_f64().ceil().max(1.0) as u64),
        Retry::Now if failure.kind == FailureKind::Overloaded => Some(1),
        Retry::Now | Retry::Never => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use oratory_contract::{At, Failure, FailureKind, Retry};

    use super::{body, response, status};
    use crate::dialect::Dialect::{Anthropic, Ollama, OpenAi};

    #[test]
    fn every_kind_is_an_error_status_and_a_whole_envelope_in_every_dialect() {
        for kind in FailureKind::ALL {
            let failure = Failure::new(kind, At::Caller, "what").hint("do this");
            let told = |dialect| -> serde_json::Value {
                assert!(status(dialect, &failure).as_u16() >= 400, "{kind:?}");
                serde_json::from_slice(&body(dialect, &failure, Some("model"))).unwrap()
            };
            let error = told(OpenAi)["error"].as_object().unwrap().clone();
            assert_eq!(error.keys().collect::<Vec<_>>(), ["message", "type", "param", "code"]);
            assert!(error["message"].as_str().unwrap().ends_with("what. Next: do this."));
            let theirs = told(Anthropic);
            assert_eq!(theirs["type"], "error");
            let message = theirs["error"]["message"].as_str().unwrap();
            assert!(message.ends_with("what. Next: do this."), "{message}");
            assert!(theirs["error"]["type"].as_str().unwrap().ends_with(match kind {
                FailureKind::TooLarge => "_too_large",
                _ => "_error",
            }));
            assert!(told(Ollama)["error"].as_str().unwrap().ends_with("what. Next: do this."));
        }
    }

    #[test]
    fn an_overloaded_answer_says_when_to_come_back() {
        let failure = Failure::new(FailureKind::Overloaded, At::Local, "full")
            .retry(Retry::After(Duration::from_millis(1500)));
        for (dialect, status) in [(OpenAi, 429), (Anthropic, 429), (Ollama, 503)] {
            let response = response(dialect, &failure, None);
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()["retry-after"], "2");
        }
    }
}
