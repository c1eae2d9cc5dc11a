//! Days of birth: a date, and a word for being born beside it.
//!
//! A date alone points to nobody.

use crate::context::{Context, Tag};
use crate::run::Run;
use crate::{Finding, Kind};

/// A word further away speaks of another date.
const FAR: u8 = 36;

/// Beginnings of the names of months in eight languages, in small letters.
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "mär", "apr", "avr", "abr", "may", "mai", "mag", "mei", "maj", "jun",
    "jui", "giu", "jul", "lug", "aug", "aoû", "ago", "sep", "set", "oct", "okt", "ott", "out",
    "nov", "dec", "dez", "déc", "dic", "ene", "gen", "fev", "fév", "maa",
];

/// Notes the day of birth whose first or second part is the number at `start`.
pub(crate) fn judge(text: &[u8], run: &Run, start: usize, found: &mut Vec<Finding>) {
    let span = numeric(run).or_else(|| worded(text, start));
    let Some(span) = span else { return };
    let context = Context::around(text, span.start, span.end);
    if let Some(distance) = context.nearest(&[Tag::Born]).filter(|distance| *distance <= FAR) {
        let score = 0.85 - f32::from(distance) / 1000.0;
        found.push(Finding {
            kind: Kind::BirthDate,
            span,
            score,
            why: "date, with a word for birth beside it",
        });
    }
}

fn numeric(run: &Run) -> Option<std::ops::Range<usize>> {
    const SHAPES: [&str; 10] = [
        "9999-99-99",
        "99-99-9999",
        "9-99-9999",
        "99-9-9999",
        "9-9-9999",
        "9999-9-9",
        "9999-9-99",
        "9999-99-9",
        "99-99-99",
        "99999999",
    ];
    let date = run.pieces().find(|piece| {
        SHAPES.iter().any(|shape| piece.is_laid(shape) || piece.laid.len() == 8 && piece.is(shape))
    })?;
    Some(date.start..date.end)
}

/// Reads `12 July 1981`, `12. Juli 1981` and, from the day on, `July 12, 1981`.
fn worded(text: &[u8], start: usize) -> Option<std::ops::Range<usize>> {
    let digits =
        |at: usize| text[at..].iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
    let day = digits(start);
    if !(1..=2).contains(&day) {
        return None;
    }
    let mut at = start + day;
    at += [&b"st"[..], b"nd", b"rd", b"th", b"er"]
        .iter()
        .find(|end| text[at..].starts_with(end))
        .map_or(0, |end| end.len());
    let blanks = |at: usize| {
        at + text[at..].iter().take(4).take_while(|byte| b" .,-/".contains(byte)).count()
    };
    let after = blanks(at);
    if digits(after) == 4
        && let Some(month) = month_before(text, start)
    {
        return Some(month..after + 4);
    }
    let mut word = after;
    if text[word..].starts_with(b"de ") || text[word..].starts_with(b"of ") {
        word += 3;
    }
    let length = word_length(&text[word..]);
    let mut year = blanks(word + length);
    if text[year..].starts_with(b"de ") {
        year += 3;
    }
    let shown = is_month(&text[word..word + length]) && matches!(digits(year), 2 | 4);
    shown.then(|| start..year + digits(year))
}

fn word_length(text: &[u8]) -> usize {
    text.iter()
        .take(16)
        .take_while(|byte| {
            byte.is_ascii_alphabetic() || **byte >= 0xc0 || (0x80..0xc0).contains(*byte)
        })
        .count()
}

fn month_before(text: &[u8], start: usize) -> Option<usize> {
    let end = start.checked_sub(1)?;
    let letter = |byte: &&u8| byte.is_ascii_alphabetic() || **byte >= 0x80;
    let blank = text[..start].iter().rev().take(2).take_while(|byte| b" .".contains(byte)).count();
    let word_end = start - blank;
    let length = text[..word_end].iter().rev().take(12).take_while(letter).count();
    (blank > 0 && end > 0 && is_month(&text[word_end - length..word_end]))
        .then_some(word_end - length)
}

fn is_month(word: &[u8]) -> bool {
    let Ok(word) = std::str::from_utf8(word) else { return false };
    let word = word.to_lowercase();
    (3..=12).contains(&word.len()) && MONTHS.iter().any(|month| word.starts_with(month))
}
