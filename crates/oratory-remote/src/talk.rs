//! A conversation as most dialects want it: instructions apart, and two sides that take turns.
//!
//! Says nothing in any dialect's words.

use oratory_contract::{Asked, Call, Message, Role};

/// Whose turn it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The person, and the tools.
    Person,
    /// The model.
    Model,
}

/// One piece of a turn.
pub(crate) enum Part<'a> {
    /// Words, never none.
    Text(&'a str),
    /// A tool call.
    Call(&'a Call),
    /// What came of a call.
    Result { call: &'a str, tool: &'a str, text: &'a str },
}

/// Everything one side said before the other did.
pub(crate) struct Turn<'a> {
    pub(crate) side: Side,
    pub(crate) parts: Vec<Part<'a>>,
}

/// A whole conversation.
pub(crate) struct Talk<'a> {
    pub(crate) instructions: Vec<&'a str>,
    pub(crate) turns: Vec<Turn<'a>>,
}

impl<'a> Talk<'a> {
    /// Returns the conversation of a request.
    pub(crate) fn of(asked: &'a Asked) -> Self {
        let mut talk = Self { instructions: Vec::new(), turns: Vec::new() };
        let mut calls: Vec<&Call> = Vec::new();
        for message in &asked.messages {
            if message.role == Role::System {
                talk.instructions.extend(words(message));
                continue;
            }
            let (side, parts) = parts(message, &calls);
            calls.extend(&message.calls);
            talk.add(side, parts);
        }
        talk
    }

    fn add(&mut self, side: Side, parts: Vec<Part<'a>>) {
        match self.turns.last_mut() {
            _ if parts.is_empty() => {}
            Some(last) if last.side == side => last.parts.extend(parts),
            _ => self.turns.push(Turn { side, parts }),
        }
    }

    /// Says whether the model waits for what comes of its own calls.
    pub(crate) fn continues_calls(&self) -> bool {
        let results = |part: &Part<'_>| matches!(part, Part::Result { .. });
        self.turns.last().is_some_and(|turn| turn.parts.iter().any(results))
    }
}

fn words(message: &Message) -> Option<&str> {
    Some(message.content.as_str()).filter(|text| !text.is_empty())
}

fn parts<'a>(message: &'a Message, calls: &[&'a Call]) -> (Side, Vec<Part<'a>>) {
    if message.role == Role::Tool {
        let call = message.answers.as_deref().unwrap_or_default();
        let made = calls.iter().rev().find(|made| made.id == call);
        let tool = made.map(|made| made.name.as_str()).or(message.name.as_deref());
        let (tool, text) = (tool.unwrap_or_default(), message.content.as_str());
        return (Side::Person, vec![Part::Result { call, tool, text }]);
    }
    let side = if message.role == Role::Assistant { Side::Model } else { Side::Person };
    let text = words(message).map(Part::Text);
    (side, text.into_iter().chain(message.calls.iter().map(Part::Call)).collect())
}
