//! A response, told whole or as server-sent events.
//!
//! Every event has a number. Items are added, grow and are done; the response is created, in
//! progress, and completed, incomplete or failed.

use std::sync::Arc;

use axum::response::Response;
use oratory_contract::{Begun, CallerName, Chance, Chunk, Failure, Finish, Labels, Message};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::output::{self, State};
use super::store::Kept;
use crate::answers::{Gathered, Head, Piece};
use crate::dialect::Dialect;
use crate::rejected::Rejected;
use crate::router::House;
use crate::teller::{Teller, event};
use crate::{failures, health, shape};

/// A response as it is told, as far as a description can say it.
pub(super) enum Told {}

shape::written!(Told, {
    "type": "object",
    "properties": {
        "id": { "type": "string" },
        "object": { "const": "response" },
        "created_at": { "type": "integer" },
        "status": { "enum": STATUSES },
        "model": { "type": "string" },
        "output": { "type": "array", "items": {
            "type": "object",
            "properties": { "type": { "enum": ["message", "reasoning", "function_call"] } },
            "required": ["type", "id", "status"],
        } },
        "usage": { "type": ["object", "null"] },
        "error": { "type": ["object", "null"] },
    },
    "required": ["id", "object", "created_at", "status", "model", "output", "usage", "error"],
});

/// What a response may be.
const STATUSES: [&str; 5] = ["in_progress", "completed", "incomplete", "failed", "cancelled"];

/// What a response says again of its request.
pub(super) struct Echoed {
    pub(super) instructions: Option<String>,
    pub(super) max_output_tokens: Option<u32>,
    pub(super) previous_response_id: Option<String>,
    pub(super) parallel_tool_calls: bool,
    pub(super) reasoning: Value,
    pub(super) store: bool,
    pub(super) temperature: Option<f32>,
    pub(super) text: Value,
    pub(super) tool_choice: Value,
    pub(super) tools: Vec<Value>,
    pub(super) top_logprobs: u8,
    pub(super) top_p: Option<f32>,
    pub(super) truncation: String,
    pub(super) user: Option<Value>,
    pub(super) metadata: Option<Value>,
}

/// Where a response is kept.
pub(super) struct Keeping {
    pub(super) house: Arc<House>,
    pub(super) caller: CallerName,
    /// The conversation that led to it.
    pub(super) messages: Vec<Message>,
    /// What of it came with this request.
    pub(super) input: Vec<Value>,
    pub(super) declared: Option<Labels>,
}

/// Tells responses.
pub(crate) struct Responses {
    echoed: Echoed,
    keeping: Option<Keeping>,
    /// Whether it is made while nobody waits.
    later: bool,
    head: Option<Head>,
    /// The number of the next event.
    number: u64,
    so_far: Gathered,
    /// Chances of the item that is open.
    chances: Vec<Chance>,
}

impl Responses {
    pub(super) fn new(echoed: Echoed, keeping: Option<Keeping>) -> Self {
        let (so_far, chances) = (Gathered::default(), Vec::new());
        Self { echoed, keeping, later: false, head: None, number: 0, so_far, chances }
    }

    /// Returns the response as it is now.
    fn response(&self, head: &Head, status: &str, answer: Option<&Gathered>) -> Value {
        let echoed = &self.echoed;
        let cut = (status == "incomplete").then(|| json!({ "reason": "max_output_tokens" }));
        let mut response = json!({
            "id": format!("resp_{}", head.id),
            "object": "response",
            "created_at": head.created,
            "status": status,
            "background": self.later,
            "error": null,
            "incomplete_details": cut,
            "instructions": echoed.instructions,
            "max_output_tokens": echoed.max_output_tokens,
            "model": head.model.as_str(),
            "output": answer.map_or_else(Vec::new, |answer| output::items(head.id, answer)),
            "parallel_tool_calls": echoed.parallel_tool_calls,
            "previous_response_id": echoed.previous_response_id,
            "reasoning": echoed.reasoning,
            "service_tier": "default",
            "store": echoed.store,
            "temperature": echoed.temperature,
            "text": echoed.text,
            "tool_choice": echoed.tool_choice,
            "tools": echoed.tools,
            "top_logprobs": echoed.top_logprobs,
            "top_p": echoed.top_p,
            "truncation": echoed.truncation,
            "usage": answer.and_then(|answer| answer.done).map(|done| output::usage(done.usage)),
            "user": echoed.user,
            "metadata": echoed.metadata.clone().unwrap_or_else(|| json!({})),
        });
        if let Some(Begun { left_out, .. }) = answer.and_then(|answer| answer.begun)
            && !left_out.is_nothing()
        {
            response["oratory"] = json!({ "left_out_messages": left_out.messages });
        }
        response
    }

