//! Reads an answer in which marks stand around thinking and calls.
//!
//! What turns out to be no call is given back as the text it is, marks included.

use oratory_contract::Tools;

use super::arguments::Types;
use super::body::{Body, Part};
use super::head::{self, Head};
use super::scan::{Scan, Step};
use super::search::{self, Begins, Found};
use super::style::{DEEPSEEK_ITEM, KIMI_ITEM, SILENT, Shape, Style};
use super::{Event, Events};
use crate::template::Opens;

/// Reads one answer.
#[derive(Debug)]
pub(super) struct Reader {
    style: Style,
    types: Vec<(String, Types)>,
    /// Whether an object at the very start can be a call.
    bare: bool,
    state: State,
    held: String,
    events: Events,
    /// Whether it has thought, after which a closing mark is only text.
    thought: bool,
}

#[derive(Debug)]
enum State {
    /// Text. `fresh` until something was said; then thinking may still begin.
    Answer {
        fresh: Fresh,
    },
    /// Thinking; `begun` once some of it was told.
    Thinking {
        begun: bool,
    },
    /// Between the marks around calls. `raw` is all since the mark, while nothing was called.
    Region {
        raw: String,
        called: bool,
    },
    Body(Body),
    /// Behind the arguments, inside what is still around them.
    Tail(Scan),
}

/// Whether something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fresh {
    /// Nothing; space at the start belongs to the text.
    Start,
    /// Nothing since thinking or a call; space between is layout.
    Again,
    /// Something.
    No,
}

/// What may stand between calls and means nothing.
const BETWEEN: [&str; 8] =
    [",", ";", "]", "```", DEEPSEEK_ITEM[0], DEEPSEEK_ITEM[2], KIMI_ITEM[0], KIMI_ITEM[2]];

impl Reader {
    pub(super) fn new(style: &Style, tools: &Tools, opens: Opens) -> Self {
        let state = match opens {
            Opens::Answer => State::Answer { fresh: Fresh::Start },
            Opens::Thinking => State::Thinking { begun: false },
        };
        let types = tools.offered.iter().map(|tool| (tool.name.clone(), Types::of(tool)));
        Self {
            types: types.collect(),
            bare: style.shape == Shape::Bare && tools.may_be_called(),
            style: style.clone(),
            thought: opens == Opens::Thinking,
            state,
            held: String::new(),
            events: Events::default(),
        }
    }

    pub(super) fn push(&mut self, piece: &str, control: bool) -> Vec<Event> {
        if !control || self.means_something(piece) {
            self.held.push_str(piece);
            while self.step() {}
        }
        self.events.take()
    }

    pub(super) fn thinks(&self) -> bool {
        matches!(self.state, State::Thinking { .. })
    }

    pub(super) fn finish(&mut self) -> Vec<Event> {
        let held = std::mem::take(&mut self.held);
        match &mut self.state {
            State::Answer { fresh: Fresh::Again } => self.events.text(held.trim_start()),
            State::Answer { .. } => self.events.text(&held),
            State::Thinking { .. } => self.events.thinking(&held),
            State::Region { raw, called: false } => {
                self.events.text(raw);
                self.events.text(&held);
            }
            State::Region { called: true, .. } => self.events.text(held.trim_start()),
            State::Body(body) => {
                let rest = body.cut_off(&held);
                self.events.arguments(&rest);
                self.events.ends(false);
            }
            State::Tail(_) => {}
        }
        self.state = State::Answer { fresh: Fresh::Again };
        self.events.take()
    }

    fn means_something(&self, piece: &str) -> bool {
        self.style.marks().any(|mark| mark.contains(piece))
    }

    /// Reads on as far as is certain; says whether there may be more to read.
    fn step(&mut self) -> bool {
        match &self.state {
            State::Answer { fresh } => self.answer(*fresh),
            State::Thinking { begun } => self.thinking(*begun),
            State::Region { .. } => self.region(),
            State::Body(_) => self.body(),
            State::Tail(_) => self.tail(),
        }
    }

    fn answer(&mut self, fresh: Fresh) -> bool {
        if fresh != Fresh::No {
            let space = self.held.len() - self.held.trim_start().len();
            if fresh == Fresh::Again {
                self.held.drain(..space);
            } else {
                self.says(space, fresh);
            }
            if self.bare && fresh == Fresh::Start && self.held.starts_with('{') {
                self.state = State::Region { raw: String::new(), called: false };
                return true;
            }
            if let Some(going) = self.opening() {
                return going;
            }
        }
        let marks = self.marks_in_text();
        match search::find(&self.held, &marks) {
            Found::Perhaps(at) => {
                let fresh = if at > 0 { Fresh::No } else { fresh };
                self.says(at, fresh)
            }
            Found::Mark(at, mark) => self.marked(at, mark, fresh),
        }
    }

    /// Reads a mark of thinking at the start; `None` if there is none.
    fn opening(&mut self) -> Option<bool> {
        match search::begins(&self.held, &[self.style.thinking.open]) {
            Begins::No => None,
            Begins::Perhaps => Some(false),
            Begins::With(mark) => {
                self.held.drain(..mark.len());
                self.state = State::Thinking { begun: false };
                self.thought = true;
                Some(true)
            }
        }
    }

