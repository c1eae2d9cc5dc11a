//! A request as the predictor reads it: its shape, where it points, and the terms in it.
//!
//! Nothing here has learnt anything, so one reading serves every predictor that reads alike.

use std::sync::Arc;

use super::shape::{self, shape};
use super::terms::{Term, terms};
use super::words::tokens;
use crate::embed::{Embed, Vector};

/// How many numbers describe a request, beside its vector and terms.
pub(super) const COUNT: usize = shape::COUNT + RARITY;
const RARITY: usize = 5;
/// Of a longer request the beginning and the end are read: what is asked stands in one of them.
const BEGINNING: usize = 6144;
const END: usize = 2048;
/// Pieces beyond this place of the vocabulary, which is in order of use, are rare.
const RARE: u32 = 5000;

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
        let mut rarity = Rarity::default();
        let vector = self.embed.vector_of_pieces(read, |piece| rarity.take(piece));
        let mut all = [0.0; COUNT];
        let (shaped, rare) = all.split_at_mut(shape::COUNT);
        shaped.copy_from_slice(&shape(read, &tokens, text.len()));
        rare.copy_from_slice(&rarity.told(tokens.len()));
        Request { shape: all, vector, terms: terms(&tokens) }
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

/// How rare the pieces of a text are.
#[derive(Default)]
struct Rarity {
    pieces: f32,
    rare: f32,
    rarest: u32,
    places: f32,
}

impl Rarity {
    fn take(&mut self, piece: u32) {
        self.pieces += 1.0;
        self.rare += f32::from(u8::from(piece > RARE));
        self.rarest = self.rarest.max(piece);
        self.places += (piece as f32 + 10.0).ln();
    }

    fn told(&self, tokens: usize) -> [f32; RARITY] {
        let pieces = self.pieces.max(1.0);
        [
            self.places / pieces,
            (self.rarest as f32 + 10.0).ln(),
            self.rare / pieces,
            self.pieces.ln_1p(),
            self.pieces / tokens.max(1) as f32,
        ]
    }
}
