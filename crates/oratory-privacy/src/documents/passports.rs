//! The lines at the foot of a passport or an identity card that machines read.
//!
//! ICAO 9303: lines of 30, 36 or 44 signs, filled up with `<`, with check digits inside.

use crate::{Finding, Kind};

/// Notes the line around `at`, where two `<` stand.
pub(crate) fn line_around(text: &[u8], at: usize, found: &mut Vec<Finding>) {
    const LONGEST: usize = 44;
    let readable =
        |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'<';
    let before = text[..at].iter().rev().take(LONGEST + 1).take_while(readable).count();
    let after = text[at..].iter().take(LONGEST + 1).take_while(readable).count();
    let line = &text[at - before..at + after];
    if matches!(line.len(), 28..=LONGEST) && (begins(line) || checked(line)) {
        found.push(Finding {
            kind: Kind::Passport,
            span: at - before..at + after,
            score: 0.95,
            why: "line of a passport that machines read",
        });
    }
}

/// Says whether it is a first line, or the names on a card.
fn begins(line: &[u8]) -> bool {
    let kind = matches!(line[0], b'P' | b'V' | b'I' | b'A' | b'C');
    let country = line[2..5].iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'<');
    let names =
        line.iter().all(|byte| !byte.is_ascii_digit()) && line.windows(4).any(|w| w == b"<<<<");
    kind && country || names
}

/// Says whether the check digits of a second line are right: the number's or the birthday's.
fn checked(line: &[u8]) -> bool {
    let right = |part: std::ops::Range<usize>, check: usize| {
        let worth = |byte: u8| match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            b'A'..=b'Z' => u32::from(byte - b'A') + 10,
            _ => 0,
        };
        let sum: u32 =
            line[part].iter().zip([7, 3, 1].iter().cycle()).map(|(b, by)| worth(*b) * by).sum();
        line[check].is_ascii_digit() && sum % 10 == worth(line[check])
    };
    (right(0..9, 9) && right(13..19, 19))
        || right(5..14, 14)
        || (right(0..6, 6) && right(8..14, 14))
}
