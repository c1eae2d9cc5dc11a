//! Keys, tokens and passwords: by the shapes their makers publish, or by what they are assigned to.
//!
//! What only stands where a secret will stand, `changeme` or `${TOKEN}`, is none.

pub(crate) mod assigned;
mod clouds;
pub(crate) mod headings;
mod makers;
mod placeholders;
pub(crate) mod shape;

pub(crate) use placeholders::{is_placeholder, is_random};
use shape::Shape;

/// All published shapes.
pub(crate) static SHAPES: [&[Shape]; 3] = [clouds::SHAPES, makers::SHAPES, headings::HASHES];

#[cfg(test)]
mod tests;
