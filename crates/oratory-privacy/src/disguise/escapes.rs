//! Signs written in the way of some notation: percent, HTML, quoted-printable, JSON and C, and
//! letters that only look like others.
//!
//! Each stands for one sign, so what is found keeps exact bounds.

use std::ops::Range;

use super::view::View;
use super::{entities, fold};

/// What stands for something else.
struct Sign {
    length: usize,
    bytes: [u8; 4],
    count: usize,
}

/// Returns the text with every escaped sign in its place; `None` where none is escaped.
pub(super) fn view(text: &[u8]) -> Option<View> {
    let mut view: Option<View> = None;
    let mut copied = 0;
    let mut at = 0;
    while let Some(next) = trigger(text, at) {
        let Some(sign) = sign(text, next, view.as_ref()) else {
            at = next + 1;
            continue;
        };
        let view = view.get_or_insert_default();
        view.copy(text, copied..next);
        at = next + sign.length;
        replace(view, next..at, &sign);
        copied = at;
    }
    let mut view = view?;
    view.copy(text, copied..text.len());
    Some(view)
}

fn replace(view: &mut View, origin: Range<usize>, sign: &Sign) {
    view.replace(origin, &sign.bytes[..sign.count]);
}

/// Returns the next byte that an escaped sign can begin with.
fn trigger(text: &[u8], from: usize) -> Option<usize> {
    let rest = &text[from..];
    let found =
        rest.iter().position(|byte| *byte >= 0x80 || matches!(byte, b'%' | b'&' | b'\\' | b'='));
    found.map(|at| from + at)
}

fn sign(text: &[u8], at: usize, view: Option<&View>) -> Option<Sign> {
    let rest = &text[at..];
    match rest[0] {
        b'%' => hex(rest.get(1..3)?).map(|byte| one(3, byte)),
        b'&' => entities::entity(rest).map(|(length, character)| character_of(length, character)),
        b'\\' => backslash(rest),
        b'=' => quoted_printable(text, at),
        _ => folded(text, at, view),
    }
}

fn one(length: usize, byte: u8) -> Sign {
    Sign { length, bytes: [byte, 0, 0, 0], count: 1 }
}

fn character_of(length: usize, character: char) -> Sign {
    let mut bytes = [0; 4];
    // What was escaped may be a disguise in itself.
    let count = character.encode_utf8(&mut bytes).len();
    Sign { length, bytes, count }
}

/// Returns the byte that two digits of base 16 write.
fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |byte: &u8| (*byte as char).to_digit(16);
    Some((digit(digits.first()?)? * 16 + digit(digits.get(1)?)?) as u8)
}

/// Reads `\u0041`, `\u{41}`, `\U00000041`, `\x41`, `\101`, `\n` and quoted signs.
fn backslash(rest: &[u8]) -> Option<Sign> {
    match *rest.get(1)? {
        b'u' if rest.get(2) == Some(&b'{') => braced(rest),
        b'u' => utf_16(rest),
        b'U' => {
            let digits = std::str::from_utf8(rest.get(2..10)?).ok()?;
            let number = u32::from_str_radix(digits, 16).ok()?;
            Some(character_of(10, char::from_u32(number)?))
        }
        b'x' => hex(rest.get(2..4)?).map(|byte| one(4, byte)),
        b'n' | b'r' => Some(one(2, b'\n')),
        b't' => Some(one(2, b'\t')),
        sign @ (b'"' | b'\\' | b'/' | b'\'' | b'@' | b'.' | b'-' | b'_') => Some(one(2, sign)),
        b'0' | b'1' => {
            let digits = std::str::from_utf8(rest.get(1..4)?).ok()?;
            u8::from_str_radix(digits, 8).ok().map(|byte| one(4, byte))
        }
        _ => None,
    }
}

fn braced(rest: &[u8]) -> Option<Sign> {
    let end = rest.iter().take(10).position(|byte| *byte == b'}')?;
    let digits = std::str::from_utf8(&rest[3..end]).ok()?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    Some(character_of(end + 1, char::from_u32(number)?))
}

/// Reads one character in one or two units.
fn utf_16(rest: &[u8]) -> Option<Sign> {
    let unit = |at: usize| {
        let digits = std::str::from_utf8(rest.get(at..at + 4)?).ok()?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(2)?;
    let second = if rest.get(6..8) == Some(b"\\u") { unit(8) } else { None };
    let pair = [first, second.unwrap_or(0)];
    let high = (0xd800..0xdc00).contains(&first);
    let units = if high { &pair[..] } else { &pair[..1] };
    let character = char::decode_utf16(units.iter().copied()).next()?.ok()?;
    Some(character_of(if high { 12 } else { 6 }, character))
}

/// Reads `=41`, and the `=` that ends a line which goes on. `x=40` is no such thing: it takes two
/// in a row, or one that mail writes so.
fn quoted_printable(text: &[u8], at: usize) -> Option<Sign> {
    let rest = &text[at..];
    match rest {
        [b'=', b'\n', ..] => return Some(Sign { length: 2, bytes: [0; 4], count: 0 }),
        [b'=', b'\r', b'\n', ..] => return Some(Sign { length: 3, bytes: [0; 4], count: 0 }),
        _ => {}
    }
    let digits = rest.get(1..3)?;
    let capitals = digits.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F'));
    let row = rest.get(3) == Some(&b'=')
        || at >= 3 && text[at - 3] == b'=' && hex(&text[at - 2..at]).is_some();
    let usual = matches!(digits, b"3D" | b"40" | b"2E" | b"2D" | b"5F" | b"20" | b"3A" | b"2F");
    (capitals && (row || usual)).then(|| hex(digits)).flatten().map(|byte| one(3, byte))
}

/// Reads a character that looks like another, or cannot be seen at all.
fn folded(text: &[u8], at: usize, view: Option<&View>) -> Option<Sign> {
    let character = fold::decoded(&text[at..])?;
    let length = character.len_utf8();
    let before = match at.checked_sub(1) {
        Some(place) if text[place] < 0x80 => Some(text[place]),
        // What stands before may itself have been folded.
        Some(_) => view.and_then(|view| view.bytes().last().copied()),
        None => None,
    };
    let (bytes, count) = fold::folded(character, before, &text[at + length..])?;
    Some(Sign { length, bytes, count })
}