    fn marks_in_text(&self) -> Vec<&'static str> {
        let mut marks = self.style.begins.to_vec();
        marks.extend(SILENT);
        if !self.thought {
            marks.push(self.style.thinking.close);
        }
        marks
    }

    fn marked(&mut self, at: usize, mark: &'static str, fresh: Fresh) -> bool {
        let fresh = if at > 0 { Fresh::No } else { fresh };
        self.says(at, fresh);
        let is_call = self.style.begins.contains(&mark);
        // A mark that is the beginning of a call itself stays, to be read as such.
        let belongs = mark == "<function=" || DEEPSEEK_ITEM[0] == mark || KIMI_ITEM[0] == mark;
        let taken = if is_call && belongs { 0 } else { mark.len() };
        self.held.drain(..taken);
        if is_call {
            let raw = if taken == 0 { String::new() } else { mark.to_owned() };
            self.state = State::Region { raw, called: false };
        } else if mark == self.style.thinking.close {
            // Thinking that was opened nowhere: what came before cannot be taken back.
            self.thought = true;
            self.state = State::Answer { fresh: Fresh::Again };
        }
        true
    }

    /// Tells the first bytes held as text.
    fn says(&mut self, length: usize, fresh: Fresh) -> bool {
        let text: String = self.held.drain(..length).collect();
        self.events.text(&text);
        self.state = State::Answer { fresh };
        false
    }

    fn thinking(&mut self, begun: bool) -> bool {
        // Space around a thought is layout: at its start it is dropped, at its end held back.
        if !begun {
            let space = self.held.len() - self.held.trim_start().len();
            self.held.drain(..space);
        }
        let close = self.style.thinking.close;
        let (end, closed) = match search::find(&self.held, &[close]) {
            Found::Mark(at, _) => (at, true),
            Found::Perhaps(at) => (at, false),
        };
        let shown = self.held[..end].trim_end().len();
        if shown > 0 {
            let text: String = self.held.drain(..shown).collect();
            self.events.thinking(&text);
            self.state = State::Thinking { begun: true };
        }
        if closed {
            let end = self.held.find(close).map_or(0, |at| at + close.len());
            self.held.drain(..end);
            self.state = State::Answer { fresh: Fresh::Again };
        }
        closed
    }

    fn region(&mut self) -> bool {
        let space = self.held.len() - self.held.trim_start().len();
        self.skip(space);
        if self.held.is_empty() {
            return false;
        }
        let mut marks = self.style.ends.to_vec();
        marks.extend(BETWEEN);
        marks.extend(self.style.begins.iter().filter(|mark| **mark != "<function="));
        if matches!(self.style.shape, Shape::List(..) | Shape::Named | Shape::Object) {
            marks.push("[");
        }
        match search::begins(&self.held, &marks) {
            Begins::Perhaps => false,
            Begins::With(mark) => self.passes(mark),
            Begins::No => self.head(),
        }
    }

    fn passes(&mut self, mark: &str) -> bool {
        self.skip(mark.len());
        let ended = self.style.ends.contains(&mark);
        if let (true, State::Region { raw, called }) = (ended, &self.state) {
            if !called {
                let raw = raw.clone();
                self.events.text(&raw);
            }
            self.state = State::Answer { fresh: Fresh::Again };
        }
        true
    }

    /// Drops bytes between calls; they are kept while there is no call.
    fn skip(&mut self, length: usize) {
        let text: String = self.held.drain(..length).collect();
        if let State::Region { raw, called: false } = &mut self.state {
            raw.push_str(&text);
        }
    }

    fn head(&mut self) -> bool {
        let end = self.style.ends.first().copied().unwrap_or_default();
        match head::read(self.style.shape, &self.held, end) {
            Head::More => return false,
            Head::Broken => self.give_back(),
            Head::Call { name, used, body } => {
                self.held.drain(..used);
                let types = self.types.iter().find(|(known, _)| *known == name);
                let types = types.map(|(_, types)| types.clone()).unwrap_or_default();
                self.events.begins(name);
                self.state = State::Body(body.typed(types));
            }
            Head::Calls { calls, used } => {
                self.held.drain(..used);
                for (name, arguments) in calls {
                    self.events.begins(name);
                    self.events.arguments(&arguments);
                    self.events.ends(true);
                }
                self.state = State::Region { raw: String::new(), called: true };
            }
        }
        true
    }

    fn give_back(&mut self) {
        let before = std::mem::replace(&mut self.state, State::Answer { fresh: Fresh::No });
        match before {
            State::Region { raw, called: false } if raw.is_empty() => {
                // The mark is the first thing held; it must not be found again.
                let first = self.held.chars().next().map_or(0, char::len_utf8);
                self.says(first, Fresh::No);
            }
            State::Region { raw, called: false } => self.events.text(&raw),
            _ => self.state = State::Answer { fresh: Fresh::Again },
        }
    }

    fn body(&mut self) -> bool {
        let State::Body(body) = &mut self.state else { return false };
        match body.read(&self.held) {
            Part::Wait => false,
            Part::More { used, json } => {
                self.held.drain(..used);
                self.events.arguments(&json);
                !self.held.is_empty()
            }
            Part::Last { used, json, around, whole } => {
                self.held.drain(..used);
                self.events.arguments(&json);
                self.events.ends(whole);
                self.state = match around {
                    0 => State::Region { raw: String::new(), called: true },
                    around => State::Tail(Scan::inside(around)),
                };
                true
            }
        }
    }

    fn tail(&mut self) -> bool {
        let State::Tail(scan) = &mut self.state else { return false };
        match scan.read(&self.held) {
            Step::More => {
                self.held.clear();
                false
            }
            Step::Ends(used) | Step::Broken(used) => {
                self.held.drain(..used);
                self.state = State::Region { raw: String::new(), called: true };
                true
            }
        }
    }
}
