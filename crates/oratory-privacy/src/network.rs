//! Addresses of machines: IPv4, IPv6 and those of network cards.
//!
//! Not what every machine calls itself, and not the version of a program.

use std::net::Ipv6Addr;

use crate::context::{Context, Tag};
use crate::{Finding, Kind};

/// Notes the IPv4 address that begins with the digit at `start`, and returns whether one does.
pub(crate) fn ipv4(text: &[u8], start: usize, found: &mut Vec<Finding>) -> bool {
    let Some((octets, end)) = octets(text, start) else { return false };
    let before = start.checked_sub(1).map(|at| text[at]);
    let joined = matches!(text.get(end), Some(b'.' | b'-'))
        && text.get(end + 1).is_some_and(u8::is_ascii_digit);
    // `Chrome/96.0.4664.110`, but `//10.1.2.3` and `x@10.1.2.3`.
    let version = before == Some(b'/') && start > 1 && text[start - 2].is_ascii_alphanumeric()
        || matches!(before, Some(b'.' | b'-' | b'_' | b'v' | b'V'));
    if joined || version || is_everybodys(octets) || is_version(text, start, end, octets) {
        return false;
    }
    let why = "IPv4 address";
    found.push(Finding { kind: Kind::IpAddress, span: start..end, score: 0.9, why });
    true
}

fn octets(text: &[u8], start: usize) -> Option<([u8; 4], usize)> {
    let mut octets = [0; 4];
    let mut at = start;
    for (place, octet) in octets.iter_mut().enumerate() {
        if place > 0 {
            // Defanged addresses in reports have brackets around their dots.
            at += match text[at..] {
                [b'.', ..] => 1,
                [b'[', b'.', b']', ..] => 3,
                _ => return None,
            };
        }
        let digits = text[at..].iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&text[at..at + digits]).ok()?;
        *octet = number.parse().ok().filter(|_| digits <= 3)?;
        at += digits;
    }
    text.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric()).then_some((octets, at))
}

/// Addresses that point to no machine in particular, and name servers that everybody uses.
fn is_everybodys(octets: [u8; 4]) -> bool {
    matches!(
        octets,
        [0 | 127, ..] | [255, 255, ..] | [1, 1, 1, 1] | [1, 0, 0, 1] | [8, 8, 8, 8] | [8, 8, 4, 4]
    )
}

/// Numbers this small are versions, unless a word says otherwise.
fn is_version(text: &[u8], start: usize, end: usize, octets: [u8; 4]) -> bool {
    let context = Context::around(text, start, end);
    let machine = context.nearest(&[Tag::Machine]);
    match context.nearest(&[Tag::Release]) {
        Some(release) => release < 14 && machine.is_none_or(|machine| machine > release),
        None => octets.iter().all(|octet| *octet < 20) && machine.is_none(),
    }
}

/// Notes the IPv6 or card address around the colon at `at`, and returns where it ends.
pub(crate) fn around_colon(text: &[u8], at: usize, found: &mut Vec<Finding>) -> Option<usize> {
    const LONGEST: usize = 45;
    let part = |byte: &&u8| byte.is_ascii_hexdigit() || **byte == b':';
    let before =
        text[..at].iter().rev().take(5).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let start = at - before;
    let length = text[start..].iter().take(LONGEST).take_while(part).count();
    let mut end = start + length;
    // An address may end in an IPv4 address; a sentence may end in a colon.
    if let Some((_, tail_end)) = last_group(text, start, end).and_then(|group| octets(text, group))
    {
        end = tail_end;
    }
    while end > at + 1 && text[end - 1] == b':' && text[end - 2] != b':' {
        end -= 1;
    }
    let begins =
        start == 0 || !(text[start - 1].is_ascii_alphanumeric() || text[start - 1] == b':');
    let ends = text.get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let written = std::str::from_utf8(&text[start..end]).ok()?;
    if !(begins && ends) {
        return None;
    }
    let (kind, why) = if is_card(written.as_bytes(), b':') {
        (Kind::MacAddress, "address of a network card")
    } else if is_ipv6(written) {
        (Kind::IpAddress, "IPv6 address")
    } else {
        return None;
    };
    found.push(Finding { kind, span: start..end, score: 0.9, why });
    Some(end)
}

fn last_group(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let colon = text[start..end].iter().rposition(|byte| *byte == b':')?;
    (text.get(end) == Some(&b'.') && start + colon + 1 < end).then_some(start + colon + 1)
}

/// Parses, names one machine and is no path of a program such as `ab::c`.
fn is_ipv6(written: &str) -> bool {
    let groups = written.split(':').filter(|group| !group.is_empty()).count();
    let digits = written.bytes().any(|byte| byte.is_ascii_digit());
    let address: Option<Ipv6Addr> = written.parse().ok();
    groups >= 3.min(if digits { 2 } else { 3 })
        && address.is_some_and(|address| !address.is_loopback() && !address.is_unspecified())
}

/// Notes the card address with dashes that begins with the word at `start`.
pub(crate) fn dashed_card(text: &[u8], start: usize, found: &mut Vec<Finding>) {
    let end = start + 17;
    let whole = text.get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
    let free = start == 0 || text[start - 1] != b'-';
    if whole && free && text.get(start..end).is_some_and(|written| is_card(written, b'-')) {
        let why = "address of a network card";
        found.push(Finding { kind: Kind::MacAddress, span: start..end, score: 0.85, why });
    }
}

/// Says whether it is six pairs that name one card: not none, not all.
fn is_card(written: &[u8], sign: u8) -> bool {
    let pair = |pair: &[u8]| pair.len() == 2 && pair.iter().all(u8::is_ascii_hexdigit);
    let mut pairs = written.split(|byte| *byte == sign);
    written.len() == 17
        && pairs.all(pair)
        && !written.iter().all(|byte| matches!(byte, b'0') || *byte == sign)
        && !written.iter().all(|byte| matches!(byte, b'f' | b'F') || *byte == sign)
}
