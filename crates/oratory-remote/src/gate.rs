//! The one egress gate: the last code that sees the bytes before the socket.
//!
//! Rescans what is about to leave, whatever came before, and stops what the place is not
//! cleared for. Every remote call of every dialect goes through `send`.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use oratory_contract::{
    At, Cargo, Departure, Departures, Failure, FailureKind, PlaceCard, Receives, Retry,
    Sensitivity, Tier,
};
use oratory_privacy::Custom;
use sha2::{Digest, Sha256};

use crate::access::{NoHeader, Pass};
use crate::{Access, Shut};

mod client;

use client::{Client, client};

/// Why an address cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{address} is no address of a server: {why}; write it like \"http://127.0.0.1:8000/v1\"")]
pub struct AddressError {
    address: String,
    why: String,
}

/// What a gate watches for and whom it tells.
#[derive(Clone)]
pub(crate) struct Watch {
    /// What somebody calls private beside what Oratory knows.
    pub(crate) custom: Arc<Custom>,
    /// Writes down what leaves, before it does.
    pub(crate) departures: Arc<dyn Departures>,
    /// Why nothing may pass, if nothing may.
    pub(crate) shut: Option<Shut>,
}

/// The only way out of the house, for one place.
pub(crate) struct Gate {
    watch: Watch,
    client: Client,
    card: PlaceCard,
    base: String,
    pass: Pass,
}

impl Gate {
    pub(crate) fn new(
        card: PlaceCard,
        access: &Access,
        connect: Duration,
        watch: Watch,
    ) -> Result<Self, AddressError> {
        let shown = card.address.split(['@', '?']).next_back().unwrap_or("").to_owned();
        let wrong = |why: String| AddressError { address: format!("{shown:?}"), why };
        if card.tier == Tier::Edge {
            return Err(wrong("only the engine inside is on tier edge".to_owned()));
        }
        let uri: Uri = card.address.parse().map_err(|error| wrong(format!("{error}")))?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong("it starts with neither http:// nor https://".to_owned())),
        };
        let shown_port = uri.authority().and_then(|authority| port_of(authority.as_str()));
        if let Some(port) = shown_port.filter(|_| uri.port_u16().is_none()) {
            return Err(wrong(format!("{port:?} is no port")));
        }
        let plain = uri.authority().is_none_or(|authority| !authority.as_str().contains('@'));
        if !plain || uri.query().is_some() || card.address.contains('#') {
            let why = "it holds more than an address; keep the key in `key` or `key_from`";
            return Err(AddressError { address: "that address".to_owned(), why: why.to_owned() });
        }
        let pass = Pass::of(access)
            .map_err(|NoHeader| wrong("its key holds characters no header may carry".to_owned()))?;
        let base = card.address.trim_end_matches('/').to_owned();
        Ok(Self { watch, client: client(secure, connect), card, base, pass })
    }

    /// Sends the final bytes of one call, or stops them here.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(String, String)],
        body: Bytes,
        cargo: Option<Cargo>,
    ) -> Result<Response<Incoming>, Failure> {
        if let Some(shut) = &self.watch.shut {
            return Err(shut.failure(&self.card.name));
        }
        self.inspect(&in_path(path), cargo.as_ref()).await?;
        if !headers.is_empty() {
            self.inspect(&in_headers(headers), cargo.as_ref()).await?;
        }
        self.inspect(&body, cargo.as_ref()).await?;
        let address = format!("{}{}", self.base, self.pass.path(path));
        self.note(format!("{method} {address}"), &body, cargo).await?;
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .body(())
            .map_err(|error| self.failed("the request could not be written", error))?;
        put(request.headers_mut(), headers);
        // The others are constants of ours and the place's key, and stand whatever came along;
        // what is signed are these very bytes.
        self.pass.show(&mut request, &body, SystemTime::now());
        let request = request.map(|()| Full::new(body));
        self.client.request(request).await.map_err(|error| {
            let why = if error.is_connect() { "cannot be reached" } else { "did not answer" };
            self.failed(why, error)
        })
    }

    /// Has it written down what leaves. Where it cannot be, nothing does.
    async fn note(&self, to: String, body: &Bytes, cargo: Option<Cargo>) -> Result<(), Failure> {
        let (place, tier, bytes) = (self.card.name.clone(), self.card.tier, body.len() as u64);
        let digest = Sha256::digest(body).into();
        self.watch.departures.note(Departure { place, tier, to, cargo, bytes, digest }).await
    }

    /// Takes the place's key out of a failure: providers quote the key they refuse.
    pub(crate) fn without_key(&self, mut failure: Failure) -> Failure {
        failure.message = self.pass.cut_from(&failure.message);
        failure
    }

    /// Refuses bytes that hold anything above the place's clearance, and secrets always.
    ///
    /// What was masked for the place must look so, however much it is cleared for.
    async fn inspect(&self, bytes: &Bytes, cargo: Option<&Cargo>) -> Result<(), Failure> {
        oratory_privacy::ready().map_err(|unready| {
            let message = format!("the egress gate is shut: {unready}");
            Failure::new(FailureKind::Refused, At::Oratory, message)
                .hint("name a model at home to stay there, such as home/mini")
        })?;
        let masked = cargo.is_some_and(|cargo| cargo.form == Receives::Masked.as_str());
        let most = if masked { Sensitivity::Internal } else { Sensitivity::Confidential };
        let cleared = self.card.clearance.as_is.min(most);
        let above = if bytes.len() <= LONG {
            oratory_privacy::above(bytes, cleared, &self.watch.custom)
        } else {
            // Long bodies are looked through where nobody else has to wait for it. If that
            // fails, nothing was looked through, and nothing leaves.
            let (bytes, custom) = (bytes.clone(), self.watch.custom.clone());
            tokio::task::spawn_blocking(move || oratory_privacy::above(&bytes, cleared, &custom))
                .await
                .map_err(|error| {
                    let message = "the egress gate could not look through the request";
                    Failure::new(FailureKind::Ours, At::Oratory, message).because(error)
                })?
        };
        let Some(kind) = above else { return Ok(()) };
        let (kind, name) = (kind.as_str(), &self.card.name);
        tracing::error!(place = %name, kind, "the egress gate stopped a request");
        Err(Failure::new(
            FailureKind::Refused,
            At::Oratory,
            format!(
                "the egress gate found {kind} in what was about to leave for {name}, which is cleared up to {cleared}"
            ),
        )
        .hint("name a model at home to stay there, such as home/mini"))
    }

    fn failed(&self, why: &str, error: impl Into<oratory_contract::BoxError>) -> Failure {
        let error = error.into();
        let cause = innermost(&*error);
        let message = format!("{} at {} {why}: {cause}", self.card.name, self.card.address);
        Failure::new(FailureKind::Unreachable, At::Remote(self.card.name.clone()), message)
            .retry(Retry::After(Duration::from_secs(5)))
            .hint(
                "check that the server runs and that `url` is right; `oratory portfolio` shows it",
            )
            .because(error)
    }
}

