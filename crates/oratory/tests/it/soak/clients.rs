//! Clients of every kind: brief, patient, slow, rude, and wanting forms and tools.
//!
//! What each does next is drawn from a number, so that a run can be told from another.

use std::fmt;
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::house::{Response, Server};

/// What clients have seen.
#[derive(Default)]
pub(super) struct Seen {
    /// Requests that were sent whole.
    pub(super) sent: u64,
    /// Of those, how many cut the connection before anything was answered.
    pub(super) fled: u64,
    /// Of those, how many cut it in the middle of an answer.
    pub(super) left: u64,
    pub(super) refused: u64,
    pub(super) full: u64,
    pub(super) failed: u64,
    /// Requests that were answered to the end, and how many tokens each took.
    pub(super) answers: Vec<(String, u64)>,
}

impl Seen {
    pub(super) fn and(mut self, other: Self) -> Self {
        self.sent += other.sent;
        self.fled += other.fled;
        self.left += other.left;
        self.refused += other.refused;
        self.full += other.full;
        self.failed += other.failed;
        self.answers.extend(other.answers);
        self
    }

    pub(super) fn tokens(&self) -> u64 {
        self.answers.iter().map(|(_, tokens)| tokens).sum()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, fled, left, refused, full, failed, answers } = self;
        let tokens = self.tokens();
        write!(
            f,
            "{sent} sent: {} answered with {tokens} tokens, {left} left in the middle, {fled} \
             fled, {full} told to come back, {refused} refused, {failed} failed",
            answers.len()
        )
    }
}

pub(super) struct Client<'a> {
    server: &'a Server,
    state: u64,
    seen: Seen,
}

impl<'a> Client<'a> {
    pub(super) fn new(server: &'a Server, number: u64) -> Self {
        Self { server, state: 0x9e37_79b9_7f4a_7c15 ^ (number + 1) << 17, seen: Seen::default() }
    }

    /// Asks one thing after another until it is over.
    pub(super) fn work(mut self, over: &AtomicBool) -> Seen {
        while !over.load(Ordering::SeqCst) {
            match self.below(12) {
                0..3 => self.read(&json!({ "max_tokens": 30 }), usize::MAX, 0),
                3..5 => self.whole(&json!({ "max_tokens": 8 })),
                5 | 6 => {
                    let events = self.below(20);
                    self.read(&json!({ "max_tokens": 900 }), events as usize, 0);
                }
                7 => self.read(&json!({ "max_tokens": 60 }), usize::MAX, 15),
                8 => self.whole(&form()),
                9 => self.whole(&tool()),
                10 => self.wrong(),
                _ => self.flee(),
            }
        }
        self.seen
    }

    /// Returns a number drawn from those below `most`.
    fn below(&mut self, most: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % most
    }

    fn body(&mut self, more: &Value) -> Value {
        let model = if self.below(2) == 0 { "one" } else { "two" };
        // Long prompts and short ones, new ones and known ones.
        let text = format!("Hello {} ", self.below(5)).repeat(1 + self.below(40) as usize);
        let mut body = json!({ "model": model, "messages": [{ "role": "user", "content": text }] });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    }

    /// Sends a request; `None` if there is no answer, which is noted.
    fn ask(&mut self, body: &Value) -> Option<Response> {
        self.seen.sent += 1;
        let response = self.server.chat(body);
        match response.status {
            200 => return Some(response),
            400 => self.seen.refused += 1,
            429 => {
                assert!(response.header("retry-after").is_some(), "{}", response.head);
                self.seen.full += 1;
                std::thread::sleep(Duration::from_millis(100));
            }
            status => {
                println!("{status} {}", response.text());
                self.seen.failed += 1;
            }
        }
        None
    }

    fn whole(&mut self, more: &Value) {
        let body = self.body(more);
        let Some(response) = self.ask(&body) else { return };
        let id = id(&response);
        let answer = response.json();
        let tokens = answer["usage"]["completion_tokens"].as_u64().unwrap();
        self.seen.answers.push((id, tokens));
    }

    /// Reads a stream, so many events of it and with so many milliseconds between them.
    fn read(&mut self, more: &Value, most: usize, pause: u64) {
        let mut body = self.body(more);
        body["stream"] = json!(true);
        body["stream_options"] = json!({ "include_usage": true });
        let Some(mut response) = self.ask(&body) else { return };
        let id = id(&response);
        let mut tokens = None;
        for _ in 0..most {
            let Some(event) = response.event() else { panic!("a stream ended without an end") };
            if event == "[DONE]" {
                let tokens = tokens.expect("the tokens are told before the end");
                self.seen.answers.push((id, tokens));
                return;
            }
            let event: Value = serde_json::from_str(&event).unwrap();
            if event["error"].is_object() {
                println!("{event}");
                self.seen.failed += 1;
                return;
            }
            tokens = event["usage"]["completion_tokens"].as_u64();
            std::thread::sleep(Duration::from_millis(pause));
        }
        self.seen.left += 1;
    }

    fn wrong(&mut self) {
        let body = self.body(&json!({ "response_format": { "type": "json_schema",
            "json_schema": { "name": "s", "schema": { "$ref": "#" } } } }));
        assert!(self.ask(&body).is_none());
    }

    /// Sends a request and goes away.
    fn flee(&mut self) {
        let body = self.body(&json!({ "max_tokens": 200, "stream": true })).to_string();
        let mut stream = TcpStream::connect(self.server.address).unwrap();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let patience = self.below(30);
        std::thread::sleep(Duration::from_millis(patience));
        (self.seen.sent, self.seen.fled) = (self.seen.sent + 1, self.seen.fled + 1);
    }
}

fn id(response: &Response) -> String {
    response.header("x-request-id").unwrap().to_owned()
}

fn form() -> Value {
    json!({ "max_tokens": 80, "response_format": { "type": "json_schema", "json_schema": {
        "name": "s", "schema": { "type": "object", "properties": {
            "mood": { "enum": ["good", "bad"] }, "sure": { "type": "boolean" } },
            "required": ["mood", "sure"], "additionalProperties": false } } } })
}

fn tool() -> Value {
    json!({ "max_tokens": 120, "tool_choice": "required", "parallel_tool_calls": false, "tools": [{
        "type": "function", "function": { "name": "weather", "parameters": { "type": "object",
            "properties": { "days": { "type": "integer", "minimum": 1, "maximum": 9 } },
            "required": ["days"], "additionalProperties": false } } }] })
}
