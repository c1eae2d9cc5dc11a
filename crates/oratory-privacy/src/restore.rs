//! Puts originals back where surrogates stand in an answer, even when one arrives in pieces.
//!
//! Holds back no more text than could still become a surrogate.

use std::fmt;

use futures_util::StreamExt;
use oratory_contract::{Answer, Chunk, Failure};

/// Which original each surrogate of one request stands for. Cannot be printed.
#[derive(Default, Clone)]
pub struct Names(Vec<(String, String)>);

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} names", self.0.len())
    }
}

impl Names {
    pub(crate) fn add(&mut self, surrogate: String, original: String) {
        self.0.push((surrogate, original));
    }

    /// Returns `text` with every surrogate replaced by its original.
    pub fn restored(&self, text: &str) -> String {
        let mut restorer = Restorer { names: self, held: String::new() };
        let mut whole = restorer.push(text);
        whole.push_str(&restorer.held);
        whole
    }

    /// Returns the answer with every surrogate replaced by its original.
    pub fn restore(self, answer: Answer) -> Answer {
        if self.0.is_empty() {
            return answer;
        }
        let Answer { place, model, chunks } = answer;
        let mut held = String::new();
        let chunks = chunks
            .flat_map(move |chunk| futures_util::stream::iter(self.step(&mut held, chunk)))
            .boxed();
        Answer { place, model, chunks }
    }

    /// Takes one chunk in and gives none, one or two out.
    fn step(
        &self,
        held: &mut String,
        chunk: Result<Chunk, Failure>,
    ) -> Vec<Result<Chunk, Failure>> {
        match chunk {
            Ok(Chunk::Text(text)) => {
                let mut restorer = Restorer { names: self, held: std::mem::take(held) };
                let ready = restorer.push(&text);
                *held = restorer.held;
                if ready.is_empty() { Vec::new() } else { vec![Ok(Chunk::Text(ready))] }
            }
            end => {
                let rest = std::mem::take(held);
                let rest = (!rest.is_empty()).then_some(Ok(Chunk::Text(rest)));
                rest.into_iter().chain([end]).collect()
            }
        }
    }
}

struct Restorer<'a> {
    names: &'a Names,
    held: String,
}

impl Restorer<'_> {
    /// Returns what can be said for certain after `text`; the rest is held.
    fn push(&mut self, text: &str) -> String {
        self.held.push_str(text);
        let mut ready = String::with_capacity(self.held.len());
        let mut rest = self.held.as_str();
        while let Some(at) = rest.find('<') {
            ready.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some((surrogate, original)) =
                self.names.0.iter().find(|(surrogate, _)| rest.starts_with(surrogate.as_str()))
            {
                ready.push_str(original);
                rest = &rest[surrogate.len()..];
            } else if self.names.0.iter().any(|(surrogate, _)| surrogate.starts_with(rest)) {
                // Hold back a partial surrogate: providers split `<EMAIL_7>` across chunks.
                self.held = rest.to_owned();
                return ready;
            } else {
                ready.push('<');
                rest = &rest[1..];
            }
        }
        ready.push_str(rest);
        self.held.clear();
        ready
    }
}

#[cfg(test)]
mod tests;
