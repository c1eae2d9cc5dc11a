//! Finds what is private in a text of any length, holding only a piece of it at a time.
//!
//! Pieces overlap and are cut at line ends, so nothing is lost at a cut that fits into the overlap.

use std::ops::Range;

use crate::{Custom, Finding, Kind, find_with};

/// How much is held before it is looked at.
const WINDOW: usize = 256 << 10;
/// How far pieces overlap: what stands around a thing helps to tell what it is.
const OVERLAP: usize = 8 << 10;

/// One private span of a long text.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What it is.
    pub kind: Kind,
    /// Where it is, in Unicode code points from the beginning.
    pub span: Range<u64>,
    /// On which line it begins, from 1.
    pub line: u64,
    /// At which code point of that line it begins, from 1.
    pub column: u64,
    /// How sure that is, from 0 to 1.
    pub score: f32,
    /// Why it is taken for that.
    pub why: &'static str,
}

/// A text that comes in pieces.
pub struct Stream<'c> {
    custom: &'c Custom,
    held: String,
    /// The beginning of a character whose end has not come yet.
    part: Vec<u8>,
    /// From where in `held` nothing has been told yet.
    fresh: usize,
    /// Where in the whole text `held` begins.
    at: Position,
}

#[derive(Clone, Copy)]
struct Position {
    points: u64,
    line: u64,
    column: u64,
}

impl Position {
    /// Moves on over some text.
    fn over(mut self, text: &str) -> Self {
        let points = text.chars().count() as u64;
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        self.column = match text.rfind('\n') {
            Some(end) => text[end + 1..].chars().count() as u64 + 1,
            None => self.column + points,
        };
        self.points += points;
        self.line += lines;
        self
    }
}

impl<'c> Stream<'c> {
    /// Begins a text.
    pub fn new(custom: &'c Custom) -> Self {
        let at = Position { points: 0, line: 1, column: 1 };
        Self { custom, held: String::new(), part: Vec::new(), fresh: 0, at }
    }

    /// Takes the next bytes and returns what is certain now, in order. What is no UTF-8 counts as
    /// one replacement character, as everywhere.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Seen> {
        let mut seen = Vec::new();
        for bytes in bytes.chunks(WINDOW / 2) {
            self.take(bytes);
            if self.held.len() >= WINDOW {
                self.look(&mut seen, false);
            }
        }
        seen
    }

    /// Ends the text and returns the rest.
    pub fn end(mut self) -> Vec<Seen> {
        let part = std::mem::take(&mut self.part);
        self.held.push_str(&String::from_utf8_lossy(&part));
        let mut seen = Vec::new();
        self.look(&mut seen, true);
        seen
    }

    fn take(&mut self, bytes: &[u8]) {
        self.part.extend_from_slice(bytes);
        let part = std::mem::take(&mut self.part);
        let mut rest = part.as_slice();
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => return self.held.push_str(text),
                Err(error) => {
                    let (whole, broken) = rest.split_at(error.valid_up_to());
                    self.held.push_str(&String::from_utf8_lossy(whole));
                    let Some(length) = error.error_len() else {
                        self.part = broken.to_vec();
                        return;
                    };
                    self.held.push(char::REPLACEMENT_CHARACTER);
                    rest = &broken[length..];
                }
            }
        }
    }

    fn look(&mut self, seen: &mut Vec<Seen>, last: bool) {
        let found = find_with(&self.held, self.custom);
        let cut = if last { self.held.len() } else { self.cut(&found) };
        let told =
            found.into_iter().filter(|finding| (self.fresh..cut).contains(&finding.span.start));
        let (mut at, mut behind) = (self.at, 0);
        for finding in told {
            at = at.over(&self.held[behind..finding.span.start]);
            let length = self.held[finding.span.clone()].chars().count() as u64;
            behind = finding.span.start;
            seen.push(Seen {
                kind: finding.kind,
                span: at.points..at.points + length,
                line: at.line,
                column: at.column,
                score: finding.score,
                why: finding.why,
            });
        }
        let keep = line_start(&self.held, cut.saturating_sub(OVERLAP));
        self.at = self.at.over(&self.held[..keep]);
        self.fresh = cut - keep;
        self.held.drain(..keep);
    }

    /// Returns up to where everything is certain: a line end with enough behind it, and nothing
    /// across it.
    fn cut(&self, found: &[Finding]) -> usize {
        let cut = line_start(&self.held, self.held.len() - OVERLAP).max(self.fresh);
        let across =
            found.iter().find(|finding| finding.span.start < cut && finding.span.end > cut);
        match across {
            Some(finding) if finding.span.start > self.fresh => finding.span.start,
            _ => cut,
        }
    }
}

/// Returns where the line begins that `at` lies in, or `at` itself where lines are too long.
fn line_start(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    let from = at.saturating_sub(OVERLAP);
    memchr::memrchr(b'\n', &text.as_bytes()[from..at]).map_or(at, |end| from + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streamed(text: &[u8], piece: usize) -> Vec<Seen> {
        let mut stream = Stream::new(Custom::none());
        let mut seen: Vec<Seen> = text.chunks(piece).flat_map(|bytes| stream.push(bytes)).collect();
        seen.extend(stream.end());
        seen
    }

    #[test]
    fn offsets_are_code_points_and_lines_from_one() {
        let seen = streamed("é–x\n→ ada@example.org".as_bytes(), 5);
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].span.clone(), seen[0].line, seen[0].column), (6..21, 2, 3));
    }

    #[test]
    fn a_long_text_gives_every_finding_once_wherever_it_is_cut() {
        let line = "There is nothing in this line, nor in the next.\n".repeat(97);
        let text = format!("{line}Write to ada@example.org or é.\n").repeat(120);
        for piece in [1 << 20, 65_537] {
            let seen = streamed(text.as_bytes(), piece);
            assert_eq!(seen.iter().filter(|seen| seen.kind == Kind::Email).count(), 120);
            let points: Vec<char> = text.chars().collect();
            for seen in seen.iter().filter(|seen| seen.kind == Kind::Email) {
                let span = seen.span.start as usize..seen.span.end as usize;
                assert_eq!(points[span].iter().collect::<String>(), "ada@example.org");
            }
        }
    }

    #[test]
    fn what_is_no_text_does_no_harm() {
        let seen = streamed(b"\xff\xfe ada@example.org \xe2\x82", 3);
        assert_eq!(seen[0].span, 3..18);
    }

    #[test]
    fn a_line_without_end_is_cut_all_the_same() {
        let text = format!("{} ada@example.org", "x".repeat(700_000));
        assert_eq!(streamed(text.as_bytes(), 1 << 16).len(), 1);
    }
}
