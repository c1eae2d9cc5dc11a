//! The detectors: findings are in order, apart, at the bounds of characters, and the same however a
//! text arrives.

use oratory_privacy::{Custom, Finding, Seen, Stream, find, shaped};

use crate::values::filled;
use crate::{Note, number};

/// Texts longer than what a stream holds are tried with some of the inputs.
const LONG: usize = 300 << 10;

/// Tries one input.
pub fn run(input: &[u8], note: Note<'_>) {
    let bytes = filled(input);
    let patterns: Vec<Finding> = shaped(&bytes).collect();
    sound(&patterns, bytes.len(), |_| true);
    let text = String::from_utf8_lossy(&bytes);
    let found = find(&text);
    sound(&found, text.len(), |at| text.is_char_boundary(at));
    for finding in patterns.iter().chain(&found) {
        note(number(finding.why));
    }
    for pair in found.windows(2) {
        note(number((pair[0].why, pair[1].why)));
    }
    streams(&bytes, &found, &text);
    if input.first().is_some_and(|first| first % 32 == 1) {
        let long = bytes.repeat(LONG / bytes.len() + 1);
        in_order(&streamed(&long, 70_001));
    }
}

fn sound(found: &[Finding], length: usize, is_bound: impl Fn(usize) -> bool) {
    let mut end = 0;
    for finding in found {
        let span = &finding.span;
        assert!(span.start >= end && span.start < span.end && span.end <= length, "{finding:?}");
        assert!(is_bound(span.start) && is_bound(span.end), "{finding:?} splits a character");
        assert!((0.0..=1.0).contains(&finding.score), "{finding:?}");
        end = span.end;
    }
}

/// A short text gives the same, wherever it is cut.
fn streams(bytes: &[u8], found: &[Finding], text: &str) {
    let piece = 1 + bytes.len() % 7;
    let seen = streamed(bytes, piece);
    assert_eq!(seen.len(), found.len(), "cut into pieces of {piece}");
    let points = |bytes: usize| text[..bytes].chars().count() as u64;
    for (seen, finding) in seen.iter().zip(found) {
        assert_eq!(seen.kind, finding.kind);
        assert_eq!(seen.span, points(finding.span.start)..points(finding.span.end));
    }
}

fn streamed(bytes: &[u8], piece: usize) -> Vec<Seen> {
    let mut stream = Stream::new(Custom::none());
    let mut seen: Vec<Seen> = bytes.chunks(piece).flat_map(|piece| stream.push(piece)).collect();
    seen.extend(stream.end());
    seen
}

fn in_order(seen: &[Seen]) {
    for pair in seen.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "{pair:?}");
        assert!((pair[0].line, pair[0].column) < (pair[1].line, pair[1].column), "{pair:?}");
    }
}
