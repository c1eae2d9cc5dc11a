//! One question to a port of this machine: a GET without a body, and little time.
//!
//! An address can only be made of a port, so that nothing beyond loopback can be asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// How long a connection may take: nothing is nearer.
const CONNECT: Duration = Duration::from_millis(200);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(1);
/// The largest answer that is read.
const LARGEST: usize = 1 << 20;

/// A port of this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct At(SocketAddr);

impl At {
    pub(super) fn four(port: u16) -> Self {
        Self(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    }

    pub(super) fn six(port: u16) -> Self {
        Self(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port))
    }

    /// Returns the address as a person writes it.
    pub(super) fn url(self) -> String {
        format!("http://{}", self.0)
    }
}

/// What somebody answered.
pub(super) struct Said {
    pub(super) well: bool,
    /// What it calls itself, in lower case.
    pub(super) server: String,
    body: Bytes,
}

impl Said {
    /// Returns the body, if it is JSON and no refusal.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok().filter(|_| self.well)
    }

    /// Says whether the body of what is no refusal has these words in it.
    pub(super) fn says(&self, words: &str) -> bool {
        self.well && String::from_utf8_lossy(&self.body).contains(words)
    }
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unheard {
    Nobody,
    Silent,
    Senseless,
}

/// Asks for what lies at a path.
pub(super) async fn get(at: At, path: &'static str) -> Result<Said, Unheard> {
    let connect = tokio::time::timeout(CONNECT, TcpStream::connect(at.0)).await;
    // Whoever does not even take a connection is as good as not there.
    let Ok(Ok(stream)) = connect else { return Err(Unheard::Nobody) };
    let answer = tokio::time::timeout(ANSWER, ask(stream, at, path)).await;
    answer.unwrap_or(Err(Unheard::Silent))
}

async fn ask(stream: TcpStream, at: At, path: &'static str) -> Result<Said, Unheard> {
    let senseless = |_| Unheard::Senseless;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(senseless)?;
    let request = Request::get(path)
        .header(header::HOST, at.0.to_string())
        .header(header::ACCEPT, "application/json")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .expect("constants and an address make a request");
    let exchange = async move {
        let (head, body) = sender.send_request(request).await.map_err(senseless)?.into_parts();
        let body = Limited::new(body, LARGEST).collect().await;
        let body = body.map_err(|_| Unheard::Senseless)?.to_bytes();
        let server = head.headers.get(header::SERVER).and_then(|name| name.to_str().ok());
        let server = server.unwrap_or_default().to_lowercase();
        Ok(Said { well: head.status.is_success(), server, body })
    };
    // The connection is driven until the exchange has let go of it.
    let (said, _) = futures_util::future::join(exchange, connection).await;
    said
}
