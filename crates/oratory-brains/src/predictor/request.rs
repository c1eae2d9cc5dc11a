//! A request as the predictor reads it: its shape, where it points, and the terms in it.
//!
//! Nothing here has learnt anything, so one reading serves every predictor that reads alike.

use std::sync::Arc;

use super::shape::{self, shape};
use super::terms::{Term, terms};
use super::words::tokens;
use crate::embed::{Embed, Vector};

/// How many numbers describe a request, beside its vector and terms.
pub(super) const COUNT: usize = shape::COUNT;
/// Of a longer request the beginning and the end are read: what is asked stands in one of them.
const BEGINNING: usize = 6144;
const END: usize = 2048;

/// Reads requests.
#[derive(Clone)]
pub struct Reader {
    embed: Arc<Embed>,
}

/// What has been read of a request.
pub struct Request {
    pub(super) shape: [f32; COUNT],
    pub(super) vector: Vector,
    pub(super) terms: Vec<Term>,
}

impl Reader {
    /// Returns a reader with these vectors.
    pub fn new(embed: Arc<Embed>) -> Self {
        Self { embed }
    }

    /// Returns what the predictor needs to know of `text`; very long texts are read in part.
    pub fn read(&self, text: &str) -> Request {
        let excerpt = excerpt(text);
        let read = excerpt.as_deref().unwrap_or(text);
        let tokens = tokens(read);
        let (shape, vector) = (shape(&tokens, text.len()), self.embed.vector(read));
        Request { shape, vector, terms: terms(&tokens) }
    }

    pub(super) fn digest(&self) -> &str {
        self.embed.digest()
    }

    pub(super) fn dimensions(&self) -> usize {
        self.embed.dimensions()
    }
}

fn excerpt(text: &str) -> Option<String> {
    (text.len() > BEGINNING + END).then(|| {
        let beginning = &text[..text.floor_char_boundary(BEGINNING)];
        let end = &text[text.ceil_char_boundary(text.len() - END)..];
        format!("{beginning}\n{end}")
    })
}
