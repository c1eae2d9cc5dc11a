//! Finds the spellings of control tokens in text, and puts marks in their place.
//!
//! Pure: it knows spellings, not tokens.

use crate::speech::Style;

/// Unicode reserves these for a program's own use; in a message they are marked like controls.
pub(super) const OPEN: char = '\u{fdd0}';
pub(super) const CLOSE: char = '\u{fdd1}';

/// The spellings of control tokens.
pub(super) struct Control {
    /// Longest first, so that the longest match wins; by the first byte, since there are
    /// hundreds and nearly no text holds one.
    by_first: [Vec<String>; 256],
    begins: [bool; 256],
}

impl Control {
    /// Returns these spellings, and the texts that mean something in this style.
    pub(super) fn new(texts: Vec<String>, style: &Style) -> Self {
        let marks = style.marks().map(str::to_owned);
        // The marks themselves must not be forged.
        let own = [OPEN.to_string(), CLOSE.to_string()];
        let mut by_first = [const { Vec::new() }; 256];
        let mut begins = [false; 256];
        for text in texts.into_iter().chain(marks).chain(own) {
            let Some(first) = text.bytes().next().map(usize::from) else { continue };
            begins[first] = true;
            by_first[first].push(text);
        }
        for texts in &mut by_first {
            texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
            texts.dedup();
        }
        Self { by_first, begins }
    }

    /// Replaces each spelling by a mark that names its place in `found`.
    pub(super) fn mark(&self, text: &str, found: &mut Vec<String>) -> String {
        let bytes = text.as_bytes();
        let mut out = String::with_capacity(text.len());
        let (mut taken, mut at) = (0, 0);
        while let Some(ahead) = bytes[at..].iter().position(|&byte| self.begins[usize::from(byte)])
        {
            at += ahead;
            let Some(spelling) = self.at(&bytes[at..]) else {
                at += 1;
                continue;
            };
            out.push_str(&text[taken..at]);
            out.push_str(&format!("{OPEN}{}{CLOSE}", found.len()));
            found.push(spelling.to_owned());
            at += spelling.len();
            taken = at;
        }
        out.push_str(&text[taken..]);
        out
    }

    /// Returns the spelling that `text` begins with.
    fn at(&self, text: &[u8]) -> Option<&str> {
        let known = &self.by_first[usize::from(*text.first()?)];
        known.iter().find(|known| text.starts_with(known.as_bytes())).map(String::as_str)
    }
}

/// A piece of a prompt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// What the template made: control tokens in it are meant.
    Template(&'a str),
    /// The spelling of a control token that somebody wrote: letters.
    Plain(&'a str),
    /// The picture or sound with this number.
    Medium(usize),
}

/// What a number within marks begins with where a picture or a sound stands.
const MEDIUM: char = 'm';

/// Returns the mark of a picture or a sound.
pub(crate) fn medium(number: usize) -> String {
    format!("{OPEN}{MEDIUM}{number}{CLOSE}")
}

/// Cuts a rendered prompt at the marks.
pub(super) fn unmark<'a>(prompt: &'a str, found: &'a [String]) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut rest = prompt;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((number, after)) = after.split_once(CLOSE) else { break };
        parts.push(Part::Template(before));
        let part = match number.strip_prefix(MEDIUM) {
            Some(number) => number.parse().ok().map(Part::Medium),
            None => number.parse().ok().and_then(|at: usize| Some(Part::Plain(found.get(at)?))),
        };
        parts.extend(part);
        rest = after;
    }
    parts.push(Part::Template(rest));
    parts.retain(|part| !matches!(part, Part::Template("")));
    parts
}
