//! Judges numbers and codes: their shape, their check digits, and the words around them.
//!
//! What each means is in the tables of `national`, `documents` and `banks`; this file only
//! decides how much of the three is enough.

use std::sync::LazyLock;

use crate::context::{Context, Tag};
use crate::run::{LONGEST, Piece, Run};
use crate::{Finding, Kind, banks, cards, dates, documents, iban, national, phone};

/// One sort of number: what it looks like and what proves it.
pub(crate) struct Number {
    pub(crate) kind: Kind,
    /// Why it is one: beside its name; by its layout; by its check digits alone.
    pub(crate) why: [&'static str; 3],
    /// Without signs: `9` is a digit, `A` a letter, `?` either.
    pub(crate) compact: &'static [&'static str],
    /// Layouts that nothing else has, so that no word need stand near.
    pub(crate) telling: &'static [&'static str],
    pub(crate) words: &'static [Tag],
    pub(crate) check: fn(&[u8]) -> bool,
    /// Whether the check alone is enough.
    pub(crate) alone: bool,
}

/// Writes one line of a table: kind, name, shapes, layouts, words, check, whether that is enough.
macro_rules! number {
    ($kind:ident, $name:literal, $compact:expr, $telling:expr, $words:expr, $check:expr, $alone:expr) => {
        $crate::numbers::Number {
            kind: $crate::Kind::$kind,
            why: [
                concat!($name, ", named beside it"),
                concat!($name, ", by its layout"),
                concat!($name, ", by its check digits"),
            ],
            compact: &$compact,
            telling: &$telling,
            words: &$words,
            check: $check,
            alone: $alone,
        }
    };
}
pub(crate) use number;

/// How sure a number is that is named, laid out tellingly, or only right.
const SURE: [f32; 3] = [0.95, 0.8, 0.65];

/// All sorts of numbers by their length without signs.
static BY_LENGTH: LazyLock<Vec<OfLength>> = LazyLock::new(|| {
    let mut by_length: Vec<OfLength> = (0..=LONGEST).map(|_| OfLength::default()).collect();
    let tables = national::TABLES.iter().chain(&documents::TABLES).chain(&banks::TABLES);
    for number in tables.flat_map(|table| table.iter()) {
        let mut lengths: Vec<usize> = number.compact.iter().map(|shape| shape.len()).collect();
        lengths.dedup();
        for length in lengths {
            by_length[length].all.push(number);
            let digits = |shape: &&str| {
                shape.len() == length && !shape.bytes().any(|sign| sign.is_ascii_alphabetic())
            };
            if number.compact.iter().any(digits) {
                by_length[length].digits.push(number);
            }
        }
    }
    by_length
});

/// All sorts of numbers of one length, and those that can be digits alone.
#[derive(Default)]
struct OfLength {
    all: Vec<&'static Number>,
    digits: Vec<&'static Number>,
}

/// Finds the numbers that begin with the word at `start`, which has a digit in it.
pub(crate) fn at(text: &[u8], start: usize, found: &mut Vec<Finding>) {
    let run = Run::at(text, start);
    for piece in run.pieces().filter(|piece| piece.compact.len() >= 5) {
        judge(text, &piece, found);
        iban::judge(&piece, found);
        cards::judge(text, &piece, found);
    }
    phone::judge(text, &run, found);
    documents::named(text, &run, found);
    dates::judge(text, &run, start, found);
    let mut first = start;
    for _ in 0..2 {
        // `AB 123`, and `B-MW 1234`.
        let Some(before) = letters_before(text, first) else { break };
        first = before;
        let run = Run::at(text, before);
        for piece in run.pieces().skip(1) {
            judge(text, &piece, found);
            iban::judge(&piece, found);
        }
        documents::plate(text, &run, found);
    }
}

/// Finds the card that a run begins with.
pub(crate) fn card_at(text: &[u8], run: &Run, found: &mut Vec<Finding>) {
    for piece in run.pieces() {
        cards::judge(text, &piece, found);
    }
}

/// Returns where up to four letters stand before a number, one sign between: `AB 123`.
fn letters_before(text: &[u8], start: usize) -> Option<usize> {
    let end = start.checked_sub(1)?;
    if !matches!(text[end], b' ' | b'-' | b'.' | b'/') {
        return None;
    }
    let letters = text[..end].iter().rev().take(5).take_while(|byte| byte.is_ascii_alphanumeric());
    let count = letters.count();
    let first = end - count;
    let whole = (1..=4).contains(&count) && text[first..end].iter().all(u8::is_ascii_alphabetic);
    whole.then_some(first)
}

fn judge(text: &[u8], piece: &Piece<'_>, found: &mut Vec<Finding>) {
    // One digit again and again is nobody's number, and long lists of it would take long.
    if piece.compact.iter().all(|byte| *byte == piece.compact[0]) {
        return;
    }
    let mut context = None;
    let of_length = &BY_LENGTH[piece.compact.len()];
    for number in if piece.is_number() { &of_length.digits } else { &of_length.all } {
        if number.compact.iter().any(|shape| piece.is(shape)) && (number.check)(piece.compact) {
            let context =
                context.get_or_insert_with(|| Context::around(text, piece.start, piece.end));
            if let Some((proof, nearness)) = proof(text, number, piece, context) {
                found.push(Finding {
                    kind: number.kind,
                    span: piece.start..piece.end,
                    score: SURE[proof] - nearness,
                    why: number.why[proof],
                });
            }
        }
    }
}

/// Returns what proves a number whose check digits are right, and what distance takes from it.
fn proof(
    text: &[u8],
    number: &Number,
    piece: &Piece<'_>,
    context: &Context,
) -> Option<(usize, f32)> {
    if piece.is_joined(text) {
        return None;
    }
    let one = piece.is_one() && !piece.is_broken();
    if let Some(distance) = context.nearest(number.words).filter(|_| one) {
        return Some((0, f32::from(distance) / 2000.0));
    }
    if piece.is_small() {
        return None;
    }
    if number.telling.iter().any(|shape| piece.is_laid(shape)) {
        return Some((1, 0.0));
    }
    // A sentence may end in one number and the next begin with another.
    (number.alone && piece.groups <= 5 && !piece.is_broken()).then_some((2, 0.0))
}

#[cfg(test)]
mod tests;
