//! What an answer says, as it comes: text, thinking and tool calls.
//!
//! Puts bytes together to characters, tells marks from text, and ends at stop texts, which count
//! in text only. Holds back no more than may still turn out to be something else.

use std::hash::{BuildHasher, Hasher, RandomState};

use oratory_contract::{CallHead, CallPart, Chance, Chunk};

use super::stop::{Shown, Stop};
use crate::llama::{Model, Token, Whole};
use crate::speech::{Event, Parser};

/// One answer.
pub(super) struct Answer {
    whole: Whole,
    parser: Parser,
    stop: Stop,
    /// How many calls have begun.
    calls: u32,
    said: Vec<Chunk>,
}

impl Answer {
    pub(super) fn new(parser: Parser, stop: Vec<String>) -> Self {
        Self { whole: Whole::default(), parser, stop: Stop::new(stop), calls: 0, said: Vec::new() }
    }

    /// Adds a token.
    pub(super) fn add(&mut self, model: &Model, token: Token) {
        let control = model.is_control(token);
        let text = match control {
            true => self.whole.finish() + &model.spelling(token),
            false => self.whole.push(&model.bytes(token)),
        };
        if !text.is_empty() {
            let events = self.parser.push(&text, control);
            self.tell(events);
        }
    }

    /// Adds how likely the last token was.
    pub(super) fn rate(&mut self, chance: Chance) {
        match self.said.last_mut() {
            Some(Chunk::Chances(chances)) => chances.push(chance),
            _ => self.said.push(Chunk::Chances(vec![chance])),
        }
    }

    /// Returns which stop text has come, if one has.
    pub(super) fn stopped(&self) -> Option<u32> {
        self.stop.over()
    }

    /// Says whether a tool was called.
    pub(super) fn has_called(&self) -> bool {
        self.calls > 0
    }

    /// Says whether what comes next is thinking, as far as can be told.
    pub(super) fn thinks(&self) -> bool {
        self.parser.thinks()
    }

    /// Takes what is ready to be passed on.
    pub(super) fn take(&mut self) -> Vec<Chunk> {
        std::mem::take(&mut self.said)
    }

    /// Ends the answer: what was held back is said, unless a stop text has come.
    pub(super) fn finish(&mut self) {
        if self.stop.over().is_some() {
            return;
        }
        // Half a character at a limit becomes U+FFFD: something was written there.
        let rest = self.whole.finish();
        let mut events = self.parser.push(&rest, false);
        events.extend(self.parser.finish());
        self.tell(events);
        if self.stop.over().is_none() {
            let held = self.stop.finish();
            self.text(held);
        }
    }

    fn tell(&mut self, events: Vec<Event>) {
        for event in events {
            if self.stop.over().is_some() {
                return;
            }
            match event {
                Event::Text(text) => match self.stop.push(&text) {
                    Shown::More(text) | Shown::Last(text) => self.text(text),
                },
                Event::Thinking(text) => self.thinking(text),
                Event::CallBegins { name } => self.begin_call(name),
                Event::CallArguments(arguments) => self.arguments(arguments),
                Event::CallEnds { .. } => {}
            }
        }
    }

    fn text(&mut self, text: String) {
        match self.said.last_mut() {
            _ if text.is_empty() => {}
            Some(Chunk::Text(last)) => last.push_str(&text),
            _ => self.said.push(Chunk::Text(text)),
        }
    }

    fn thinking(&mut self, text: String) {
        match self.said.last_mut() {
            _ if text.is_empty() => {}
            Some(Chunk::Thinking(last)) => last.push_str(&text),
            _ => self.said.push(Chunk::Thinking(text)),
        }
    }

    fn begin_call(&mut self, name: String) {
        // What was held back came before the call.
        let held = self.stop.finish();
        self.text(held);
        let begins = Some(CallHead { id: call_id(), name });
        let index = self.calls;
        self.calls += 1;
        self.said.push(Chunk::Call(CallPart { index, begins, arguments: String::new() }));
    }

    fn arguments(&mut self, arguments: String) {
        let index = self.calls.saturating_sub(1);
        match self.said.last_mut() {
            Some(Chunk::Call(part)) if part.index == index => part.arguments.push_str(&arguments),
            _ => self.said.push(Chunk::Call(CallPart { index, begins: None, arguments })),
        }
    }
}

/// Returns a name for a call that no other call has.
fn call_id() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("call_{:016x}{:08x}", random(), random() as u32)
}