    /// Returns the response that is made from here on while nobody waits, and keeps it as it is.
    pub(super) fn begun(&mut self, head: &Head, work: &CancellationToken) -> Value {
        self.later = true;
        let response = self.response(head, "in_progress", None);
        self.keep(head, &response, None, Some(work.clone()));
        response
    }

    /// Returns the whole response, which is kept from here on if it may be.
    pub(super) fn ended(&mut self, head: &Head, answer: &Gathered) -> (&'static str, Value) {
        let cut = answer.done.is_some_and(|done| done.finish == Finish::Length);
        let status = if cut { "incomplete" } else { "completed" };
        let response = self.response(head, status, Some(answer));
        self.keep(head, &response, Some(answer), None);
        (status, response)
    }

    /// Keeps a response that nobody waited for, and that came to nothing.
    pub(super) fn failed(&mut self, head: &Head, failure: &Failure) {
        let response = self.broken(head, failure);
        self.keep(head, &response, None, None);
    }

    /// Returns a response that ends with a failure.
    fn broken(&self, head: &Head, failure: &Failure) -> Value {
        let mut response = self.response(head, "failed", Some(&self.so_far));
        let message = &told_error(failure)["message"];
        response["error"] = json!({ "code": "server_error", "message": message });
        response
    }

    fn keep(
        &self,
        head: &Head,
        response: &Value,
        answer: Option<&Gathered>,
        work: Option<CancellationToken>,
    ) {
        let Some(keeping) = &self.keeping else { return };
        let Keeping { house, caller, messages, input, declared } = keeping;
        let id = format!("resp_{}", head.id);
        // One that was forgotten while it was made stays forgotten.
        if self.later && work.is_none() && house.responses.find(caller, &id).is_none() {
            return;
        }
        let messages = messages.iter().cloned().chain(answer.map(output::turn)).collect();
        let (response, input, declared) = (response.clone(), input.clone(), declared.clone());
        let kept = Kept { response, messages, input, declared, work };
        house.responses.keep(caller, id, kept);
    }

    fn tell(&mut self, name: &str, mut data: Value, out: &mut Vec<u8>) {
        data["type"] = json!(name);
        data["sequence_number"] = json!(self.number);
        self.number += 1;
        event(out, Some(name), &data);
    }

    /// Returns the item that is open, and its place.
    fn open(&self) -> Option<(usize, &Piece)> {
        let at = self.so_far.pieces.len().checked_sub(1)?;
        Some((at, &self.so_far.pieces[at]))
    }

    /// Returns what events about the open item's only part begin with.
    fn part(&self, head: &Head) -> Value {
        let Some((at, piece)) = self.open() else { return json!({}) };
        let name = output::item_id(head.id, at, piece);
        match piece {
            Piece::Call(_) => json!({ "item_id": name, "output_index": at }),
            _ => json!({ "item_id": name, "output_index": at, "content_index": 0 }),
        }
    }

    fn add(&mut self, head: &Head, out: &mut Vec<u8>) {
        let Some((at, piece)) = self.open() else { return };
        let item = output::item(head.id, at, piece, State::Growing, &[]);
        let part = match piece {
            Piece::Text(_) => Some(output::text_part("", &[])),
            Piece::Thinking(_) => Some(output::thinking_part("")),
            Piece::Call(_) => None,
        };
        let added = json!({ "output_index": at, "item": item });
        self.tell("response.output_item.added", added, out);
        if let Some(part) = part {
            let added = with(self.part(head), "part", part);
            self.tell("response.content_part.added", added, out);
        }
    }

    fn grow(&mut self, head: &Head, delta: &str, out: &mut Vec<u8>) {
        let Some((_, piece)) = self.open() else { return };
        let (name, has_chances) = match piece {
            Piece::Text(_) => ("response.output_text.delta", true),
            Piece::Thinking(_) => ("response.reasoning_text.delta", false),
            Piece::Call(_) => ("response.function_call_arguments.delta", false),
        };
        let mut data = with(self.part(head), "delta", json!(delta));
        if has_chances {
            data["logprobs"] = json!([]);
        }
        self.tell(name, data, out);
    }