/// Returns what stands behind a host's colon.
fn port_of(authority: &str) -> Option<&str> {
    let host = authority.rsplit('@').next()?;
    let behind = host.rsplit(']').next()?;
    behind.split_once(':').map(|(_, port)| port)
}

/// Returns what stands in a path, to be looked at like a body: some dialects name the model there.
fn in_path(path: &str) -> Bytes {
    let mut parts = path.split('%');
    let mut plain = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let escaped = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.extend(escaped);
        plain.extend(part.as_bytes().get(2..).unwrap_or_default());
    }
    let model = String::from_utf8_lossy(&plain);
    serde_json::json!({ "model": model }).to_string().into()
}

/// Returns what stands in headers, to be looked at like a body.
fn in_headers(headers: &[(String, String)]) -> Bytes {
    let values: Vec<&str> = headers.iter().map(|(_, value)| value.as_str()).collect();
    serde_json::json!({ "text": values, "whole": values.concat() }).to_string().into()
}

/// Adds headers. What no header may carry after masking is left out.
fn put(into: &mut HeaderMap, headers: &[(String, String)]) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
        {
            into.append(name, value);
        }
    }
}

/// Bodies up to here are looked through where they are, which takes less than a millisecond.
const LONG: usize = 4 << 10;

/// Returns the end of the chain, where the operating system says what happened.
fn innermost(error: &(dyn std::error::Error + Send + Sync)) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
