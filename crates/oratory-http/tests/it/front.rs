//! A house with scripted models, served on a loopback socket, and a client that sends bytes.
//!
//! Each test has its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oratory_contract::{Budgets, Meant, Sensitivity};
use oratory_fakes::{Drawers, Home, Ledger, Script};
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
    front_at(Door::new(key.map(str::to_owned)), limits).await
}

pub(crate) async fn front_at(door: Door, limits: Limits) -> Front {
    front_for(door, None, limits).await
}

pub(crate) async fn front_for(
    door: Door,
    budgets: Option<Arc<dyn Budgets>>,
    limits: Limits,
) -> Front {
    let ledger = Ledger::default();
    let scripts = [
        Script::Echo,
        Script::Slow,
        Script::Calls,
        Script::Counts,
        Script::Rates,
        Script::Narrow,
        Script::CutsOff,
        Script::RateLimited,
        Script::Late,
        Script::Sees,
    ];
    let home = Home::new(&scripts);
    let portfolio = Portfolio::new(vec![Site::Local(Arc::new(home))]);
    let cards = portfolio.sites().iter().map(|site| site.card().clone()).collect();
    let pipeline = Pipeline::new(oratory_pipeline::Config {
        policy: Arc::new(Policy::load(DEFAULT_POLICY, cards).unwrap()),
        portfolio,
        records: Arc::new(ledger.clone()),
        cache: None,
        prices: Arc::new(|_, _| None),
        spent: None,
        clock: Arc::new(Ticks(Instant::now())),
        near: Some(Box::new(|asked, names| {
            match names.iter().find(|name| name.eq_ignore_ascii_case(asked)) {
                Some(name) => Meant::One((*name).to_owned()),
                None => Meant::None,
            }
        })),
        hedge: None,
        unlabelled: Sensitivity::Internal,
        budgets,
        custom: Arc::default(),
        vault: Arc::new(Drawers::default()),
        routing: Arc::default(),
    });
    let config = Config {
        door,
        body: BODY,
        version: "test",
        silence: Duration::from_millis(300),
        checks: Box::new(Vec::new),
        meters: Box::new(Vec::new),
        loaded: Box::new(Vec::new),
        privacy: Box::new(|text| match text.contains('@') {
            true => vec![("pii".to_owned(), 0.9)],
            false => Vec::new(),
        }),
        changes: None,
        tasks: TaskTracker::new(),
        files: None,
        stop: CancellationToken::new(),
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

    /// Posts a body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.post_bytes(path, "", body.to_string().as_bytes()).await
    }

    /// Posts any bytes, with more headers, each with its line end.
    pub(crate) async fn post_bytes(&self, path: &str, headers: &str, body: &[u8]) -> Response {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-length: {length}\r\n{headers}\r\n"
        );
        self.send(&[head.as_bytes(), body].concat()).await
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
    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.head, self.body))
    }

    /// Returns the body without the marks of its chunks, and with what changes from time to time
    /// as one word: names of requests, moments, and times taken.
    pub(crate) fn plain(&self) -> String {
        let mut plain = String::new();
        let mut rest = unchunked(self);
        while let Some(at) = rest.find(|c: char| c.is_ascii_hexdigit()) {
            plain.push_str(&rest[..at]);
            let end = rest[at..].find(|c: char| !c.is_ascii_hexdigit());
            let end = end.map_or(rest.len(), |end| at + end);
            let word = &rest[at..end];
            let times = ["_duration\":", "\"created\":", "\"created_at\":"];
            plain.push_str(match word {
                word if word.len() == 32 => "ID",
                word if times.iter().any(|name| plain.ends_with(name)) && word != "0" => "1",
                word => word,
            });
            rest = rest[end..].to_owned();
        }
        plain.push_str(&rest);
        moments(&plain)
    }

    /// Returns the events of a stream: their names, and what they say.
    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        let text = unchunked(self);
        let events = text.split("\n\n").filter(|event| event.contains("data: "));
        let event = |event: &str| {
            let field = |name: &str| {
                event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default()
            };
            let data = field("data: ");
            let data = serde_json::from_str(data).unwrap_or_else(|_| Value::from(data));
            (field("event: ").to_owned(), data)
        };
        events.map(event).collect()
    }

    /// Returns the lines of a stream.
    pub(crate) fn lines(&self) -> Vec<Value> {
        unchunked(self).lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
    pub(crate) fn error(&self) -> Value {
        let body: Value = serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.head, self.body));
        body["error"].clone()
    }

    /// Returns status and message, as Ollama tells them.
    pub(crate) fn told_bare(&self) -> (u16, String, String) {
        (self.status, String::new(), self.error().as_str().unwrap_or_default().to_owned())
    }

    /// Returns status, param and message.
    pub(crate) fn told(&self) -> (u16, String, String) {
        let error = self.error();
        let word = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        (self.status, word("param"), word("message"))
    }
}

/// Returns the body without the marks of its chunks.
fn unchunked(response: &Response) -> String {
    if !response.head.contains("transfer-encoding: chunked") {
        return response.body.clone();
    }
    let (mut text, mut rest) = (String::new(), response.body.as_str());
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        text.push_str(&after[..length]);
        rest = &after[length + 2..];
    }
    text
}

/// Puts a word where moments stand.
fn moments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\"20") {
        let end = rest[at + 1..].find('"').map_or(rest.len(), |end| at + 1 + end);
        out.push_str(&rest[..at]);
        let word = &rest[at + 1..end];
        out.push('"');
        out.push_str(if word.ends_with('Z') { "NOW" } else { word });
        rest = &rest[end..];
    }
    out + rest
}
