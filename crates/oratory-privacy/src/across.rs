//! Finds what was split over adjacent parts or messages, and is whole in none of them.
//!
//! Patterns alone: names that begin in one message and end in another are nobody's.

use std::collections::BTreeSet;
use std::ops::Range;

use oratory_contract::Labels;

use crate::disguise::{self, Seek};
use crate::{Custom, Finding, Kind, overlaps, shaped_with};

/// How much of each end of a long part is read: more than the longest value has.
const EDGE: usize = 512;
/// What is only likely within one text is less so over two.
const SURE: f32 = 0.6;

/// Returns what lies over the bounds of adjacent `texts`: for each text, its part of it.
///
/// What lies within one text is left to [`crate::find`].
pub fn find_across(texts: &[&str], custom: &Custom) -> Vec<Vec<Finding>> {
    let mut parts: Vec<Vec<Finding>> = texts.iter().map(|_| Vec::new()).collect();
    // Nobody knows whether there was a space where it was cut.
    for glue in ["", " "] {
        for (part, found) in parts.iter_mut().zip(glued(texts, glue, custom)) {
            add(part, found);
        }
    }
    parts
}

/// Returns what lies over the bounds of texts that stand behind each other with `glue` between.
fn glued(texts: &[&str], glue: &str, custom: &Custom) -> Vec<Vec<Finding>> {
    let mut parts: Vec<Vec<Finding>> = texts.iter().map(|_| Vec::new()).collect();
    let joined = Joined::of(texts, glue);
    if joined.pieces.len() < 2 {
        return parts;
    }
    let found = disguise::look(&joined.bytes, Seek { custom, names: false });
    let over = found.into_iter().filter(|finding| {
        let kind = !matches!(finding.kind, Kind::Url | Kind::Bic);
        kind && finding.score >= SURE && joined.is_over(&finding.span)
    });
    for finding in overlaps::settled(&joined.bytes, over.collect(), custom) {
        let back = joined.back(&finding.span);
        // What is whole in one text goes on in no other: `ada@example.org` and then `now`.
        let part = |(text, span): &(usize, Range<usize>)| &texts[*text][span.clone()];
        let whole = |part: &str| {
            shaped_with(part.as_bytes(), custom).any(|alone| alone.kind == finding.kind)
        };
        // But the end of an address is one, too, and what stands before it no word.
        let begins = |part: &str| {
            finding.kind == Kind::Email && part.contains(|sign: char| !sign.is_alphabetic())
        };
        if back.iter().map(part).any(whole)
            && !back.iter().map(part).any(|part| !whole(part) && begins(part))
        {
            continue;
        }
        for (text, span) in back {
            parts[text].push(Finding { span, ..finding.clone() });
        }
    }
    parts
}

/// Returns what lies over the bounds of what is said, turn after turn, over the bounds of what one
/// speaker says, and over empty lines: between the halves of a number, somebody else may have
/// said "go on", and parts of a message may have become paragraphs.
pub(crate) fn find_in_turns(turns: &[(&str, &str)], custom: &Custom) -> Vec<Vec<Finding>> {
    let mut found: Vec<Vec<Finding>> = turns.iter().map(|_| Vec::new()).collect();
    let segments: Vec<Segment<'_>> = turns
        .iter()
        .enumerate()
        .flat_map(|(turn, (who, text))| segments(turn, who, text))
        .collect();
    let speakers: BTreeSet<&str> = turns.iter().map(|(who, _)| *who).collect();
    let all = std::iter::once(None).chain(speakers.iter().copied().map(Some));
    // Where one alone speaks, that is all there is.
    for speaker in all.take(if speakers.len() > 1 { usize::MAX } else { 1 }) {
        let heard = |segment: &&Segment<'_>| speaker.is_none_or(|who| segment.who == who);
        let heard: Vec<&Segment<'_>> = segments.iter().filter(heard).collect();
        let texts: Vec<&str> = heard.iter().map(|segment| segment.text).collect();
        for (segment, findings) in heard.iter().zip(find_across(&texts, custom)) {
            let moved = findings.into_iter().map(|finding| {
                let Range { start, end } = finding.span;
                Finding { span: segment.at + start..segment.at + end, ..finding }
            });
            add(&mut found[segment.turn], moved.collect());
        }
    }
    found
}

/// A part of a turn.
struct Segment<'t> {
    turn: usize,
    who: &'t str,
    at: usize,
    text: &'t str,
}

/// Cuts a turn at those empty lines over which something could go on.
fn segments<'t>(turn: usize, who: &'t str, text: &'t str) -> Vec<Segment<'t>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices("\n\n") {
        if goes_on(text[start..at].trim_end(), text[at..].trim_start()) {
            parts.push(Segment { turn, who, at: start, text: &text[start..at] });
            start = at;
        }
    }
    parts.push(Segment { turn, who, at: start, text: &text[start..] });
    parts
}

/// Says whether one thing may be cut here. Sentences end otherwise, which spares most text.
fn goes_on(before: &str, after: &str) -> bool {
    let (Some(last), Some(first)) = (before.chars().next_back(), after.chars().next()) else {
        return false;
    };
    let ends = match last {
        '.' => first.is_lowercase() || first.is_numeric(),
        ';' => first == '&',
        _ => last.is_alphanumeric() || "@-_+=/%&\\#(\u{200b}\u{200c}\u{200d}".contains(last),
    };
    ends && (first.is_alphanumeric() || "@._-+=/%&\\#);\u{200b}\u{200c}\u{200d}".contains(first))
}

/// Adds findings that meet none that are there.
fn add(found: &mut Vec<Finding>, more: Vec<Finding>) {
    let parted = |one: &Finding, other: &Finding| {
        one.span.end <= other.span.start || other.span.end <= one.span.start
    };
    for finding in more {
        if found.iter().all(|other| parted(&finding, other)) {
            found.push(finding);
        }
    }
    found.sort_by_key(|finding| finding.span.start);
}

/// Returns the labels of what lies over the bounds of turns; `None` where nothing does.
pub(crate) fn labels_in_turns(turns: &[(&str, &str)], custom: &Custom) -> Option<Labels> {
    let found = find_in_turns(turns, custom).into_iter().flatten();
    found.map(|finding| finding.kind.labels()).reduce(|all, one| all.join(&one))
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
    fn of(texts: &[&str], glue: &str) -> Self {
        let mut joined = Self { bytes: Vec::new(), pieces: Vec::new() };
        for (number, text) in texts.iter().enumerate() {
            let start = text.len() - text.trim_start().len();
            let end = text.trim_end().len();
            if start >= end {
                continue;
            }
            if !joined.pieces.is_empty() {
                joined.bytes.extend_from_slice(glue.as_bytes());
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
