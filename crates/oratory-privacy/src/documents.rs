//! Passports, driving licences, vehicles, accounts and papers: little arithmetic, telling words.
//!
//! Few of these numbers can be proved, so a word for them must stand near.

mod licences;
pub(crate) mod passports;

use crate::checks::{digit, none};
use crate::context::{Context, Tag};
use crate::numbers::{Number, number};
use crate::run::{Piece, Run};
use crate::{Finding, Kind};

/// All tables.
pub(crate) static TABLES: [&[Number]; 2] = [
    &[
        number!(
            Vehicle,
            "vehicle identification number",
            ["?????????????????"],
            [],
            [Tag::Vin],
            chassis_checked,
            true
        ),
        number!(
            Vehicle,
            "vehicle identification number",
            ["?????????????????"],
            [],
            [Tag::Vin],
            chassis,
            false
        ),
        number!(Vehicle, "UK number plate", ["AA99AAA"], [], [Tag::Plate], none, false),
    ],
    licences::NUMBERS,
];

/// What a word makes of a number beside it.
struct Named {
    kind: Kind,
    why: &'static str,
    words: &'static [Tag],
    /// The fewest and the most letters and digits.
    length: std::ops::RangeInclusive<usize>,
    /// The fewest digits, and the fewest letters.
    least: (usize, usize),
    score: f32,
}

const NAMED: [Named; 6] = [
    Named {
        kind: Kind::DrivingLicence,
        why: "driving licence, named beside it",
        words: &[Tag::Licence],
        length: 5..=18,
        least: (4, 0),
        score: 0.85,
    },
    Named {
        kind: Kind::Passport,
        why: "passport, named beside it",
        words: &[Tag::Passport],
        length: 6..=12,
        least: (4, 0),
        score: 0.85,
    },
    Named {
        kind: Kind::Vehicle,
        why: "number plate, named beside it",
        words: &[Tag::Plate],
        length: 5..=9,
        least: (1, 1),
        score: 0.8,
    },
    Named {
        kind: Kind::Account,
        why: "account, named beside it",
        words: &[Tag::Account],
        length: 6..=20,
        least: (6, 0),
        score: 0.75,
    },
    Named {
        kind: Kind::HealthId,
        why: "number of a health service, named beside it",
        words: &[Tag::HealthNumber],
        length: 6..=16,
        least: (5, 0),
        score: 0.74,
    },
    Named {
        kind: Kind::NationalId,
        why: "number of a person, named beside it",
        words: &[Tag::Identity, Tag::TaxNumber],
        length: 6..=18,
        least: (5, 0),
        score: 0.72,
    },
];

/// Where number plates stand among them.
const PLATE: usize = 2;

/// A word further away speaks of something else.
const FAR: u8 = 44;

/// Notes the number plate that begins with letters.
pub(crate) fn plate(text: &[u8], run: &Run, found: &mut Vec<Finding>) {
    let capitals = |piece: &Piece<'_>| !piece.is_small() && piece.groups > 1;
    let piece = run.pieces().take_while(hangs_together).last().filter(capitals);
    if let Some(piece) = piece {
        named_as(&NAMED[PLATE..=PLATE], text, &piece, found);
    }
}

/// Notes what the words around a number make of it.
pub(crate) fn named(text: &[u8], run: &Run, found: &mut Vec<Finding>) {
    let pieces = || run.pieces().take_while(hangs_together);
    let numbered = |piece: &Piece<'_>| piece.laid.split(|byte| *byte == b' ').all(has_digit);
    if let Some(piece) = pieces().take_while(numbered).last() {
        named_as(&NAMED, text, &piece, found);
    }
    // Behind the number of a plate, letters may follow.
    if let Some(piece) = pieces().last().filter(|piece| !numbered(piece)) {
        named_as(&NAMED[PLATE..=PLATE], text, &piece, found);
    }
}

fn has_digit(group: &[u8]) -> bool {
    group.iter().any(u8::is_ascii_digit)
}

