//! Reads a plain text once and asks, where something could begin, those who know what it is.
//!
//! What it notes may overlap; `overlaps` decides. Disguises are `disguise`'s.

use crate::digits::List;
use crate::run::{LONGEST, Run};
use crate::{Finding, network, numbers, positions, wallets, web};

/// What a byte can begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Nothing,
    Digit,
    At,
    Colon,
    Dot,
}

const SORTS: [Sort; 256] = {
    let mut sorts = [Sort::Nothing; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        sorts[digit as usize] = Sort::Digit;
        digit += 1;
    }
    sorts[b'@' as usize] = Sort::At;
    sorts[b':' as usize] = Sort::Colon;
    sorts[b'.' as usize] = Sort::Dot;
    sorts
};

/// No word that means something is longer.
const LONGEST_WORD: usize = 90;

/// Notes what numbers, addresses and codes are in `text`.
pub(crate) fn scan(text: &[u8], found: &mut Vec<Finding>) {
    let mut at = 0;
    let mut done = 0;
    let mut list = List::default();
    while let Some(byte) = text.get(at) {
        match SORTS[usize::from(*byte)] {
            Sort::Digit if at >= done && list.is_around(text, at) => {
                list.judge(text, at, found);
                done = at + 1;
            }
            Sort::Digit if at >= done => done = word(text, at, done, found),
            Sort::At => web::email(text, at, 1, found),
            Sort::Colon => colon(text, at, found),
            Sort::Dot => dot(text, at, found),
            _ => {}
        }
        at += 1;
        if at < done && done - at > LONGEST {
            at = done;
        }
    }
}

/// Looks at the word around the digit at `at` and returns where it ends.
fn word(text: &[u8], at: usize, done: usize, found: &mut Vec<Finding>) -> usize {
    let inside = |byte: &&u8| byte.is_ascii_alphanumeric();
    let before =
        text[done.max(at.saturating_sub(LONGEST_WORD))..at].iter().rev().take_while(inside).count();
    let start = at - before;
    let end = at + text[at..].iter().take_while(inside).count();
    let length = end - start;
    if length > LONGEST_WORD {
        return end;
    }
    let address = length <= 3 && before == 0 && network::ipv4(text, start, found);
    if !address && length <= LONGEST {
        numbers::at(text, start, found);
        positions::judge(text, start, found);
        if before > 0 && end - at >= 12 {
            // Letters stick to the number: `nr4111…`, or those of an escape.
            numbers::card_at(text, &Run::at(text, at), found);
        }
    }
    if length >= 14 {
        wallets::judge(text, start, end, found);
    }
    let beside = [text.get(end), start.checked_sub(1).map(|at| &text[at])];
    if length == 2 && beside.contains(&Some(&b'-')) {
        network::dashed_card(text, first_pair(text, start), found);
    }
    end
}

/// Returns where the pairs begin that end in the one at `start`; the first may be without digits.
fn first_pair(text: &[u8], start: usize) -> usize {
    let mut first = start;
    for _ in 0..5 {
        match first.checked_sub(3).map(|at| &text[at..first]) {
            Some([high, low, b'-']) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                first -= 3;
            }
            _ => break,
        }
    }
    first
}

fn colon(text: &[u8], at: usize, found: &mut Vec<Finding>) {
    let first = at == 0 || text[at - 1] != b':';
    let next = text.get(at + 1);
    let group = next.is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b':');
    // Only the first colon of an address asks.
    let earlier = text[..at].iter().rev().take(5).find(|byte| !byte.is_ascii_hexdigit());
    if first && group && earlier != Some(&b':') {
        network::around_colon(text, at, found);
    }
}

fn dot(text: &[u8], at: usize, found: &mut Vec<Finding>) {
    if text.get(at + 1).is_some_and(u8::is_ascii_lowercase) {
        web::bare_domain(text, at, found);
    }
    if text.get(at + 7) == Some(&b'.') {
        crate::secrets::shape::discord(text, at, found);
    }
}
