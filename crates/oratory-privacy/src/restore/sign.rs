//! Reads text sign by sign as whoever wrote it meant it: `&lt;` and `\<` are `<`.
//!
//! Models escape surrogates for HTML, Markdown, JSON and addresses; people read them all the same.

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// As people read it.
    Plain,
    /// As JSON text, such as what a tool is given.
    Json,
}

/// The notation in which a sign was written, and so must be what is put in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    Bare,
    /// `\<`, as Markdown has it.
    Backslash,
    Html,
    /// `\u003c`, in text that holds JSON.
    Escape,
    Percent,
}

/// What stands at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// This character, in so many bytes.
    Is { meant: char, notation: Notation, length: usize },
    /// The end came before it can be told.
    Unclear,
}

use Notation::{Backslash, Bare, Escape, Html, Percent};

/// What is written otherwise than it is meant.
const WRITTEN: [(&str, char, Notation); 22] = [
    ("&lt;", '<', Html),
    ("&gt;", '>', Html),
    ("&#60;", '<', Html),
    ("&#62;", '>', Html),
    ("&#x3c;", '<', Html),
    ("&#x3e;", '>', Html),
    ("&#95;", '_', Html),
    ("&#x5f;", '_', Html),
    ("&lowbar;", '_', Html),
    ("&#39;", '\'', Html),
    ("&#x27;", '\'', Html),
    ("&apos;", '\'', Html),
    ("\\u003c", '<', Escape),
    ("\\u003e", '>', Escape),
    ("\\u005f", '_', Escape),
    ("\\<", '<', Backslash),
    ("\\>", '>', Backslash),
    ("\\_", '_', Backslash),
    ("\\-", '-', Backslash),
    ("%3c", '<', Percent),
    ("%3e", '>', Percent),
    ("%5f", '_', Percent),
];
/// The most characters of any of them.
const LONGEST: usize = 8;

/// Says whether a sign other than a plain letter can begin with this one.
pub(super) fn may_open(sign: char) -> bool {
    matches!(sign, '<' | '&' | '\\' | '%' | '＜')
}

/// Returns what the first sign of `text`, which is not empty, is meant to be.
pub(super) fn sign(text: &str, writing: Writing) -> Sign {
    let first = text.chars().next().unwrap_or_default();
    if !may_open(first) {
        return Sign::Is { meant: first, notation: Bare, length: first.len_utf8() };
    }
    let mut units = Units { text, at: 0, writing };
    let mut read = [('\0', 0); LONGEST];
    let mut count = 0;
    let mut ended = false;
    while count < LONGEST {
        let Some(unit) = units.next() else {
            ended = true;
            break;
        };
        read[count] = unit;
        count += 1;
    }
    meant(&read[..count], ended)
}

/// Returns what units mean together, each with where it ends.
fn meant(units: &[(char, usize)], ended: bool) -> Sign {
    let Some(&(first, length)) = units.first() else { return Sign::Unclear };
    for (written, meant, notation) in WRITTEN {
        let same = units.iter().zip(written.chars());
        if !same.clone().all(|((unit, _), sign)| unit.eq_ignore_ascii_case(&sign)) {
            continue;
        }
        let signs = written.chars().count();
        if units.len() >= signs {
            return Sign::Is { meant, notation, length: units[signs - 1].1 };
        }
        if ended {
            return Sign::Unclear;
        }
    }
    let meant = match first {
        '＜' => '<',
        other => other,
    };
    Sign::Is { meant, notation: Bare, length }
}

/// The characters of a text, undone from JSON's escapes where it is JSON.
struct Units<'t> {
    text: &'t str,
    at: usize,
    writing: Writing,
}

impl Iterator for Units<'_> {
    /// A character and where it ends.
    type Item = (char, usize);

    fn next(&mut self) -> Option<(char, usize)> {
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let (meant, length) = match (self.writing, first) {
            (Writing::Json, '\\') => escaped(rest)?,
            _ => (first, first.len_utf8()),
        };
        self.at += length;
        Some((meant, self.at))
    }
}

/// Returns what an escape of JSON means; `None` if its end has not come.
fn escaped(rest: &str) -> Option<(char, usize)> {
    let second = rest[1..].chars().next()?;
    if second != 'u' {
        return Some((second, 1 + second.len_utf8()));
    }
    if rest.len() < 6 {
        return None;
    }
    let digits = rest.get(2..6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    // What is no escape is a backslash, and half of a pair is nothing we write.
    digits.map_or(Some(('\\', 1)), |digits| Some((char::from_u32(digits).unwrap_or('\u{fffd}'), 6)))
}

/// Returns how far to go on where no surrogate begins.
pub(super) fn step(text: &str, writing: Writing) -> usize {
    Units { text, at: 0, writing }.next().map_or(text.len(), |(_, length)| length)
}
