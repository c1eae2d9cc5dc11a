//! The dialects: whatever the bytes, an answer comes, of the dialect's form, and never one that says
//! Oratory itself is at fault.
//!
//! Over a socket, as strangers send them, to a house whose models follow scripts.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use oratory_contract::{Meant, Sensitivity};
use oratory_fakes::{Drawers, Home, Ledger, Script};
use oratory_http::{Config, Door, House, Limits};
use oratory_pipeline::{Clock, DEFAULT_POLICY, Pipeline, Policy, Portfolio, Site};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::values::filled;
use crate::{Note, number};

/// Where bodies are sent; the first byte of an input chooses.
const PATHS: [&str; 12] = [
    "/v1/chat/completions",
    "/v1/messages",
    "/api/chat",
    "/v1/responses",
    "/api/generate",
    "/v1/completions",
    "/v1/messages/count_tokens",
    "/v1/embeddings",
    "/v1/rerank",
    "/v1/moderations",
    "/api/embed",
    "/api/show",
];

/// Fields and values of bodies.
pub const WORDS: &[&str] = &[
    "\"model\":\"echo\",",
    "\"messages\":[",
    "\"role\":\"user\",",
    "\"role\":\"assistant\",",
    "\"role\":\"tool\",",
    "\"content\":",
    "{\"type\":\"text\",\"text\":\"a\"}",
    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,\"}}",
    "{\"type\":\"document\",\"source\":{\"type\":\"base64\",\"data\":\"\"}}",
    "\"tools\":[",
    "\"tool_calls\":[",
    "\"type\":\"function\",",
    "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}",
    "\"stream\":true,",
    "\"system\":",
    "\"max_tokens\":9,",
    "\"temperature\":1e99,",
    "\"stop\":[\"a\"],",
    "\"n\":3,",
    "\"input\":",
    "\"prompt\":",
    "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{}}},",
    "\"format\":\"json\",",
    "\"options\":{\"num_ctx\":1},",
    "\"tool_choice\":\"auto\",",
    "null",
    "[]",
    "{}",
    "-1",
    "1e400",
    "\"\\ud800\"",
    "\"documents\":[\"a\"],",
    "\"query\":\"a\",",
    "{\"type\":\"input_file\",\"file_data\":\"\"}",
    "\"images\":[\"AA==\"],",
];

struct Ticks(Instant);

impl Clock for Ticks {
    fn unix_ms(&self) -> u64 {
        0
    }

    fn ticks_us(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).expect("nobody waits that long")
    }
}

/// Tries one input: the path, and the body.
pub fn run(input: &[u8], note: Note<'_>) {
    let Some((choice, body)) = input.split_first() else { return };
    let path = PATHS[usize::from(*choice) % PATHS.len()];
    let answer = post(path, &filled(body));
    let text = String::from_utf8(answer).expect("answers are text");
    let (head, told) = text.split_once("\r\n\r\n").expect("an answer has a head");
    let status: u16 = head.get(9..12).and_then(|code| code.parse().ok()).expect("it has a status");
    assert!((200..500).contains(&status), "{path} answered {status}: {told}");
    if status >= 400 {
        assert!(
            told.contains("\"error\""),
            "{path} answered {status} without its envelope: {told}"
        );
    }
    // The words of a failure up to what it quotes say which it is.
    let words = told.split(['`', '"']).filter(|part| part.len() > 8).take(3).collect::<Vec<_>>();
    note(number((path, status, if status >= 400 { words } else { Vec::new() })));
}

fn post(path: &str, body: &[u8]) -> Vec<u8> {
    static HOUSE: LazyLock<SocketAddr> = LazyLock::new(house);
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(*HOUSE).expect("the house listens");
    stream.set_read_timeout(Some(Duration::from_secs(15))).expect("it is not zero");
    stream.write_all(&[head.as_bytes(), body].concat()).expect("the house reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer comes, and ends");
    answer
}

/// Opens a house on a loopback socket and returns where it listens.
fn house() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    listener.set_nonblocking(true).expect("a socket can be told not to wait");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be built").block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("it does not wait");
            let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
            oratory_http::serve(listener, router(), Limits::default(), tasks, stop).await;
        });
    });
    address
}

fn router() -> oratory_http::Served {
    let scripts =
        [Script::Echo, Script::Calls, Script::Counts, Script::Rates, Script::Narrow, Script::Sees];
    let portfolio = Portfolio::new(vec![Site::Local(Arc::new(Home::new(&scripts)))]);
    let cards = portfolio.sites().iter().map(|site| site.card().clone()).collect();
    let policy = Policy::load(DEFAULT_POLICY, cards).expect("the default policy loads");
    let pipeline = Pipeline::new(oratory_pipeline::Config {
        policy: Arc::new(policy),
        portfolio,
        records: Arc::new(Ledger::default()),
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
        budgets: None,
        custom: Arc::default(),
        vault: Arc::new(Drawers::default()),
        routing: Arc::default(),
    });
    let config = Config {
        door: Door::new(None),
        body: 1 << 20,
        version: "fuzz",
        silence: Duration::from_secs(5),
        checks: Box::new(Vec::new),
        meters: Box::new(Vec::new),
        loaded: Box::new(Vec::new),
        privacy: Box::new(|text| {
            let found = oratory_privacy::find(text).into_iter();
            found.map(|finding| (finding.kind.as_str().to_owned(), finding.score)).collect()
        }),
        changes: None,
        files: None,
        tasks: TaskTracker::new(),
        stop: CancellationToken::new(),
    };
    House::new(pipeline, config).router()
}
