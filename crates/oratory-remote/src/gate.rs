//! The one egress gate: the last code that sees the bytes before the socket.
//!
//! Rescans what is about to leave, whatever came before, and stops what the place is not
//! cleared for. Every remote call of every dialect goes through `send`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, Uri, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use oratory_contract::{
    At, Cargo, Departure, Departures, Failure, FailureKind, PlaceCard, Receives, Retry,
    Sensitivity, Tier,
};
use oratory_privacy::Custom;
use sha2::{Digest, Sha256};

use crate::Key;

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
}

/// The only way out of the house, for one place.
pub(crate) struct Gate {
    watch: Watch,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    card: PlaceCard,
    base: String,
    bearer: Option<HeaderValue>,
    key: Option<Key>,
}

impl Gate {
    pub(crate) fn new(
        card: PlaceCard,
        key: Option<&Key>,
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
        let plain = uri.authority().is_none_or(|authority| !authority.as_str().contains('@'));
        if !plain || uri.query().is_some() || card.address.contains('#') {
            let why = "it holds more than an address; keep the key in `key` or `key_from`";
            return Err(AddressError { address: "that address".to_owned(), why: why.to_owned() });
        }
        let mut bearer = None;
        if let Some(key) = key {
            let mut value = HeaderValue::from_str(&key.bearer())
                .map_err(|_| wrong("its key holds characters no header may carry".to_owned()))?;
            value.set_sensitive(true);
            bearer = Some(value);
        }
        let base = card.address.trim_end_matches('/').to_owned();
        Ok(Self { watch, client: client(secure, connect), card, base, bearer, key: key.cloned() })
    }

    /// Sends the final bytes of one call, or stops them here.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &'static str,
        body: Bytes,
        cargo: Option<Cargo>,
    ) -> Result<Response<Incoming>, Failure> {
        // The path is a constant of ours; all that came from anybody is in the body.
        self.inspect(&body, cargo.as_ref()).await?;
        let address = format!("{}{path}", self.base);
        self.note(format!("{method} {address}"), &body, cargo).await?;
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(Full::new(body))
            .map_err(|error| self.failed("the request could not be written", error))?;
        if let Some(bearer) = &self.bearer {
            request.headers_mut().insert(header::AUTHORIZATION, bearer.clone());
        }
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
        if let Some(key) = &self.key {
            failure.message = key.cut_from(&failure.message);
        }
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

fn client(secure: bool, connect: Duration) -> Client<HttpsConnector<HttpConnector>, Full<Bytes>> {
    let mut tcp = HttpConnector::new();
    // Without it, small writes wait for the peer's delayed acknowledgement: 40 ms a token.
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect));
    tcp.enforce_http(false);
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls(secure))
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(60))
        .build(connector)
}

/// Trusts what the machine trusts; a place without TLS needs no certificates read.
fn tls(secure: bool) -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    if secure {
        let found = rustls_native_certs::load_native_certs();
        for error in found.errors {
            tracing::warn!(%error, "a certificate of this machine could not be read");
        }
        roots.add_parsable_certificates(found.certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports the protocol versions it is built with")
        .with_root_certificates(roots)
        .with_no_client_auth()
}