fn named_as(sorts: &[Named], text: &[u8], piece: &Piece<'_>, found: &mut Vec<Finding>) {
    let digits = piece.compact.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = piece.compact.len() - digits;
    let possible = |named: &&Named| {
        named.length.contains(&piece.compact.len())
            && (digits, letters) >= (named.least.0, 0)
            && letters >= named.least.1
    };
    if piece.compact.len() < 5 || is_sum(text, piece) || is_day(piece) || is_decimal(piece) {
        return;
    }
    let context = Context::around(text, piece.start, piece.end);
    for named in sorts.iter().filter(possible) {
        if let Some(distance) = context.nearest(named.words).filter(|distance| *distance <= FAR) {
            found.push(Finding {
                kind: named.kind,
                span: piece.start..piece.end,
                score: named.score - f32::from(distance) / 1000.0,
                why: named.why,
            });
        }
    }
}

/// Says whether the groups of a piece look like parts of one number, not like two things.
fn hangs_together(piece: &Piece<'_>) -> bool {
    let mut groups = piece.laid.split(|byte| matches!(byte, b' ' | b'-' | b'.' | b'/')).skip(1);
    let joints = piece.laid.iter().filter(|byte| !byte.is_ascii_alphanumeric());
    let mut joints = joints.copied();
    piece.groups <= 6
        && joints.all(|joint| matches!(joint, b' ' | b'-' | b'.' | b'/'))
        && groups.all(|group| !group.is_empty())
        && spaced_groups_are_long(piece.laid)
}

fn spaced_groups_are_long(laid: &[u8]) -> bool {
    let mut groups = laid.split(|byte| *byte == b' ');
    let first = groups.next().unwrap_or_default();
    let rest = groups.all(|group| group.len() >= 2 && group.iter().all(u8::is_ascii_alphanumeric));
    rest && (first.len() >= 2 || !laid.contains(&b' '))
}

/// Says whether a number counts money or shares of a hundred.
pub(crate) fn is_sum(text: &[u8], piece: &Piece<'_>) -> bool {
    let before = text[..piece.start].iter().rev().find(|byte| **byte != b' ');
    let after = &text[piece.end..];
    matches!(before, Some(b'$' | 0xa3 | 0xac))
        || matches!(after, [b'%', ..] | [b' ', b'%', ..] | [0xe2, 0x82, 0xac, ..])
        || [&b" dollars"[..], b" euros", b" EUR", b" USD", b" GBP", b" years", b" people", b" km"]
            .iter()
            .any(|unit| after.starts_with(unit))
}

/// Says whether a piece is a number with decimals.
fn is_decimal(piece: &Piece<'_>) -> bool {
    piece.groups == 2 && piece.is_number() && piece.laid.contains(&b'.')
}

/// Says whether a piece is a day, which is no number of a paper.
pub(crate) fn is_day(piece: &Piece<'_>) -> bool {
    ["9999-99-99", "99-99-9999", "9-99-9999", "99-9-9999", "99-99-99"]
        .iter()
        .any(|shape| piece.is_laid(shape))
}

fn chassis(code: &[u8]) -> bool {
    let digits = code.iter().filter(|byte| byte.is_ascii_digit()).count();
    (3..17).contains(&digits) && !code.iter().any(|byte| b"IOQ".contains(byte))
}

/// In North America the ninth sign is a check.
fn chassis_checked(code: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let worth = |byte: &u8| match byte {
        b'0'..=b'9' => digit(*byte),
        b'A'..=b'H' => u32::from(byte - b'A') + 1,
        b'J'..=b'R' => u32::from(byte - b'J') + 1,
        _ => u32::from(byte.wrapping_sub(b'S')) + 2,
    };
    let sum: u32 = code.iter().zip(WEIGHTS).map(|(byte, weight)| worth(byte) * weight).sum();
    chassis(code) && code[8] == b"0123456789X"[(sum % 11) as usize]
}
