//! A message, told whole or as server-sent events.
//!
//! Events come in the order Anthropic's clients rely on: the message starts, each block starts,
//! grows and stops, the message says why it ended, and stops.

use axum::response::Response;
use oratory_contract::{At, Begun, CallPart, Chunk, Done, Failure, FailureKind, LeftOut};
use serde_json::json;

use super::editing;
use super::wire::{self, Block, Message, UsageWire};
use super::wishes::Shown;
use crate::answers::{Gathered, Head, Piece};
use crate::dialect::Dialect;
use crate::rejected::Rejected;
use crate::teller::{Teller, event};
use crate::{failures, health};

/// Tells messages.
pub(crate) struct Messages {
    stops: Vec<String>,
    shown: Shown,
    /// Whether it is told what was left out of the conversation, and what was.
    edited: bool,
    left_out: LeftOut,
    head: Option<Head>,
    /// Whether the message has started.
    started: bool,
    /// Which block is open, and what it is.
    open: Option<Open>,
    blocks: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Text,
    Thinking,
    Call(u32),
}

impl Messages {
    pub(super) fn new(stops: Vec<String>, shown: Shown, edited: bool) -> Self {
        let left_out = LeftOut::default();
        Self { stops, shown, edited, left_out, head: None, started: false, open: None, blocks: 0 }
    }

    /// Returns a whole block.
    fn block<'a>(&self, piece: &'a Piece, signature: &'a str) -> Block<'a> {
        match piece {
            Piece::Text(text) => Block::Text { text },
            Piece::Thinking(thinking) => {
                let thinking = if self.shown == Shown::Yes { thinking.as_str() } else { "" };
                Block::Thinking { thinking, signature }
            }
            Piece::Call(called) => Block::ToolUse {
                id: &called.head.id,
                name: &called.head.name,
                input: wire::input(&called.arguments),
            },
        }
    }

    fn start(&mut self, begun: Begun, out: &mut Vec<u8>) {
        let (false, Some(head)) = (std::mem::replace(&mut self.started, true), &self.head) else {
            return;
        };
        let message = Message {
            id: format!("msg_{}", head.id),
            r#type: "message",
            role: "assistant",
            model: head.model.as_str(),
            content: Vec::new(),
            stop_reason: None,
            stop_sequence: None,
            usage: begun.into(),
            context_management: None,
        };
        told(out, "message_start", &json!({ "type": "message_start", "message": message }));
        told(out, "ping", &json!({ "type": "ping" }));
    }

    /// Makes sure that the open block is of this kind.
    fn open(&mut self, open: Open, block: &Block<'_>, out: &mut Vec<u8>) {
        if self.open == Some(open) {
            return;
        }
        self.close(out);
        self.open = Some(open);
        let (name, index) = ("content_block_start", self.blocks);
        told(out, name, &json!({ "type": name, "index": index, "content_block": block }));
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        let Some(open) = self.open.take() else { return };
        if let (Open::Thinking, Some(head)) = (open, &self.head) {
            let signature = wire::signature(head.id);
            self.delta(&json!({ "type": "signature_delta", "signature": signature }), out);
        }
        let (name, index) = ("content_block_stop", self.blocks);
        told(out, name, &json!({ "type": name, "index": index }));
        self.blocks += 1;
    }

    fn delta(&self, delta: &serde_json::Value, out: &mut Vec<u8>) {
        let (name, index) = ("content_block_delta", self.blocks);
        told(out, name, &json!({ "type": name, "index": index, "delta": delta }));
    }

    fn call(&mut self, part: &CallPart, out: &mut Vec<u8>) {
        if let Some(head) = &part.begins {
            let (id, name, input) = (&*head.id, &*head.name, wire::input("{}"));
            self.open(Open::Call(part.index), &Block::ToolUse { id, name, input }, out);
        }
        if !part.arguments.is_empty() {
            self.delta(&json!({ "type": "input_json_delta", "partial_json": part.arguments }), out);
        }
    }

    fn done(&mut self, done: &Done, out: &mut Vec<u8>) {
        self.close(out);
        let (stop_reason, stop_sequence) = wire::stopped(done, &self.stops);
        let delta = json!({ "stop_reason": stop_reason, "stop_sequence": stop_sequence });
        let usage = UsageWire::from(done.usage);
        let name = "message_delta";
        let mut data = json!({ "type": name, "delta": delta, "usage": usage });
        if self.edited {
            data["context_management"] = editing::told(self.left_out);
        }
        told(out, name, &data);
    }
}

fn told(out: &mut Vec<u8>, name: &str, data: &serde_json::Value) {
    event(out, Some(name), data);
}

impl Teller for Messages {
    fn begin(&mut self, head: &Head, _: &mut Vec<u8>) {
        self.head = Some(head.clone());
    }

    fn piece(&mut self, _: usize, chunk: Chunk, out: &mut Vec<u8>) {
        match &chunk {
            Chunk::Begun(begun) => {
                self.left_out = begun.left_out;
                return self.start(*begun, out);
            }
            _ => self.start(Begun::default(), out),
        }
        match chunk {
            Chunk::Text(text) => {
                self.open(Open::Text, &Block::Text { text: "" }, out);
                self.delta(&json!({ "type": "text_delta", "text": text }), out);
            }
            Chunk::Thinking(thinking) => {
                let block = Block::Thinking { thinking: "", signature: "" };
                self.open(Open::Thinking, &block, out);
                if self.shown == Shown::Yes {
                    self.delta(&json!({ "type": "thinking_delta", "thinking": thinking }), out);
                }
            }
            Chunk::Call(part) => self.call(&part, out),
            Chunk::Done(done) => self.done(&done, out),
            // Told above, or comes only where it is asked for, which is not here.
            Chunk::Begun(_) | Chunk::Chances(_) | Chunk::Vector(_) | Chunk::Rating(_) => {}
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        told(out, "message_stop", &json!({ "type": "message_stop" }));
    }

    fn failure(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        out.extend_from_slice(b"event: error\ndata: ");
        out.extend_from_slice(&failures::body(Dialect::Anthropic, failure, None));
        out.extend_from_slice(b"\n\n");
    }

    fn pulse(&mut self, out: &mut Vec<u8>) {
        told(out, "ping", &json!({ "type": "ping" }));
    }

    fn whole(self, head: &Head, mut answers: Vec<Gathered>) -> Result<Response, Rejected> {
        let answer = answers.pop().unwrap_or_default();
        let done = answer
            .done
            .ok_or_else(|| Failure::new(FailureKind::Ours, At::Oratory, "the answer has no end"))?;
        let signature = wire::signature(head.id);
        let (stop_reason, stop_sequence) = wire::stopped(&done, &self.stops);
        Ok(health::json(&Message {
            id: format!("msg_{}", head.id),
            r#type: "message",
            role: "assistant",
            model: head.model.as_str(),
            content: answer.pieces.iter().map(|piece| self.block(piece, &signature)).collect(),
            stop_reason: Some(stop_reason),
            stop_sequence,
            usage: done.usage.into(),
            context_management: self.edited.then(|| {
                editing::told(answer.begun.map(|begun| begun.left_out).unwrap_or_default())
            }),
        }))
    }
}
