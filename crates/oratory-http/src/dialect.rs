//! Which dialect a client speaks, told by where it knocks.
//!
//! Decides only in whose words an answer or a failure is told.

use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, Uri};
use oratory_contract::Failure;

use crate::failures;

/// Whose words are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    OpenAi,
    Anthropic,
    Ollama,
}

impl Dialect {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::OpenAi, Self::Anthropic, Self::Ollama];

    /// Returns its name in lower case.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Ollama => "ollama",
        }
    }

    /// Returns whose words they are, as its maker writes it.
    pub(crate) fn maker(self) -> &'static str {
        match self {
            Self::OpenAi => "OpenAI",
            Self::Anthropic => "Anthropic",
            Self::Ollama => "Ollama",
        }
    }

    /// Returns the dialect of a request's path, and, where two share one, of its headers.
    pub(crate) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let path = uri.path();
        let below = |root: &str| {
            path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let theirs = headers.contains_key("anthropic-version");
        match () {
            () if below("/api") => Self::Ollama,
            () if below("/v1/messages") || below("/v1/models") && theirs => Self::Anthropic,
            () => Self::OpenAi,
        }
    }

    /// Returns the dialect of a request.
    pub(crate) fn spoken(head: &Parts) -> Self {
        Self::of(&head.uri, &head.headers)
    }

    /// Returns the response to a failure.
    pub(crate) fn failure(self, failure: &Failure, param: Option<&str>) -> Response {
        failures::response(self, failure, param)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::Dialect;

    #[test]
    fn the_path_tells_and_for_models_the_version() {
        let mut headers = HeaderMap::new();
        let of = |path: &str, headers: &HeaderMap| Dialect::of(&path.parse().unwrap(), headers);
        assert_eq!(of("/v1/models", &headers), Dialect::OpenAi);
        assert_eq!(of("/api/tags", &headers), Dialect::Ollama);
        assert_eq!(of("/apis", &headers), Dialect::OpenAi);
        assert_eq!(of("/v1/messages/count_tokens?beta=true", &headers), Dialect::Anthropic);
        headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
        assert_eq!(of("/v1/models/echo", &headers), Dialect::Anthropic);
        assert_eq!(of("/v1/chat/completions", &headers), Dialect::OpenAi);
    }
}
