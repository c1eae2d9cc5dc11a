//! Answers to chat and generate, whole or line by line.
//!
//! The two differ only in where the words stand.

use axum::response::Response;
use oratory_contract::{At, CallPart, Chunk, Failure, FailureKind};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::wire::{self, Ended, Watch};
use crate::answers::{Gathered, Head};
use crate::dialect::Dialect;
use crate::rejected::Rejected;
use crate::teller::Teller;
use crate::{clock, failures, health};

/// Where the words of an answer stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// In a `message`.
    Chat,
    /// In `response`.
    Generate,
}

/// Tells answers.
pub(crate) struct Spoken {
    shape: Shape,
    /// The model as the client called it: some look for that very name.
    model: String,
    watch: Option<Watch>,
    /// Calls that are still being written; Ollama tells them whole.
    calls: Gathered,
    told_calls: usize,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Line<'a> {
    model: &'a str,
    created_at: String,
    #[serde(flatten)]
    words: Map<String, Value>,
    #[serde(flatten)]
    ended: Ended,
}

/// What is said at once.
#[derive(Default)]
struct Words {
    text: String,
    thinking: String,
    calls: Vec<Value>,
    chances: Vec<Value>,
}

impl Spoken {
    pub(super) fn new(shape: Shape, model: String) -> Self {
        Self { shape, model, watch: None, calls: Gathered::default(), told_calls: 0 }
    }

    /// Returns the answer to a request that only loads a model, or takes it out of memory.
    pub(super) fn only(&self, reason: &'static str) -> Response {
        health::json(&self.line(Words::default(), Ended::of(reason)))
    }

    fn line(&self, words: Words, ended: Ended) -> Line<'_> {
        let Words { text, thinking, calls, chances } = words;
        let mut said = Map::new();
        let (outer, inner) = match self.shape {
            Shape::Chat => ("message", "content"),
            Shape::Generate => ("", "response"),
        };
        if self.shape == Shape::Chat {
            said.insert("role".into(), json!("assistant"));
        }
        said.insert(inner.into(), json!(text));
        if !thinking.is_empty() {
            said.insert("thinking".into(), json!(thinking));
        }
        if !calls.is_empty() {
            said.insert("tool_calls".into(), json!(calls));
        }
        let mut words = said;
        if self.shape == Shape::Chat {
            words = Map::from_iter([(outer.to_owned(), Value::Object(words))]);
        }
        if !chances.is_empty() {
            words.insert("logprobs".into(), json!(chances));
        }
        let created_at = clock::from_now(std::time::Duration::ZERO);
        Line { model: &self.model, created_at, words, ended }
    }

    fn tell(&self, words: Words, ended: Ended, out: &mut Vec<u8>) {
        serde_json::to_writer(&mut *out, &self.line(words, ended))
            .expect("writing to memory cannot fail");
        out.push(b'\n');
    }

    /// Adds a part of a call; those before it are whole then, and are told.
    fn call(&mut self, part: CallPart, out: &mut Vec<u8>) {
        if part.begins.is_some() {
            self.tell_calls(out);
        }
        self.calls.add(Chunk::Call(part));
    }

    fn tell_calls(&mut self, out: &mut Vec<u8>) {
        let calls: Vec<Value> = self.calls.calls().skip(self.told_calls).map(wire::call).collect();
        if !calls.is_empty() {
            self.told_calls += calls.len();
            self.tell(Words { calls, ..Words::default() }, Ended::default(), out);
        }
    }
}

impl Teller for Spoken {
    const PIECES: &'static str = "application/x-ndjson";
    // A line that is no answer would not be understood.
    const WAITING: &'static [u8] = b"";

    fn begin(&mut self, head: &Head, _: &mut Vec<u8>) {
        self.watch = Some(Watch::new(head.began));
    }

    fn piece(&mut self, _: usize, chunk: Chunk, out: &mut Vec<u8>) {
        match chunk {
            Chunk::Begun(begun) => {
                if let Some(watch) = &mut self.watch {
                    watch.begun(begun);
                }
            }
            Chunk::Text(text) => {
                self.tell(Words { text, ..Words::default() }, Ended::default(), out);
            }
            Chunk::Thinking(thinking) => {
                self.tell(Words { thinking, ..Words::default() }, Ended::default(), out);
            }
            Chunk::Chances(chances) => {
                let chances = wire::chances(&chances);
                self.tell(Words { chances, ..Words::default() }, Ended::default(), out);
            }
            Chunk::Call(part) => self.call(part, out),
            Chunk::Done(done) => {
                self.tell_calls(out);
                let ended = self.watch.map(|watch| watch.ended(&done)).unwrap_or_default();
                self.tell(Words::default(), ended, out);
            }
            // Comes only where it is asked for, which is not here.
            Chunk::Vector(_) | Chunk::Rating(_) => {}
        }
    }

    fn failure(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        out.extend_from_slice(&failures::body(Dialect::Ollama, failure, None));
        out.push(b'\n');
    }

    fn whole(self, head: &Head, mut answers: Vec<Gathered>) -> Result<Response, Rejected> {
        let answer = answers.pop().unwrap_or_default();
        let done = answer
            .done
            .ok_or_else(|| Failure::new(FailureKind::Ours, At::Oratory, "the answer has no end"))?;
        let words = Words {
            text: answer.text(),
            thinking: answer.thinking(),
            calls: answer.calls().map(wire::call).collect(),
            chances: wire::chances(&answer.chances),
        };
        let ended = Watch::new(head.began).gathered(&done, answer.begun);
        Ok(health::json(&self.line(words, ended)))
    }
}
