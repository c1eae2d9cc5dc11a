//! Tells whether a surrogate stands at a place, however it is written: `&lt;email_1&gt;` too.
//!
//! One that is written as no surrogate of ours is left alone.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::sign::{Notation, Sign, Writing, may_open, sign, step};

/// What stands at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'n> {
    /// A surrogate of so many bytes.
    Stands(Stands<'n>),
    /// Nothing that could become one.
    None,
    /// What may become one.
    Unclear,
}

/// A surrogate, and how what it stands for is to be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stands<'n> {
    pub(super) original: &'n str,
    pub(super) notation: Notation,
    /// What was written inside it behind its number: `'s`.
    pub(super) ending: String,
    pub(super) length: usize,
}

/// Surrogates by what they are called, in capitals and without brackets: `EMAIL_1`.
pub(super) type Called = BTreeMap<String, String>;

/// Returns what a surrogate is called.
pub(crate) fn called(surrogate: &str) -> String {
    surrogate.trim_matches(['<', '>']).to_ascii_uppercase()
}

/// The most signs between the brackets of a surrogate, and of what looks like one.
const LONGEST: usize = 60;

/// Returns what everything is called in `text` that could be read as a surrogate.
pub(crate) fn look_alikes(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(may_open) {
        rest = &rest[at..];
        found.extend(look_alike(rest));
        rest = &rest[step(rest, Writing::Plain)..];
    }
    found
}

fn look_alike(text: &str) -> Option<String> {
    let mut name = String::new();
    let mut at = 0;
    for number in 0..=LONGEST {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let Sign::Is { meant, length, .. } = sign(rest, Writing::Plain) else { return None };
        at += length;
        match meant {
            '<' if number == 0 => {}
            '>' | '＞' if number > 0 => {
                let name = name.trim_end_matches(['S', '\'', '’']);
                return Some(name.to_owned());
            }
            ' ' | '-' if number > 0 => name.push('_'),
            '\'' | '’' | '_' if number > 0 => name.push(meant),
            _ if number > 0 && meant.is_ascii_alphanumeric() => {
                name.push(meant.to_ascii_uppercase());
            }
            _ => return None,
        }
    }
    None
}

/// Returns what stands at the beginning of `text`; `escaped` says whether `\<` may be Markdown's.
pub(super) fn token<'n>(
    names: &'n Called,
    text: &str,
    writing: Writing,
    escaped: bool,
) -> Token<'n> {
    let Sign::Is { meant, notation, length } = sign(text, writing) else { return Token::Unclear };
    if meant != '<' || notation == Notation::Backslash && !escaped {
        return Token::None;
    }
    let mut reading = Reading { names, name: String::new(), ending: String::new() };
    let mut at = length;
    while at < text.len() {
        let Sign::Is { meant, length, .. } = sign(&text[at..], writing) else {
            return Token::Unclear;
        };
        at += length;
        if matches!(meant, '>' | '＞') {
            return match names.get(&reading.name) {
                Some(original) => {
                    let ending = reading.ending;
                    Token::Stands(Stands { original, notation, ending, length: at })
                }
                None => Token::None,
            };
        }
        if !reading.takes(meant) {
            return Token::None;
        }
    }
    Token::Unclear
}

/// A surrogate as far as it has been read.
struct Reading<'n> {
    names: &'n Called,
    name: String,
    ending: String,
}

impl Reading<'_> {
    /// Takes one more sign, if there is a surrogate that goes on so.
    fn takes(&mut self, sign: char) -> bool {
        // Models bend them like words: `<PERSON_1's>`, `<PERSON_1s>`.
        let bends = match sign {
            '\'' | '’' => self.ending.is_empty(),
            's' | 'S' => !self.ending.ends_with(['s', 'S']),
            _ => false,
        };
        if bends && self.names.contains_key(&self.name) {
            self.ending.push(sign);
            return true;
        }
        let sign = if matches!(sign, ' ' | '-') { '_' } else { sign.to_ascii_uppercase() };
        if !self.ending.is_empty() || !(sign.is_ascii_alphanumeric() || sign == '_') {
            return false;
        }
        self.name.push(sign);
        let from = (Bound::Included(self.name.as_str()), Bound::Unbounded);
        let next = self.names.range::<str, _>(from).next();
        next.is_some_and(|(name, _)| name.starts_with(&self.name))
    }
}
