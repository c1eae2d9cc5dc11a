//! What the egress gate sends with: plain HTTP/1.1, with TLS where the address says so.
//!
//! Follows no redirect and knows no proxy.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// Sends requests.
pub(super) type Client = legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Returns a client that gives up on a connection after `connect`.
pub(super) fn client(secure: bool, connect: Duration) -> Client {
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
    legacy::Client::builder(TokioExecutor::new())
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
