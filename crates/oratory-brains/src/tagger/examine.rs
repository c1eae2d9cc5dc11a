//! Turns tokens into what the network reads: each word's own rows, and hints about its place.
//!
//! The trainer and the tagger both come through here, so they see the same.

use super::gazetteer::{Gazetteer, LONGEST_ENTRY, joined, list};
use super::lines::{Lines, Named};
use super::tokens::{Sort, Token};
use super::word::mix;

/// Rows of the table that hints about a token's place are hashed into.
pub const HINTS: usize = 1 << 13;

/// A word as the lists know it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// Its key.
    pub key: u64,
    /// The lists it stands in.
    pub mask: u32,
}

/// Gives hints about tokens, one after another, without looking ahead.
///
/// A run of words that stands in a list is noticed at its last word, so hints may be about
/// tokens up to [`REACH`] before.
pub struct Examiner<'a> {
    gazetteer: Gazetteer<'a>,
    lines: Lines,
    recent: [(usize, Known); LONGEST_ENTRY],
    in_line: u8,
    previous: Sort,
}

/// How many tokens back a hint may be about.
pub const REACH: usize = 2 * LONGEST_ENTRY;

impl<'a> Examiner<'a> {
    /// Returns an examiner at the beginning of a text.
    pub fn new(gazetteer: Gazetteer<'a>) -> Self {
        Self {
            gazetteer,
            lines: Lines::default(),
            recent: Default::default(),
            in_line: 0,
            previous: Sort::Paragraph,
        }
    }

    /// Returns the lists a word stands in.
    pub fn known(&self, key: u64) -> Known {
        Known { key, mask: self.gazetteer.mask(key) }
    }

    /// Takes the token with the number `at`, a word `known` to the lists unless it is a mark,
    /// and gives `hint` the numbers of tokens and the rows that say something about them.
    pub fn step(
        &mut self,
        at: usize,
        token: &Token,
        text: &str,
        known: Known,
        mut hint: impl FnMut(usize, u32),
    ) {
        let place = u64::from(self.in_line.min(3)) << 1 | u64::from(token.spaced);
        hint(at, row(1, place << 2 | self.previous as u64));
        let named = match token.sort {
            Sort::Word => {
                self.runs(at, known, &mut hint);
                self.lines.word(known.key)
            }
            Sort::Mark => {
                self.mark(text);
                self.lines.mark(text.as_bytes()[0], text.len() == 1)
            }
            sort => {
                self.lines.line(sort);
                self.recent = Default::default();
                self.in_line = 0;
                self.previous = sort;
                return;
            }
        };
        self.in_line = self.in_line.saturating_add(1);
        self.previous = token.sort;
        if let Some(named) = named {
            say_name(named, |row| hint(at, row));
        }
    }

    /// Notes a mark: only hyphens, dots and apostrophes may stand within a run of words.
    fn mark(&mut self, text: &str) {
        if !matches!(text, "-" | "." | "'" | "’" | "&") {
            self.recent = Default::default();
        }
    }

    /// Looks for entries of several words that end at this word.
    fn runs(&mut self, at: usize, known: Known, hint: &mut impl FnMut(usize, u32)) {
        self.recent.rotate_left(1);
        self.recent[LONGEST_ENTRY - 1] = (at, known);
        for count in 2..=LONGEST_ENTRY {
            let (first, head) = self.recent[LONGEST_ENTRY - count];
            if head.key == 0 {
                return;
            }
            if head.mask & list::BEGINS == 0 || at - first >= REACH {
                continue;
            }
            let mut keys = [0; LONGEST_ENTRY];
            for (key, (_, known)) in keys.iter_mut().zip(&self.recent[LONGEST_ENTRY - count..]) {
                *key = known.key;
            }
            let mask = self.gazetteer.mask(joined(&keys[..count]));
            for bit in (0..16).filter(|bit| mask >> bit & 1 == 1) {
                for number in first..=at {
                    let part = u64::from(number > first) + u64::from(number == at);
                    hint(number, row(2, bit << 2 | part));
                }
            }
        }
    }
}

fn say_name(named: Named, mut hint: impl FnMut(u32)) {
    hint(row(3, named.last));
    hint(row(4, mix(named.last, u64::from(named.distance))));
    hint(row(5, u64::from(named.distance)));
    if named.before != 0 {
        hint(row(6, named.before));
        hint(row(7, mix(named.before, named.last)));
    }
}

fn row(sort: u64, value: u64) -> u32 {
    (mix(mix(0x4157, sort), value) >> 40) as u32 & (HINTS as u32 - 1)
}
