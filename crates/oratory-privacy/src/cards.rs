//! Payment cards: a known network, its length, and a check digit that fits.
//!
//! By hand and not by pattern: what makes a card is arithmetic, and trying every run of digits
//! with a pattern takes long on text that is all digits.

use std::ops::Range;

const SHORTEST: usize = 13;
const LONGEST: usize = 19;

/// Returns the first card at or after `from`.
pub(crate) fn next(text: &[u8], from: usize) -> Option<Range<usize>> {
    let starts = (from..text.len()).filter(|at| {
        // No network begins with another digit, which spares most numbers the arithmetic.
        matches!(text[*at], b'2'..=b'6') && (*at == 0 || !text[at - 1].is_ascii_digit())
    });
    starts.into_iter().find_map(|start| card_at(text, start))
}

/// Returns the longest card that begins here: "4111 1111 1111 1111 12" is one and something else.
fn card_at(text: &[u8], start: usize) -> Option<Range<usize>> {
    let mut digits = [0_u8; LONGEST];
    let mut count = 0;
    let mut at = start;
    let mut longest = None;
    while count < LONGEST && text.get(at).is_some_and(u8::is_ascii_digit) {
        digits[count] = text[at] - b'0';
        count += 1;
        at += 1;
        let group_ends = !text.get(at).is_some_and(u8::is_ascii_digit);
        if group_ends {
            if count >= SHORTEST && is_card(&digits[..count]) {
                longest = Some(start..at);
            }
            at = past_separators(text, at);
        }
    }
    longest
}

/// Skips what people put between groups: at most two of space, line end, dot, dash or slash,
/// the no-break space and the dashes of typographers among them.
fn past_separators(text: &[u8], mut at: usize) -> usize {
    for _ in 0..2 {
        at += match &text[at..] {
            [b' ' | b'\t' | b'\r' | b'\n' | b'.' | b'-' | b'/', ..] => 1,
            [0xc2, 0xa0, ..] => 2,
            [0xe2, 0x80, 0x90..=0x95 | 0xaf, ..] => 3,
            _ => 0,
        };
    }
    at
}

fn is_card(digits: &[u8]) -> bool {
    on_a_network(digits) && luhn(digits)
}

fn on_a_network(digits: &[u8]) -> bool {
    let head = |count: usize| digits.iter().take(count).fold(0_u32, |n, d| n * 10 + u32::from(*d));
    match digits.len() {
        13 | 19 => head(1) == 4 || head(4) == 6011 || matches!(head(3), 644..=649),
        14 => matches!(head(3), 300..=305) || matches!(head(2), 36 | 38 | 39),
        15 => matches!(head(2), 34 | 37),
        16 => {
            head(1) == 4
                || matches!(head(2), 51..=55 | 62 | 65)
                || matches!(head(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(head(3), 644..=649)
                || matches!(head(2), 50 | 56..=58 | 60 | 63 | 67)
        }
        17 | 18 => matches!(head(2), 50 | 56..=58 | 62 | 63 | 67),
        _ => false,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let weigh = |(at, digit): (usize, &u8)| {
        let weighted = u32::from(*digit) * if at % 2 == 1 { 2 } else { 1 };
        weighted / 10 + weighted % 10
    };
    digits.iter().rev().enumerate().map(weigh).sum::<u32>().is_multiple_of(10)
}
