//! A client that asks again and again on one connection, and times what it hears.
//!
//! Reads only as much of HTTP as tells where an answer ends; anything but a 200 is trouble.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Trouble;

/// A request with a body of about a kilobyte, of which no two are the same.
#[derive(Clone)]
pub(crate) struct Request {
    bytes: Vec<u8>,
    /// Where its number stands.
    at: usize,
}

/// What the number of a request is written with.
const DIGITS: usize = 9;

impl Request {
    /// Writes the number of a request into it.
    pub(crate) fn number(&mut self, number: u64) -> &[u8] {
        let digits = format!("{:0DIGITS$}", number % 10_u64.pow(DIGITS as u32));
        self.bytes[self.at..self.at + DIGITS].copy_from_slice(digits.as_bytes());
        &self.bytes
    }
}

/// Returns a request that leaves it to the gateway which model answers.
pub(crate) fn request(streams: bool) -> Request {
    let system = "You are a patient gardener. Answer in plain words, name what to do first, say \
                  why, and warn of the one mistake most people make. Keep it short. ";
    let mark = "0".repeat(DIGITS);
    let question = "My tomatoes stand on a balcony that faces south west. The lower leaves turn \
                    yellow, the upper ones curl, and half of the flowers drop before they set. ";
    let mut body = json!({
        "model": "auto",
        "messages": [
            { "role": "system", "content": system.repeat(2) },
            { "role": "user", "content": format!("Plant {mark}. {}", question.repeat(3)) },
        ],
        "max_tokens": 256,
        "temperature": 0.7,
    });
    if streams {
        body["stream"] = true.into();
    }
    let body = body.to_string();
    let length = body.len();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    let text = head + &body;
    let at = text.find(&mark).expect("it was written there");
    Request { bytes: text.into_bytes(), at }
}

/// One connection to a gateway or to the upstream.
pub(crate) struct Caller {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Caller {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self, Trouble> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Asks for an answer in one piece and returns how long that took.
    pub(crate) async fn whole(&mut self, request: &[u8]) -> Result<Duration, Trouble> {
        let began = self.ask(request).await?;
        while extent(&self.buffer) != Some(self.buffer.len()) {
            self.hear().await?;
        }
        let took = began.elapsed();
        self.check()?;
        Ok(took)
    }

    /// Asks for a stream, hears it out, and returns how long the first token took.
    pub(crate) async fn streamed(&mut self, request: &[u8]) -> Result<Duration, Trouble> {
        let began = self.ask(request).await?;
        let mut first = None;
        while !self.buffer.ends_with(b"\r\n0\r\n\r\n") {
            self.hear().await?;
            if first.is_none() {
                first = holds(&self.buffer, b"data: ").then(|| began.elapsed());
                self.check()?;
            }
        }
        let whole = holds(&self.buffer, b"data: [DONE]");
        first.filter(|_| whole).ok_or_else(|| self.trouble("the stream ended without its end"))
    }

    /// Asks for a page and returns its text.
    pub(crate) async fn page(&mut self, path: &str) -> Result<String, Trouble> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
        self.whole(request.as_bytes()).await?;
        Ok(String::from_utf8_lossy(&self.buffer).into_owned())
    }

    async fn ask(&mut self, request: &[u8]) -> Result<Instant, Trouble> {
        self.buffer.clear();
        let began = Instant::now();
        self.stream.write_all(request).await?;
        Ok(began)
    }

    async fn hear(&mut self) -> Result<(), Trouble> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(self.trouble("the connection was closed")),
            _ => Ok(()),
        }
    }

    fn check(&self) -> Result<(), Trouble> {
        let good = self.buffer.starts_with(b"HTTP/1.1 200 ");
        if good { Ok(()) } else { Err(self.trouble("a request was not answered with 200")) }
    }

    fn trouble(&self, what: &str) -> Trouble {
        let heard = String::from_utf8_lossy(&self.buffer);
        let heard: String = heard.chars().take(600).collect();
        format!("{what}; heard was {heard:?}").into()
    }
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Returns where a message ends that names its length, once its head is there.
///
/// A head without a length ends the message, as that of a `GET` does.
pub(crate) fn extent(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let mut lines = bytes[..head].split(|byte| *byte == b'\n');
    let length = lines.find_map(|line| {
        let name = b"content-length:";
        let (start, value) = line.split_at_checked(name.len())?;
        let value = std::str::from_utf8(value).ok()?;
        start.eq_ignore_ascii_case(name).then(|| value.trim().parse::<usize>().ok())?
    });
    let end = head + length.unwrap_or(0);
    (bytes.len() >= end).then_some(end)
}
