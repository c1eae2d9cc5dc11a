//! A chat completion as server-sent events.
//!
//! Field names and orders are OpenAI's.

use std::collections::BTreeMap;

use oratory_contract::{Chunk, Done, Usage};
use serde::Serialize;

use crate::answers::Head;
use crate::openai::wire::{CallWire, LogprobsWire, UsageWire, finish_reason};
use crate::teller;

#[derive(Serialize)]
struct Event<'a> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    choices: &'a [Choice<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageWire>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: usize,
    delta: Delta<'a>,
    logprobs: Option<LogprobsWire>,
    finish_reason: Option<&'a str>,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[CallWire<'a>; 1]>,
}

/// Writes events.
pub(super) struct Writer {
    id: String,
    model: String,
    created: u64,
    /// Which answers have begun, one bit each.
    began: u64,
    /// Text that is not told yet, of each answer: where chances are told, they come with it.
    held: Option<BTreeMap<usize, String>>,
}

impl Writer {
    pub(super) fn new(head: &Head, chances: bool) -> Self {
        let (id, model) = (format!("chatcmpl-{}", head.id), head.model.to_string());
        Self { id, model, created: head.created, began: 0, held: chances.then(BTreeMap::new) }
    }

    pub(super) fn piece(&mut self, at: usize, chunk: Chunk, out: &mut Vec<u8>) {
        match chunk {
            Chunk::Text(text) => match &mut self.held {
                Some(held) => held.entry(at).or_default().push_str(&text),
                None => self.text(at, &text, None, out),
            },
            Chunk::Thinking(text) => {
                let reasoning_content = Some(text.as_str());
                self.delta(at, out, Delta { reasoning_content, ..Delta::default() });
            }
            Chunk::Call(part) => {
                let tool_calls = Some([CallWire::part(&part)]);
                self.delta(at, out, Delta { tool_calls, ..Delta::default() });
            }
            Chunk::Chances(chances) => {
                let text = self.held.as_mut().and_then(|held| held.remove(&at));
                let logprobs = Some(LogprobsWire::of(&chances));
                self.text(at, &text.unwrap_or_default(), logprobs, out);
            }
            Chunk::Done(done) => self.done(at, out, done),
            // Told nobody, or comes only where it is asked for, which is not here.
            Chunk::Begun(_) | Chunk::Vector(_) | Chunk::Rating(_) => {}
        }
    }

    fn text(&mut self, at: usize, text: &str, logprobs: Option<LogprobsWire>, out: &mut Vec<u8>) {
        self.begin(at, out);
        let delta = Delta { content: Some(Some(text)), ..Delta::default() };
        self.event(out, &[Choice { logprobs, ..choice(at, delta, None) }], None);
    }

    pub(super) fn usage(&self, usage: Usage, out: &mut Vec<u8>) {
        self.event(out, &[], Some(usage.into()));
    }

    /// Writes an event with something new; before the first of each answer, who speaks.
    fn delta(&mut self, at: usize, out: &mut Vec<u8>, delta: Delta<'_>) {
        self.begin(at, out);
        self.event(out, &[choice(at, delta, None)], None);
    }

    fn begin(&mut self, at: usize, out: &mut Vec<u8>) {
        if !self.has_begun(at) {
            self.began |= 1 << at;
            let speaks = Delta { role: Some("assistant"), content: Some(None), ..Delta::default() };
            self.event(out, &[choice(at, speaks, None)], None);
        }
    }

    fn has_begun(&self, at: usize) -> bool {
        self.began >> at & 1 == 1
    }

    fn done(&mut self, at: usize, out: &mut Vec<u8>, done: Done) {
        self.begin(at, out);
        if let Some(text) = self.held.as_mut().and_then(|held| held.remove(&at)) {
            self.text(at, &text, None, out);
        }
        let finish = Some(finish_reason(done.finish));
        self.event(out, &[choice(at, Delta::default(), finish)], None);
    }

    fn event(&self, out: &mut Vec<u8>, choices: &[Choice<'_>], usage: Option<UsageWire>) {
        let (id, model, created) = (&*self.id, &*self.model, self.created);
        let object = "chat.completion.chunk";
        teller::event(out, None, &Event { id, object, created, model, choices, usage });
    }
}

fn choice<'a>(index: usize, delta: Delta<'a>, finish_reason: Option<&'a str>) -> Choice<'a> {
    Choice { index, delta, logprobs: None, finish_reason }
}
