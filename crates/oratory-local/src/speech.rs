//! Reads what a model writes: which of it is text, which is thinking, which calls a tool.
//!
//! Text comes in as it is made, in pieces cut anywhere; events come out as soon as they are
//! certain. Each family of models marks its calls in its own way; `style` knows them, and the
//! rest is told by what follows the mark. Pure: it knows no tokens and no processes.

mod arguments;
mod body;
mod harmony;
mod head;
mod notation;
mod python;
mod reader;
mod scan;
mod search;
mod style;
#[cfg(test)]
mod tests;

use oratory_contract::Tools;

use self::harmony::Harmony;
use self::reader::Reader;
pub(crate) use self::style::{DEEPSEEK_ITEM, KIMI_ITEM, Shape, Style};
use crate::template::Opens;

/// Something the model wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Some of the answer.
    Text(String),
    /// Some of what it thinks first.
    Thinking(String),
    /// It calls this tool, which need not exist.
    CallBegins { name: String },
    /// More of the JSON text the tool is given.
    CallArguments(String),
    /// The call is over. It is whole if its arguments are JSON: a limit may have cut them off.
    CallEnds { whole: bool },
}

/// Turns one answer, piece by piece, into events.
#[derive(Debug)]
pub(crate) struct Parser(Kind);

#[derive(Debug)]
enum Kind {
    Marked(Reader),
    Harmony(Harmony),
    /// Nothing in it is a mark.
    Plain,
}

impl Parser {
    /// Returns a parser for a text that goes on from another: all of it is text.
    pub(crate) fn plain() -> Self {
        Self(Kind::Plain)
    }

    /// Returns a parser for one answer in this style; `opens` says where the prompt left off.
    pub(crate) fn new(style: &Style, tools: &Tools, opens: Opens) -> Self {
        match style.shape {
            Shape::Harmony => Self(Kind::Harmony(Harmony::new(opens))),
            _ => Self(Kind::Marked(Reader::new(style, tools, opens))),
        }
    }

    /// Reads the next piece. `control` says that it is the spelling of a control token, which is
    /// never shown: it either marks something or is left out.
    pub(crate) fn push(&mut self, piece: &str, control: bool) -> Vec<Event> {
        match &mut self.0 {
            Kind::Marked(reader) => reader.push(piece, control),
            Kind::Harmony(harmony) => harmony.push(piece, control),
            Kind::Plain if control || piece.is_empty() => Vec::new(),
            Kind::Plain => vec![Event::Text(piece.to_owned())],
        }
    }

    /// Says whether what comes next would be thinking, as far as is certain.
    pub(crate) fn thinks(&self) -> bool {
        match &self.0 {
            Kind::Marked(reader) => reader.thinks(),
            Kind::Harmony(harmony) => harmony.thinks(),
            Kind::Plain => false,
        }
    }

    /// Returns what was held back: the answer is over, whole or cut off.
    pub(crate) fn finish(&mut self) -> Vec<Event> {
        match &mut self.0 {
            Kind::Marked(reader) => reader.finish(),
            Kind::Harmony(harmony) => harmony.finish(),
            Kind::Plain => Vec::new(),
        }
    }
}

/// Collects events, joining those that only continue one another.
#[derive(Debug, Default)]
struct Events(Vec<Event>);

impl Events {
    fn text(&mut self, more: &str) {
        match self.0.last_mut() {
            _ if more.is_empty() => {}
            Some(Event::Text(text)) => text.push_str(more),
            _ => self.0.push(Event::Text(more.to_owned())),
        }
    }

    fn thinking(&mut self, more: &str) {
        match self.0.last_mut() {
            _ if more.is_empty() => {}
            Some(Event::Thinking(text)) => text.push_str(more),
            _ => self.0.push(Event::Thinking(more.to_owned())),
        }
    }

    fn begins(&mut self, name: String) {
        self.0.push(Event::CallBegins { name });
    }

    fn arguments(&mut self, more: &str) {
        match self.0.last_mut() {
            _ if more.is_empty() => {}
            Some(Event::CallArguments(text)) => text.push_str(more),
            _ => self.0.push(Event::CallArguments(more.to_owned())),
        }
    }

    fn ends(&mut self, whole: bool) {
        self.0.push(Event::CallEnds { whole });
    }

    fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.0)
    }
}
