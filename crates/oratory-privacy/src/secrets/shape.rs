//! The notation in which the shapes of keys are written, and its matcher.
//!
//! A shape begins with a head that one automaton looks for; the tail is read only there.

use std::ops::Range;

use super::placeholders::is_blank;
use crate::Kind;

/// What a key looks like.
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    pub(crate) why: &'static str,
    /// What stands before the head, in the same notation, or nothing.
    pub(crate) before: &'static str,
    /// What every such key has in it.
    pub(crate) head: &'static str,
    /// What follows: `a36` is 36 letters or digits, `w20+` at least 20 signs of words, `'.'` a
    /// dot. [`class`] says what the letters mean.
    pub(crate) tail: &'static str,
}

/// Writes one line of a table.
pub(crate) const fn key(why: &'static str, head: &'static str, tail: &'static str) -> Shape {
    Shape { kind: Kind::ApiKey, why, before: "", head, tail }
}

/// The most signs that `+` takes.
const MOST: usize = 4096;

impl Shape {
    /// Returns up to where a tail of any length has been read whose head stands at `head`: another
    /// head within it would lead to the same end.
    pub(crate) fn read_to(&self, text: &[u8], head: usize) -> usize {
        let tail = head + self.head.len();
        let first = self.tail.split(' ').next().and_then(counted);
        match first {
            Some((sort, (_, MOST))) => {
                let ahead = text[tail..].iter().take(MOST);
                tail + ahead.take_while(|byte| class(sort, **byte)).count()
            }
            _ => tail,
        }
    }

    /// Returns where a key lies whose head stands at `head`, if the rest is right.
    pub(crate) fn matched(&self, text: &[u8], head: usize) -> Option<Range<usize>> {
        let start = self.begin(text, head)?;
        let tail = head + self.head.len();
        let mut at = tail;
        let mut last = b'?';
        for item in self.tail.split(' ').filter(|item| !item.is_empty()) {
            let (end, sort) = taken(text, at, item)?;
            at = end;
            last = sort;
        }
        let ends =
            text.get(at).is_none_or(|byte| !(class(last, *byte) && byte.is_ascii_alphanumeric()));
        (ends && !is_blank(&text[tail..at])).then_some(start..at)
    }

    fn begin(&self, text: &[u8], head: usize) -> Option<usize> {
        let mut start = head;
        if let Some((sort, (least, most))) = counted(self.before) {
            let before = text[..head].iter().rev().take(most + 1);
            let count = before.take_while(|byte| class(sort, **byte)).count();
            if !(least..=most).contains(&count) {
                return None;
            }
            start -= count;
        }
        let letter = |at: usize| text[at].is_ascii_alphanumeric();
        let free = start == 0 || !letter(start) || !letter(start - 1) || escaped(text, start);
        free.then_some(start)
    }
}

/// Says whether the letter before `start` is that of an escape: `\nghp_…` in JSON.
fn escaped(text: &[u8], start: usize) -> bool {
    start > 1 && text[start - 2] == b'\\' && matches!(text[start - 1], b'n' | b't' | b'r')
}

/// Reads one item of a tail and returns where it ends, and its class.
fn taken(text: &[u8], at: usize, item: &str) -> Option<(usize, u8)> {
    if let Some(literal) = item.strip_prefix('\'') {
        let literal = literal.trim_end_matches('\'').as_bytes();
        return text[at..].starts_with(literal).then_some((at + literal.len(), b'?'));
    }
    let (sort, (least, most)) = counted(item)?;
    let count = text[at..].iter().take(most).take_while(|byte| class(sort, **byte)).count();
    (count >= least).then_some((at + count, sort))
}

/// Reads `a36`, `a20+` or `a20-40`.
fn counted(item: &str) -> Option<(u8, (usize, usize))> {
    let (sort, count) = item.split_at_checked(1)?;
    let range = match (count.strip_suffix('+'), count.split_once('-')) {
        (Some(least), _) => (least.parse().ok()?, MOST),
        (_, Some((least, most))) => (least.parse().ok()?, most.parse().ok()?),
        _ => (count.parse().ok()?, count.parse().ok()?),
    };
    Some((sort.as_bytes()[0], range))
}

/// Says whether a sign is of a class.
fn class(sort: u8, byte: u8) -> bool {
    match sort {
        b'a' => byte.is_ascii_alphanumeric(),
        b'w' => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
        b'u' => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        b'l' => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
        b'h' => byte.is_ascii_hexdigit(),
        b'd' => byte.is_ascii_digit(),
        b'b' => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
        b'x' => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'='),
        b'c' => byte.is_ascii_alphanumeric() || b"./$=,+".contains(&byte),
        _ => false,
    }
}

/// Notes the token of a Discord bot around its first dot, which has no head to look for.
pub(crate) fn discord(text: &[u8], dot: usize, found: &mut Vec<crate::Finding>) {
    const TOKEN: Shape =
        Shape { before: "w24-28", ..key("Discord bot token", ".", "w6 '.' w27-40") };
    let Some(span) = TOKEN.matched(text, dot) else { return };
    // The first part is a number in base 64.
    if matches!(text[span.start], b'M'..=b'O') {
        found.push(crate::Finding { kind: TOKEN.kind, span, score: 0.9, why: TOKEN.why });
    }
}
