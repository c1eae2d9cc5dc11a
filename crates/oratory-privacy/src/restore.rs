//! Puts originals back where surrogates stand in an answer, even when one arrives in pieces.
//!
//! Holds back no more text than could still become a surrogate. What a tool is given stays JSON.

use std::collections::BTreeMap;
use std::fmt;

use futures_util::StreamExt;
use oratory_contract::{Answer, CallHead, CallPart, Chance, Chunk, Drawer, Failure};

mod sign;
mod token;
mod written;

use sign::Writing;
use token::{Called, Token, token};
pub(crate) use token::{called, look_alikes};

/// Which original each surrogate of one request stands for. Cannot be printed.
#[derive(Default, Clone)]
pub struct Names {
    called: Called,
    /// What tools are called here, by what they are called there.
    tools: BTreeMap<String, String>,
    /// Whether a backslash stands before a surrogate that is not Markdown's.
    backslashes: bool,
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} names", self.called.len())
    }
}

impl From<&Drawer> for Names {
    /// Returns the names of everything that was ever put into a drawer.
    fn from(drawer: &Drawer) -> Self {
        let mut names = Self::default();
        for entry in &drawer.entries {
            names.add(&entry.surrogate, entry.original.clone());
        }
        names
    }
}

impl Names {
    pub(crate) fn add(&mut self, surrogate: &str, original: String) {
        self.called.insert(called(surrogate), original);
    }

    /// Notes what the tool is called here that is called `there` elsewhere.
    pub(crate) fn rename(&mut self, there: &str, here: String) {
        self.tools.insert(there.to_owned(), here);
    }

    /// Notes that a surrogate stands behind a backslash of the text's own.
    pub(crate) fn behind_a_backslash(&mut self) {
        self.backslashes = true;
    }

    /// Returns `text` with every surrogate replaced by its original.
    pub fn restored(&self, text: &str) -> String {
        let mut restorer = Restorer { names: self, held: String::new(), writing: Writing::Plain };
        let mut whole = restorer.push(text);
        whole.push_str(&restorer.held);
        whole
    }

    /// Returns the answer with every surrogate replaced by its original.
    pub fn restore(self, answer: Answer) -> Answer {
        if self.called.is_empty() {
            return answer;
        }
        let Answer { place, model, chunks } = answer;
        let mut held = Held::default();
        // An answer that ends without a word of its end has told all it will.
        let ends = futures_util::stream::once(std::future::ready(None));
        let chunks = chunks
            .map(Some)
            .chain(ends)
            .flat_map(move |chunk| futures_util::stream::iter(self.step(&mut held, chunk)))
            .boxed();
        Answer { place, model, chunks }
    }

    /// Returns a call with the tool's own name.
    fn tool(&self, mut head: CallHead) -> CallHead {
        if let Some(name) = self.tools.get(&head.name) {
            head.name.clone_from(name);
        }
        head
    }

    /// Takes one chunk in, or the end, and gives none, one or two out.
    fn step(
        &self,
        held: &mut Held,
        chunk: Option<Result<Chunk, Failure>>,
    ) -> Vec<Result<Chunk, Failure>> {
        let (kind, text, head) = match chunk {
            Some(Ok(Chunk::Text(text))) => (Speaking::Text, text, None),
            Some(Ok(Chunk::Thinking(text))) => (Speaking::Thinking, text, None),
            Some(Ok(Chunk::Call(part))) => {
                (Speaking::Call(part.index), part.arguments, part.begins)
            }
            // What is said of tokens follows their text, which may be held back.
            Some(Ok(Chunk::Chances(chances))) if !held.text.is_empty() => {
                held.chances.extend(chances);
                return Vec::new();
            }
            other => return held.let_go().into_iter().map(Ok).chain(other).collect(),
        };
        let mut out = Vec::new();
        if held.kind != kind || head.is_some() {
            out.extend(held.let_go().into_iter().map(Ok));
            held.kind = kind;
        }
        let writing =
            if matches!(kind, Speaking::Call(_)) { Writing::Json } else { Writing::Plain };
        let mut restorer = Restorer { names: self, held: std::mem::take(&mut held.text), writing };
        let ready = restorer.push(&text);
        held.text = restorer.held;
        if head.is_some() {
            let Speaking::Call(index) = kind else { return out };
            let begins = head.map(|head| self.tool(head));
            out.push(Ok(Chunk::Call(CallPart { index, begins, arguments: ready })));
        } else if !ready.is_empty() {
            out.push(Ok(kind.says(ready)));
        }
        if held.text.is_empty() {
            out.extend(held.chances().map(Ok));
        }
        out
    }
}

/// What an answer is speaking in.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Speaking {
    #[default]
    Text,
    Thinking,
    Call(u32),
}

impl Speaking {
    fn says(self, text: String) -> Chunk {
        match self {
            Self::Text => Chunk::Text(text),
            Self::Thinking => Chunk::Thinking(text),
            Self::Call(index) => Chunk::Call(CallPart { index, begins: None, arguments: text }),
        }
    }
}

/// What may still become a surrogate.
#[derive(Default)]
struct Held {
    kind: Speaking,
    text: String,
    /// How likely the tokens of that text were.
    chances: Vec<Chance>,
}

impl Held {
    /// Returns it as it is: what followed made no surrogate of it.
    fn let_go(&mut self) -> Vec<Chunk> {
        let text = std::mem::take(&mut self.text);
        let said = (!text.is_empty()).then(|| self.kind.says(text));
        said.into_iter().chain(self.chances()).collect()
    }

    /// Returns what is known of the tokens of text that is held no longer.
    fn chances(&mut self) -> Option<Chunk> {
        let chances = std::mem::take(&mut self.chances);
        (!chances.is_empty()).then_some(Chunk::Chances(chances))
    }
}

struct Restorer<'a> {
    names: &'a Names,
    held: String,
    writing: Writing,
}

impl Restorer<'_> {
    /// Returns what can be said for certain after `text`; the rest is held.
    fn push(&mut self, text: &str) -> String {
        self.held.push_str(text);
        let mut ready = String::with_capacity(self.held.len());
        let mut rest = self.held.as_str();
        while let Some(at) = rest.find(sign::may_open) {
            ready.push_str(&rest[..at]);
            rest = &rest[at..];
            match token(&self.names.called, rest, self.writing, !self.names.backslashes) {
                Token::Stands(stands) => {
                    written::put(&mut ready, &stands, self.writing);
                    rest = &rest[stands.length..];
                }
                Token::None => {
                    let (as_it_is, after) = rest.split_at(sign::step(rest, self.writing));
                    ready.push_str(as_it_is);
                    rest = after;
                }
                Token::Unclear => {
                    self.held = rest.to_owned();
                    return ready;
                }
            }
        }
        ready.push_str(rest);
        self.held.clear();
        ready
    }
}

#[cfg(test)]
mod tests;