    /// Ends the open item.
    fn close(&mut self, head: &Head, state: State, out: &mut Vec<u8>) {
        let chances = std::mem::take(&mut self.chances);
        let Some((at, piece)) = self.open() else { return };
        let item = output::item(head.id, at, piece, state, &chances);
        let base = self.part(head);
        let (name, done, part) = match piece {
            Piece::Text(text) => {
                let done = with(base.clone(), "text", json!(text));
                let done = with(done, "logprobs", output::logprobs(&chances));
                ("response.output_text.done", done, Some(output::text_part(text, &chances)))
            }
            Piece::Thinking(text) => {
                let done = with(base.clone(), "text", json!(text));
                ("response.reasoning_text.done", done, Some(output::thinking_part(text)))
            }
            Piece::Call(called) => {
                let done = with(base.clone(), "name", json!(called.head.name));
                let done = with(done, "arguments", json!(called.arguments));
                ("response.function_call_arguments.done", done, None)
            }
        };
        self.tell(name, done, out);
        if let Some(part) = part {
            self.tell("response.content_part.done", with(base, "part", part), out);
        }
        self.tell("response.output_item.done", json!({ "output_index": at, "item": item }), out);
    }

    /// Adds what was said: to the open item, or to a new one.
    fn said(&mut self, head: &Head, chunk: Chunk, out: &mut Vec<u8>) {
        let more = match &chunk {
            Chunk::Text(more) | Chunk::Thinking(more) => more.clone(),
            Chunk::Call(part) => part.arguments.clone(),
            _ => String::new(),
        };
        let same = match (&chunk, self.open().map(|(_, piece)| piece)) {
            (Chunk::Text(_), Some(Piece::Text(_))) => true,
            (Chunk::Thinking(_), Some(Piece::Thinking(_))) => true,
            (Chunk::Call(part), Some(Piece::Call(called))) => part.index == called.index,
            _ => false,
        };
        if same {
            self.so_far.add(chunk);
        } else {
            self.close(head, State::Whole, out);
            self.so_far.add(chunk);
            self.add(head, out);
        }
        if !more.is_empty() {
            self.grow(head, &more, out);
        }
    }
}

/// Returns a failure as OpenAI's clients know it.
fn told_error(failure: &Failure) -> Value {
    let body = failures::body(Dialect::OpenAi, failure, None);
    let mut body: Value = serde_json::from_slice(&body).unwrap_or_default();
    body["error"].take()
}

/// Adds a field.
fn with(mut data: Value, name: &str, value: Value) -> Value {
    data[name] = value;
    data
}

impl Teller for Responses {
    fn begin(&mut self, head: &Head, out: &mut Vec<u8>) {
        self.head = Some(head.clone());
        for name in ["response.created", "response.in_progress"] {
            let response = self.response(head, "in_progress", None);
            self.tell(name, json!({ "response": response }), out);
        }
    }

    fn piece(&mut self, _: usize, chunk: Chunk, out: &mut Vec<u8>) {
        let Some(head) = self.head.clone() else { return };
        match chunk {
            Chunk::Text(_) | Chunk::Thinking(_) | Chunk::Call(_) => self.said(&head, chunk, out),
            Chunk::Chances(chances) => {
                self.chances.extend(chances.iter().cloned());
                self.so_far.add(Chunk::Chances(chances));
            }
            Chunk::Done(done) => {
                self.so_far.done = Some(done);
                let cut = done.finish == Finish::Length;
                self.close(&head, if cut { State::Cut } else { State::Whole }, out);
                let answer = std::mem::take(&mut self.so_far);
                let (status, response) = self.ended(&head, &answer);
                self.tell(&format!("response.{status}"), json!({ "response": response }), out);
            }
            Chunk::Begun(_) => self.so_far.add(chunk),
            // Comes only where it is asked for, which is not here.
            Chunk::Vector(_) | Chunk::Rating(_) => {}
        }
    }

    fn failure(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        let Some(head) = self.head.clone() else {
            let error = told_error(failure);
            let (code, message) = (&error["code"], &error["message"]);
            return self.tell(
                "error",
                json!({ "code": code, "message": message, "param": null }),
                out,
            );
        };
        let response = self.broken(&head, failure);
        self.tell("response.failed", json!({ "response": response }), out);
    }

    fn whole(mut self, head: &Head, mut answers: Vec<Gathered>) -> Result<Response, Rejected> {
        let answer = answers.pop().unwrap_or_default();
        Ok(health::json(&self.ended(head, &answer).1))
    }
}
