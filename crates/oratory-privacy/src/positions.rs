//! Positions on the globe: pairs of degrees, or one beside a word for it.
//!
//! Fewer than four decimals point to a district, not to a house, and need a word.

use crate::context::{Context, Tag};
use crate::{Finding, Kind};

/// Notes the position that begins with the digit at `start`.
pub(crate) fn judge(text: &[u8], start: usize, found: &mut Vec<Finding>) {
    let span = match (degrees(text, start), minutes(text, start)) {
        (Some(first), _) => decimal(text, start, &first),
        (_, Some(end)) => Some(start..minutes_pair(text, end)),
        _ => None,
    };
    if let Some(span) = span {
        let start = if span.start > 0 && text[span.start - 1] == b'-' {
            span.start - 1
        } else {
            span.start
        };
        let why = "position on the globe";
        found.push(Finding { kind: Kind::Coordinates, span: start..span.end, score: 0.85, why });
    }
}

/// A number of degrees: how much, its decimals, where it ends.
struct Degrees {
    whole: u32,
    decimals: usize,
    end: usize,
}

fn degrees(text: &[u8], start: usize) -> Option<Degrees> {
    let digits =
        |at: usize| text[at..].iter().take(18).take_while(|byte| byte.is_ascii_digit()).count();
    let length = digits(start);
    if !(1..=3).contains(&length) || text.get(start + length) != Some(&b'.') {
        return None;
    }
    let whole =
        text[start..start + length].iter().fold(0, |n, byte| n * 10 + u32::from(byte - b'0'));
    let decimals = digits(start + length + 1);
    let mut end = start + length + 1 + decimals;
    if text[end..].starts_with("°".as_bytes()) {
        end += 2;
    }
    let compass = |at: usize| {
        matches!(text.get(at), Some(b'N' | b'S' | b'E' | b'W'))
            && text.get(at + 1).is_none_or(|byte| !byte.is_ascii_alphanumeric())
    };
    if compass(end) {
        end += 1;
    } else if text.get(end) == Some(&b' ') && compass(end + 1) {
        end += 2;
    }
    ((3..=17).contains(&decimals) && whole <= 180).then_some(Degrees { whole, decimals, end })
}

fn decimal(text: &[u8], start: usize, first: &Degrees) -> Option<std::ops::Range<usize>> {
    let signs =
        text[first.end..].iter().take(4).take_while(|byte| b",; /-+".contains(byte)).count();
    let second = (signs > 0).then(|| degrees(text, first.end + signs)).flatten();
    if let Some(second) = second.filter(|_| first.whole <= 90) {
        let exact = first.decimals >= 4 && second.decimals >= 4;
        if exact || Context::around(text, start, second.end).has(Tag::Position) {
            return Some(start..second.end);
        }
    }
    let near = Context::around(text, start, first.end).nearest(&[Tag::Position]);
    near.is_some_and(|distance| distance <= 8).then_some(start..first.end)
}

/// Reads `48°51′24″N` and returns where it ends.
fn minutes(text: &[u8], start: usize) -> Option<usize> {
    let digits = |at: usize| {
        text[at..].iter().take(8).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count()
    };
    let length = digits(start);
    let mut at = start + length;
    if length == 0 || !text[at..].starts_with("°".as_bytes()) {
        return None;
    }
    at += 2;
    for _ in 0..2 {
        at += text[at..].iter().take(1).take_while(|byte| **byte == b' ').count();
        at += digits(at);
        let sign = &text[at..];
        at += match sign {
            [0xe2, 0x80, 0xb2 | 0xb3 | 0x99 | 0x9d, ..] => 3,
            [b'\'', b'\'', ..] => 2,
            [b'\'' | b'"', ..] => 1,
            _ => 0,
        };
    }
    at += text[at..].iter().take(1).take_while(|byte| **byte == b' ').count();
    matches!(text.get(at), Some(b'N' | b'S' | b'E' | b'W')).then_some(at + 1)
}

fn minutes_pair(text: &[u8], end: usize) -> usize {
    let signs = text[end..].iter().take(3).take_while(|byte| b", ;/".contains(byte)).count();
    minutes(text, end + signs).unwrap_or(end)
}
