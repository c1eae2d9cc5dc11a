//! What stands in a prompt where a picture or a sound was: names instead of tokens.
//!
//! A name is negative, so that it is never taken for a token, and stands once for each position that
//! is taken. Equal names mean equal things, which is all that lanes need to know.

use crate::llama::{Shape, Token};

/// What a picture or a sound adds to a prompt.
pub(crate) enum Added {
    /// Tokens that stand around it.
    Tokens(Vec<Token>),
    /// What is no token, and its name.
    Blank(Token, Shape, Source),
}

/// Where something is to be found that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The file.
    pub(crate) likeness: [u8; 32],
    /// The part of it.
    pub(crate) part: usize,
}

/// A place in a prompt that still has to be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blank {
    pub(crate) at: usize,
    pub(crate) shape: Shape,
    pub(crate) source: Source,
}

impl Added {
    /// Adds it to a prompt.
    pub(super) fn add_to(self, tokens: &mut Vec<Token>, blanks: &mut Vec<Blank>) {
        match self {
            Self::Tokens(more) => tokens.extend(more),
            Self::Blank(name, shape, source) => {
                let positions = shape.positions;
                blanks.push(Blank { at: tokens.len(), shape, source });
                tokens.extend(std::iter::repeat_n(name, positions));
            }
        }
    }
}
