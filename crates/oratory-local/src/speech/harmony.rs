//! Reads an answer made of messages on channels, each with a header, as gpt-oss writes it.
//!
//! `<|channel|>analysis<|message|>` is thinking, a recipient makes it a call, all else is text.
//! The prompt ends behind `<|start|>assistant`, so an answer begins inside a header.

use super::search::{self, Begins, Found};
use super::{Event, Events};
use crate::template::Opens;

const MESSAGE: &str = "<|message|>";
/// What ends a message; the last two begin the next header as well.
const ENDS: [&str; 5] = ["<|end|>", "<|return|>", "<|call|>", "<|start|>", "<|channel|>"];
/// What a header can begin with; anything else is an answer without one.
const HEADERS: [&str; 5] = ["<|channel|>", "<|start|>", " to=", "to=", "<|constrain|>"];

/// Reads one answer.
#[derive(Debug)]
pub(super) struct Harmony {
    state: State,
    held: String,
    events: Events,
    /// The JSON of the call under way.
    made: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between messages.
    Header,
    Text,
    Thinking,
    Call,
}

impl Harmony {
    pub(super) fn new(opens: Opens) -> Self {
        let state = match opens {
            Opens::Answer => State::Header,
            Opens::Thinking => State::Thinking,
        };
        Self { state, held: String::new(), events: Events::default(), made: String::new() }
    }

    pub(super) fn push(&mut self, piece: &str, control: bool) -> Vec<Event> {
        let known = ENDS.contains(&piece) || HEADERS.contains(&piece) || piece == MESSAGE;
        if !control || known {
            self.held.push_str(piece);
            while self.step() {}
        }
        self.events.take()
    }

    pub(super) fn thinks(&self) -> bool {
        self.state == State::Thinking
    }

    pub(super) fn finish(&mut self) -> Vec<Event> {
        let held = std::mem::take(&mut self.held);
        match self.state {
            // A header that never got its message says nothing.
            State::Header if HEADERS.iter().any(|mark| held.starts_with(mark)) => {}
            State::Header => self.events.text(&held),
            _ => self.tell(&held),
        }
        self.close();
        self.events.take()
    }

    fn step(&mut self) -> bool {
        match self.state {
            State::Header => self.header(),
            _ => self.content(),
        }
    }

    fn header(&mut self) -> bool {
        match search::begins(&self.held, &HEADERS) {
            Begins::Perhaps => return false,
            Begins::No => {
                self.state = State::Text;
                return true;
            }
            Begins::With(_) => {}
        }
        let Some(end) = self.held.find(MESSAGE) else { return false };
        let header: String = self.held.drain(..end + MESSAGE.len()).collect();
        self.open(&header);
        true
    }

    fn open(&mut self, header: &str) {
        if let Some((_, recipient)) = header.split_once("to=") {
            let end = recipient.find(|c: char| c.is_whitespace() || c == '<');
            let name = &recipient[..end.unwrap_or(recipient.len())];
            let name = name.strip_prefix("functions.").unwrap_or(name);
            self.events.begins(name.to_owned());
            self.state = State::Call;
        } else if header.contains("analysis") {
            self.state = State::Thinking;
        } else {
            self.state = State::Text;
        }
    }

    fn content(&mut self) -> bool {
        let (end, mark) = match search::find(&self.held, &ENDS) {
            Found::Mark(at, mark) => (at, Some(mark)),
            Found::Perhaps(at) => (at, None),
        };
        let text: String = self.held.drain(..end).collect();
        self.tell(&text);
        let Some(mark) = mark else { return false };
        self.close();
        if !matches!(mark, "<|start|>" | "<|channel|>") {
            self.held.drain(..mark.len());
        }
        true
    }

    fn tell(&mut self, text: &str) {
        match self.state {
            State::Thinking => self.events.thinking(text),
            State::Call => {
                self.made.push_str(text);
                self.events.arguments(text);
            }
            State::Text | State::Header => self.events.text(text),
        }
    }

    fn close(&mut self) {
        if self.state == State::Call {
            let whole = serde_json::from_str::<serde_json::Value>(&self.made).is_ok();
            self.made.clear();
            self.events.ends(whole);
        }
        self.state = State::Header;
    }
}
