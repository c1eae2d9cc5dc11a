//! Sentence vectors without a network: each piece of a text has a vector, and their sum is the
//! text's. Alike texts point the same way.
//!
//! Sees which words are there, not in which order: "Anna pays Tom" and "Tom pays Anna" are one to
//! it. Whoever needs to know that two texts mean the same looks closer at what this finds near.

mod fold;
pub mod pieces;

use serde::{Deserialize, Serialize};

use crate::artefact::{Artefact, ArtefactError, write};
use pieces::Pieces;

const KIND: &str = "embed";
const VERSION: u32 = 1;
/// Of a longer text the beginning speaks for the whole; this is some thirty pages of a book's.
const MOST_PIECES: usize = 8192;
/// More pieces or numbers than this are damage: the largest models have fewer.
const MOST_ROWS: usize = 1 << 20;
const MOST_DIMENSIONS: usize = 4096;
/// A number is kept in half a byte: from -8 to 7, as 0 to 15.
const MIDDLE: f32 = 8.0;

/// What the artefact says of itself.
#[derive(Serialize, Deserialize)]
struct About {
    pieces: usize,
    dimensions: usize,
}

/// A table of vectors, ready to use; all threads may share it.
pub struct Embed {
    pieces: Pieces<'static>,
    dimensions: usize,
    scales: Vec<f32>,
    /// Half a row's length for each piece: byte i holds number i below and number i + half above.
    rows: &'static [u8],
    digest: String,
}

/// Where a text points: one long, or nothing for a text of which nothing is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector(Box<[f32]>);

impl Embed {
    /// Returns the table in these bytes, after checking all of it.
    pub fn open(bytes: &'static [u8]) -> Result<Self, ArtefactError> {
        let artefact = Artefact::open(bytes, KIND, VERSION)?;
        let About { pieces: count, dimensions } = artefact.about()?;
        let even = dimensions.is_multiple_of(2) && dimensions > 0;
        if count > MOST_ROWS || dimensions > MOST_DIMENSIONS || !even {
            let what = format!("{count} pieces of {dimensions} numbers are not what fits here");
            return Err(ArtefactError::Header(what));
        }
        let pieces = read_pieces(artefact.section("pieces")?, count)?;
        let scales = artefact.floats("scales")?;
        if scales.len() != count || !scales.iter().all(|scale| scale.is_finite()) {
            return Err(damaged("scales", "does not hold one number per piece"));
        }
        let rows = artefact.section_of("rows", count * dimensions / 2)?;
        Ok(Self { pieces, dimensions, scales, rows, digest: artefact.digest() })
    }

    /// Returns where `text` points. Takes time that grows with its length, up to a limit.
    pub fn vector(&self, text: &str) -> Vector {
        let half = self.dimensions / 2;
        let mut sum = vec![0.0; self.dimensions];
        let (low, high) = sum.split_at_mut(half);
        self.pieces.cut(text, MOST_PIECES, |piece| {
            let piece = piece as usize;
            let row = &self.rows[piece * half..][..half];
            add(row, self.scales[piece], low, high);
        });
        normalise(&mut sum);
        Vector(sum.into())
    }

    /// Returns the SHA-256 that sealed the table, in hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns how many numbers a vector has.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }
}

impl Vector {
    /// Returns how alike two texts are: 1 for the same direction, 0 for nothing in common.
    ///
    /// Vectors of different tables have nothing in common.
    pub fn likeness(&self, other: &Self) -> f32 {
        if self.0.len() == other.0.len() { dot(&self.0, &other.0) } else { 0.0 }
    }

    /// Returns the numbers.
    pub fn numbers(&self) -> &[f32] {
        &self.0
    }
}

/// Returns the bytes of a table that gives each of these pieces its row, rounded to half bytes.
pub fn pack(pieces: &[&str], rows: &[f32], dimensions: usize) -> Result<Vec<u8>, ArtefactError> {
    let (mut scales, mut packed) = (Vec::new(), Vec::new());
    for row in rows.chunks_exact(dimensions) {
        let scale = best_scale(row);
        scales.extend(scale.to_le_bytes());
        let (low, high) = row.split_at(dimensions / 2);
        packed.extend(
            low.iter()
                .zip(high)
                .map(|(low, high)| nibble(*low, scale) | (nibble(*high, scale) << 4)),
        );
    }
    let about = About { pieces: pieces.len(), dimensions };
    let text = pieces.join("\n");
    let sections: [(&str, &[u8]); 3] =
        [("pieces", text.as_bytes()), ("scales", &scales), ("rows", &packed)];
    write(KIND, VERSION, &about, &sections)
}

fn read_pieces(bytes: &'static [u8], count: usize) -> Result<Pieces<'static>, ArtefactError> {
    let text = str::from_utf8(bytes).map_err(|_| damaged("pieces", "is not UTF-8"))?;
    let texts: Vec<&str> = text.split('\n').collect();
    if texts.len() == count {
        return Ok(Pieces::new(texts));
    }
    Err(damaged("pieces", &format!("holds {} pieces, not {count}", texts.len())))
}

fn damaged(name: &str, what: &str) -> ArtefactError {
    ArtefactError::Section { name: name.to_owned(), what: what.to_owned() }
}

fn add(row: &[u8], scale: f32, low: &mut [f32], high: &mut [f32]) {
    for ((byte, low), high) in row.iter().zip(low).zip(high) {
        *low += scale * (f32::from(byte & 15) - MIDDLE);
        *high += scale * (f32::from(byte >> 4) - MIDDLE);
    }
}

/// Returns the scale that loses least of a row; the largest number need not be kept whole.
fn best_scale(row: &[f32]) -> f32 {
    let largest = row.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
    let tried = (10..=28).map(|step| largest * step as f32 / (28.0 * 7.0));
    tried.min_by(|a, b| lost(row, *a).total_cmp(&lost(row, *b))).unwrap_or(0.0)
}

fn lost(row: &[f32], scale: f32) -> f32 {
    let error = |number: &f32| (f32::from(nibble(*number, scale)) - MIDDLE) * scale - number;
    row.iter().map(error).map(|error| error * error).sum()
}

fn nibble(number: f32, scale: f32) -> u8 {
    if scale > 0.0 { ((number / scale).round() + MIDDLE).clamp(0.0, 15.0) as u8 } else { 8 }
}

fn normalise(vector: &mut [f32]) {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 && length.is_finite() {
        vector.iter_mut().for_each(|number| *number /= length);
    } else {
        vector.fill(0.0);
    }
}

/// Returns the inner product, summed in eight lanes.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests;
