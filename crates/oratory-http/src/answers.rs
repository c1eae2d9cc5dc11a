//! The answers to one request, most often one, as they come.
//!
//! Keeps the meters true; how they are told is the dialect's matter.

use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream::SelectAll;
use oratory_contract::{
    At, Begun, CallHead, CallPart, Chance, Chunk, Chunks, Done, Failure, FailureKind, ModelName,
    RequestId, Usage,
};

use crate::telling::Telling;

/// What every piece of one answer repeats.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) id: RequestId,
    pub(crate) model: ModelName,
    /// In seconds since 1970.
    pub(crate) created: u64,
    pub(crate) began: Instant,
}

/// The answers to one request.
pub(crate) struct Answers {
    pub(crate) head: Head,
    chunks: SelectAll<Numbered>,
    /// One for each, until it has ended.
    telling: Vec<Option<Telling>>,
}

type Numbered = futures_util::stream::BoxStream<'static, (usize, Result<Chunk, Failure>)>;

impl Answers {
    pub(crate) fn new(began: Instant, created: u64) -> Self {
        let head = Head { id: RequestId::from_bytes([0; 16]), model: "".into(), created, began };
        Self { head, chunks: SelectAll::new(), telling: Vec::new() }
    }

    /// Adds an answer that has begun; the first gives the head.
    pub(crate) fn add(
        &mut self,
        id: RequestId,
        model: ModelName,
        chunks: Chunks,
        telling: Telling,
    ) {
        if self.telling.is_empty() {
            (self.head.id, self.head.model) = (id, model);
        }
        let at = self.telling.len();
        let end = futures_util::stream::once(async { Err(cut_short()) });
        self.chunks.push(chunks.chain(end).map(move |chunk| (at, chunk)).boxed());
        self.telling.push(Some(telling));
    }

    /// Says whether all of them have ended.
    pub(crate) fn are_over(&self) -> bool {
        self.telling.iter().all(Option::is_none)
    }

    /// Returns the next piece, and of which answer it is; `None` once all have ended.
    pub(crate) async fn next(&mut self) -> Option<(usize, Result<Chunk, Failure>)> {
        while !self.are_over() {
            let (at, chunk) = self.chunks.next().await?;
            let Some(telling) = &mut self.telling[at] else { continue };
            telling.note(&chunk);
            if matches!(chunk, Ok(Chunk::Done(_)) | Err(_)) {
                self.telling[at] = None;
            }
            return Some((at, chunk));
        }
        None
    }

    /// Returns all of them once they are whole; a failure of one is a failure of all.
    pub(crate) async fn gather(mut self) -> Result<Vec<Gathered>, Failure> {
        let mut all: Vec<Gathered> = self.telling.iter().map(|_| Gathered::default()).collect();
        while let Some((at, chunk)) = self.next_uncounted().await {
            all[at].add(chunk?);
        }
        Ok(all)
    }

    /// Like `next`; but a failure is left to be counted by who rejects the request.
    async fn next_uncounted(&mut self) -> Option<(usize, Result<Chunk, Failure>)> {
        while !self.are_over() {
            let (at, chunk) = self.chunks.next().await?;
            // What comes after its end, while others go on, is no part of it.
            let Some(telling) = &mut self.telling[at] else { continue };
            if chunk.is_err() {
                self.telling.drain(..).flatten().for_each(Telling::counted_elsewhere);
                return Some((at, chunk));
            }
            telling.note(&chunk);
            if matches!(chunk, Ok(Chunk::Done(_))) {
                self.telling[at] = None;
            }
            return Some((at, chunk));
        }
        None
    }
}

/// The failure of an answer that ended without an end.
fn cut_short() -> Failure {
    Failure::new(FailureKind::Ours, At::Oratory, "the answer ended without saying how")
}

/// A whole answer.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// What it holds, in order.
    pub(crate) pieces: Vec<Piece>,
    pub(crate) chances: Vec<Chance>,
    pub(crate) vectors: Vec<Vec<f32>>,
    pub(crate) ratings: Vec<f32>,
    pub(crate) begun: Option<Begun>,
    pub(crate) done: Option<Done>,
}

/// A part of a whole answer.
#[derive(Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Thinking(String),
    Call(Called),
}

/// A whole call.
#[derive(Debug, PartialEq)]
pub(crate) struct Called {
    pub(crate) index: u32,
    pub(crate) head: CallHead,
    pub(crate) arguments: String,
}

impl Gathered {
    pub(crate) fn add(&mut self, chunk: Chunk) {
        match chunk {
            Chunk::Begun(begun) => self.begun = Some(begun),
            Chunk::Text(more) => match self.pieces.last_mut() {
                Some(Piece::Text(text)) => text.push_str(&more),
                _ => self.pieces.push(Piece::Text(more)),
            },
            Chunk::Thinking(more) => match self.pieces.last_mut() {
                Some(Piece::Thinking(text)) => text.push_str(&more),
                _ => self.pieces.push(Piece::Thinking(more)),
            },
            Chunk::Call(part) => self.add_call(part),
            Chunk::Chances(more) => self.chances.extend(more),
            Chunk::Vector(vector) => self.vectors.push(vector),
            Chunk::Rating(rating) => self.ratings.push(rating),
            Chunk::Done(done) => self.done = Some(done),
        }
    }

    fn add_call(&mut self, CallPart { index, begins, arguments }: CallPart) {
        let known = self.pieces.iter_mut().rev().find_map(|piece| match piece {
            Piece::Call(called) if called.index == index => Some(called),
            _ => None,
        });
        match (known, begins) {
            (Some(called), _) => called.arguments.push_str(&arguments),
            (None, begins) => {
                let nameless = || CallHead { id: String::new(), name: String::new() };
                let head = begins.unwrap_or_else(nameless);
                self.pieces.push(Piece::Call(Called { index, head, arguments }));
            }
        }
    }

    /// Returns all its text.
    pub(crate) fn text(&self) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => Some(text.as_str().to_owned()),
            _ => None,
        };
        self.pieces.iter().filter_map(text).collect()
    }

    /// Returns all its thinking.
    pub(crate) fn thinking(&self) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Thinking(text) => Some(text.as_str().to_owned()),
            _ => None,
        };
        self.pieces.iter().filter_map(text).collect()
    }

    /// Returns its calls, in order.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Called> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Call(called) => Some(called),
            _ => None,
        })
    }

    /// Returns the tokens it took.
    pub(crate) fn usage(&self) -> Usage {
        self.done.map(|done| done.usage).unwrap_or_default()
    }
}

/// Returns what several answers to one prompt took: it was read once, however often answered.
pub(crate) fn together(usages: impl Iterator<Item = Usage>) -> Usage {
    usages.fold(Usage::default(), |all, one| Usage {
        input: all.input.max(one.input),
        cached: all.cached.max(one.cached),
        output: all.output.saturating_add(one.output),
        ..apart(all, one)
    })
}

/// Returns what not every place counts, of two answers: known where it is known of one.
pub(crate) fn apart(all: Usage, one: Usage) -> Usage {
    let reasoning = match (all.reasoning, one.reasoning) {
        (Some(all), Some(one)) => Some(all.saturating_add(one)),
        (all, one) => all.or(one),
    };
    Usage { reasoning, ..Usage::default() }
}
