//! One table from what went wrong to status and words, for every dialect.
//!
//! A kind that is missing here does not compile.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use oratory_contract::{At, Failure, FailureKind, Retry};
use serde::Serialize;

/// How one kind of failure is told.
pub(crate) struct Row {
    pub(crate) status: StatusCode,
    /// The `type` OpenAI's clients know.
    pub(crate) openai: &'static str,
}

/// Returns how a kind of failure is told.
pub(crate) fn row(kind: FailureKind, at: &At) -> Row {
    let (status, openai) = match kind {
        FailureKind::Invalid => (StatusCode::BAD_REQUEST, "invalid_request_error"),
        FailureKind::Unauthorized => (StatusCode::UNAUTHORIZED, "authentication_error"),
        FailureKind::Refused => (StatusCode::FORBIDDEN, "permission_error"),
        FailureKind::UnknownModel => (StatusCode::NOT_FOUND, "invalid_request_error"),
        FailureKind::TooLong => (StatusCode::BAD_REQUEST, "invalid_request_error"),
        FailureKind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error"),
        FailureKind::Overloaded => (StatusCode::TOO_MANY_REQUESTS, "rate_limit_error"),
        // It was the client who took too long.
        FailureKind::Timeout if *at == At::Caller => {
            (StatusCode::REQUEST_TIMEOUT, "invalid_request_error")
        }
        FailureKind::Timeout => (StatusCode::GATEWAY_TIMEOUT, "server_error"),
        FailureKind::Unreachable => (StatusCode::BAD_GATEWAY, "server_error"),
        FailureKind::Broken => (StatusCode::SERVICE_UNAVAILABLE, "server_error"),
        FailureKind::Upstream => (StatusCode::BAD_GATEWAY, "server_error"),
        FailureKind::Ours => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
    };
    Row { status, openai }
}

/// Returns the `code` that tells kinds of one status apart.
fn code(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::TooLong => "context_length_exceeded",
        FailureKind::UnknownModel => "model_not_found",
        FailureKind::Overloaded => "rate_limit_exceeded",
        FailureKind::Unauthorized => "invalid_api_key",
        kind => kind.as_str(),
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Error<'a>,
}

// All four fields, always: clients refuse an error that lacks one.
#[derive(Serialize)]
struct Error<'a> {
    message: &'a str,
    r#type: &'a str,
    param: Option<&'a str>,
    code: &'a str,
}

/// Returns OpenAI's error body.
pub(crate) fn openai_body(failure: &Failure, param: Option<&str>) -> Vec<u8> {
    // Rooms shorten what they quote; this is for the one that forgets.
    let said = cut(&failure.message, 1000);
    let message = match &failure.hint {
        Some(hint) => format!("{said}. Next: {hint}."),
        None => format!("{said}."),
    };
    let error = Error {
        message: &message,
        r#type: row(failure.kind, &failure.at).openai,
        param,
        code: code(failure.kind),
    };
    serde_json::to_vec(&Envelope { error }).expect("strings always serialise")
}

/// Returns OpenAI's response to a failure.
pub(crate) fn openai(failure: &Failure, param: Option<&str>) -> Response {
    if failure.kind == FailureKind::Ours {
        tracing::error!(%failure, cause = ?failure.source, "a fault of ours");
    }
    let mut response = Response::new(Body::from(openai_body(failure, param)));
    *response.status_mut() = row(failure.kind, &failure.at).status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if failure.kind == FailureKind::Unauthorized {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
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

    use super::{openai, openai_body, row};

    #[test]
    fn every_kind_is_an_error_status_and_a_whole_envelope() {
        for kind in FailureKind::ALL {
            assert!(row(kind, &At::Oratory).status.as_u16() >= 400, "{kind:?}");
            let failure = Failure::new(kind, At::Caller, "what").hint("do this");
            let body: serde_json::Value =
                serde_json::from_slice(&openai_body(&failure, Some("model"))).unwrap();
            let error = body["error"].as_object().unwrap();
            assert_eq!(error.keys().collect::<Vec<_>>(), ["message", "type", "param", "code"]);
            assert_eq!(error["message"], "what. Next: do this.");
        }
    }

    #[test]
    fn an_overloaded_answer_says_when_to_come_back() {
        let failure = Failure::new(FailureKind::Overloaded, At::Local, "full")
            .retry(Retry::After(Duration::from_millis(1500)));
        let response = openai(&failure, None);
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "2");
    }
}
