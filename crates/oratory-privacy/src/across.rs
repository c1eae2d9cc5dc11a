//! Finds what was split over adjacent parts or messages, and is whole in none of them.
//!
//! Patterns alone: names that begin in one message and end in another are nobody's.

use std::ops::Range;

use crate::disguise::{self, Seek};
use crate::{Custom, Finding, Kind, overlaps};

/// How much of each end of a long part is read: more than the longest value has.
const EDGE: usize = 512;
/// What is only likely within one text is less so over two.
const SURE: f32 = 0.6;

/// Returns what lies over the bounds of adjacent `texts`: for each text, its part of it.
///
/// What lies within one text is left to [`crate::find`].
pub fn find_across(texts: &[&str], custom: &Custom) -> Vec<Vec<Finding>> {
    let mut parts: Vec<Vec<Finding>> = texts.iter().map(|_| Vec::new()).collect();
    let joined = Joined::of(texts);
    if joined.pieces.len() < 2 {
        return parts;
    }
    let found = disguise::look(&joined.bytes, Seek { custom, names: false });
    let over = found.into_iter().filter(|finding| {
        let kind = !matches!(finding.kind, Kind::Url | Kind::Bic);
        kind && finding.score >= SURE && joined.is_over(&finding.span)
    });
    for finding in overlaps::settled(&joined.bytes, over.collect(), custom) {
        for (text, span) in joined.back(&finding.span) {
            parts[text].push(Finding { span, ..finding.clone() });
        }
    }
    parts
}

/// The ends of texts, one behind the other.
struct Joined {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

struct Piece {
    at: usize,
    text: usize,
    origin: Range<usize>,
    /// Whether the next piece is of another text that follows without a gap.
    meets: bool,
}

impl Joined {
    fn of(texts: &[&str]) -> Self {
        let mut joined = Self { bytes: Vec::new(), pieces: Vec::new() };
        for (number, text) in texts.iter().enumerate() {
            let start = text.len() - text.trim_start().len();
            let end = text.trim_end().len();
            if start >= end {
                continue;
            }
            if end - start <= 2 * EDGE {
                joined.add(text, number, start..end, true);
            } else {
                let head = text.floor_char_boundary(start + EDGE);
                let tail = text.ceil_char_boundary(end - EDGE);
                joined.add(text, number, start..head, false);
                // What stands between is read elsewhere; nothing may reach over the gap.
                joined.bytes.extend_from_slice(b"\n\n\n\n\n");
                joined.add(text, number, tail..end, true);
            }
        }
        joined
    }

    fn add(&mut self, text: &str, number: usize, origin: Range<usize>, meets: bool) {
        self.pieces.push(Piece {
            at: self.bytes.len(),
            text: number,
            origin: origin.clone(),
            meets,
        });
        self.bytes.extend_from_slice(&text.as_bytes()[origin]);
    }

    /// Says whether a span lies over the bounds of two texts.
    fn is_over(&self, span: &Range<usize>) -> bool {
        let first = self.pieces.partition_point(|piece| piece.at <= span.start) - 1;
        let last = self.pieces.partition_point(|piece| piece.at < span.end) - 1;
        first < last && self.pieces[first..last].iter().all(|piece| piece.meets)
    }

    /// Returns the parts of a span, each with the number of its text.
    fn back(&self, span: &Range<usize>) -> Vec<(usize, Range<usize>)> {
        let within = |piece: &Piece| {
            let length = piece.origin.end - piece.origin.start;
            let start = span.start.max(piece.at).min(piece.at + length);
            let end = span.end.max(piece.at).min(piece.at + length);
            let moved = piece.origin.start + start - piece.at..piece.origin.start + end - piece.at;
            (start < end).then_some((piece.text, moved))
        };
        self.pieces.iter().filter_map(within).collect()
    }
}

#[cfg(test)]
mod tests;
