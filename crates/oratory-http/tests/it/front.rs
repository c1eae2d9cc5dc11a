//! A house with scripted models, served on a loopback socket, and a client that sends bytes.
//!
//! Each test has its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oratory_contract::Sensitivity;
use oratory_fakes::{Home, Ledger, Script};
use oratory_http::{Config, Door, House, Limits};
use oratory_pipeline::{Clock, DEFAULT_POLICY, Pipeline, Policy, Portfolio, Site};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long anything may take before it counts as hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// The largest body.
pub(crate) const BODY: usize = 1 << 20;

struct Ticks(Instant);

impl Clock for Ticks {
    fn unix_ms(&self) -> u64 {
        0
    }

    fn ticks_us(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap()
    }
}

pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    pub(crate) ledger: Ledger,
    tasks: TaskTracker,
    stop: CancellationToken,
}

pub(crate) async fn front() -> Front {
    front_with(None, Limits::default()).await
}

pub(crate) async fn front_with(key: Option<&str>, limits: Limits) -> Front {
    let ledger = Ledger::default();
    let home =
        Home::new(&[Script::Echo, Script::Slow, Script::Calls, Script::Counts, Script::Rates]);
    let portfolio = Portfolio::new(vec![Site::Local(Arc::new(home))]);
    let cards = portfolio.sites().iter().map(|site| site.card().clone()).collect();
    let pipeline = Pipeline::new(oratory_pipeline::Config {
        policy: Policy::load(DEFAULT_POLICY, cards).unwrap(),
        portfolio,
        records: Arc::new(ledger.clone()),
        cache: None,
        clock: Arc::new(Ticks(Instant::now())),
        near: None,
        unlabelled: Sensitivity::Internal,
    });
    let config = Config {
        door: Door::new(key.map(str::to_owned)),
        body: BODY,
        version: "test",
        checks: Box::new(Vec::new),
        meters: Box::new(Vec::new),
        loaded: Box::new(Vec::new),
    };
    let router = House::new(pipeline, config).router();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    tasks.spawn(oratory_http::serve(listener, router, limits, tasks.clone(), stop.clone()));
    Front { address, ledger, tasks, stop }
}

impl Front {
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and reads to the end of the connection.
    pub(crate) async fn send(&self, bytes: &[u8]) -> Response {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.unwrap();
        answer(stream).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        self.send(head.as_bytes()).await
    }

    pub(crate) async fn chat(&self, body: &str) -> Response {
        self.chat_with("", body).await
    }

    /// Sends a chat with more headers, each with its line end.
    pub(crate) async fn chat_with(&self, headers: &str, body: &str) -> Response {
        let head = post(&format!("content-length: {}\r\n{headers}", body.len()));
        self.send(format!("{head}{body}").as_bytes()).await
    }

    /// Stops, and returns how long that took.
    pub(crate) async fn stopped(self) -> Duration {
        let began = Instant::now();
        self.stop.cancel();
        self.tasks.close();
        tokio::time::timeout(PATIENCE, self.tasks.wait()).await.unwrap();
        began.elapsed()
    }
}

/// Returns the head of a chat.
pub(crate) fn post(headers: &str) -> String {
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         {headers}\r\n"
    )
}

/// Returns a chat's body of at least this many bytes.
pub(crate) fn body_of(bytes: usize) -> String {
    let text = "x".repeat(bytes);
    format!(r#"{{"messages":[{{"role":"user","content":"{text}"}}]}}"#)
}

/// Reads to the end of the connection.
pub(crate) async fn answer(mut stream: TcpStream) -> Response {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    read.expect("the connection hangs").expect("the connection was reset");
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("a head came");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Response { status, head: head.to_lowercase(), body: body.to_owned() }
}

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn error(&self) -> Value {
        let body: Value = serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.head, self.body));
        body["error"].clone()
    }

    /// Returns status, param and message.
    pub(crate) fn told(&self) -> (u16, String, String) {
        let error = self.error();
        let word = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        (self.status, word("param"), word("message"))
    }
}
