//! How a place is told who asks: each dialect has a header of its own, and AWS a signature.
//!
//! Makes headers; the egress gate alone sends them.

use std::time::SystemTime;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Request};

use crate::sigv4::{Signer, Signing};
use crate::{Dialect, Key, anthropic};

/// What a place wants to know of who asks.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// How it is spoken to.
    pub dialect: Dialect,
    /// The key it wants, if any.
    pub key: Option<Key>,
    /// What AWS wants beside its secret key; without it, the key is sent as it is.
    pub signing: Option<Signing>,
    /// The version of its API that Azure wants named in every address.
    pub api_version: Option<String>,
}

/// The headers of every call to a place, and what signs it.
pub(crate) struct Pass {
    headers: HeaderMap,
    signer: Option<Signer>,
    query: Option<String>,
    secrets: Vec<Key>,
}

/// The key holds characters that no header may carry.
pub(crate) struct NoHeader;

impl Pass {
    pub(crate) fn of(access: &Access) -> Result<Self, NoHeader> {
        let Access { dialect, key, signing, api_version } = access;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if *dialect == Dialect::Anthropic {
            let version = HeaderValue::from_static(anthropic::VERSION);
            headers.insert("anthropic-version", version);
        }
        let mut secrets: Vec<Key> = key.iter().cloned().collect();
        let mut signer = None;
        match (key, signing) {
            (Some(secret), Some(signing)) => {
                secrets.extend(signing.session.clone());
                if let Some(session) = &signing.session {
                    headers.insert("x-amz-security-token", value(session.reveal())?);
                }
                signer = Some(Signer::new(signing, secret));
            }
            (Some(key), None) => {
                let (name, text) = header(*dialect, key);
                headers.insert(name, value(&text)?);
            }
            (None, _) => {}
        }
        let query = api_version.as_ref().map(|version| format!("api-version={version}"));
        Ok(Self { headers, signer, query, secrets })
    }

    /// Returns a path with what the place wants in every address.
    pub(crate) fn path(&self, path: &str) -> String {
        match &self.query {
            None => path.to_owned(),
            Some(query) => {
                let sign = if path.contains('?') { '&' } else { '?' };
                format!("{path}{sign}{query}")
            }
        }
    }

    /// Adds the headers, and the signature over what is there then.
    pub(crate) fn show(&self, request: &mut Request<()>, body: &[u8], now: SystemTime) {
        request.headers_mut().extend(self.headers.clone());
        let Some(signer) = &self.signer else { return };
        let authority = request.uri().authority().map_or("", |authority| authority.as_str());
        let default = if request.uri().scheme_str() == Some("https") { ":443" } else { ":80" };
        let host = authority.strip_suffix(default).unwrap_or(authority);
        if let Ok(host) = HeaderValue::from_str(host) {
            request.headers_mut().insert(HOST, host);
        }
        signer.sign(request, body, now);
    }

    /// Returns `text` without any secret in it.
    pub(crate) fn cut_from(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.cut_from(&text))
    }
}

fn header(dialect: Dialect, key: &Key) -> (HeaderName, String) {
    let plain = |name: &'static str| (HeaderName::from_static(name), key.reveal().to_owned());
    match dialect {
        Dialect::Azure => plain("api-key"),
        Dialect::Anthropic => plain("x-api-key"),
        Dialect::Gemini => plain("x-goog-api-key"),
        Dialect::OpenAi | Dialect::Responses | Dialect::Ollama | Dialect::Bedrock => {
            (AUTHORIZATION, format!("Bearer {}", key.reveal()))
        }
    }
}

fn value(text: &str) -> Result<HeaderValue, NoHeader> {
    let mut value = HeaderValue::from_str(text).map_err(|_| NoHeader)?;
    value.set_sensitive(true);
    Ok(value)
}
