//! Long lists of digits, one by one, as of pixels or votes: most of their places need no look.
//!
//! In the middle of such a list no word is near and no layout is anybody's, so that only a card or
//! the code of a country can begin. Skips what cannot; what can is judged as everywhere.

use crate::context::{AFTER, BEFORE};
use crate::run::{GROUPS, Run};
use crate::{Finding, cards, numbers};

/// What stands between the digits of a list, at most two of them.
const SIGNS: &[u8] = b" ,;\n\r\t-/|*~";
const MOST_SIGNS: usize = 2;

/// How far ahead a number and the words behind it are read.
const AHEAD: usize = GROUPS * (1 + MOST_SIGNS) + 2 * AFTER;

/// The list that was met last.
#[derive(Default)]
pub(crate) struct List {
    begins: usize,
    ends: usize,
}

impl List {
    /// Says whether the digit at `at` stands in the middle of a list, which is asked in order.
    pub(crate) fn is_around(&mut self, text: &[u8], at: usize) -> bool {
        if at >= self.ends {
            *self = Self { begins: at, ends: end(text, at) };
        }
        at - self.begins > BEFORE && self.ends - at > AHEAD
    }

    /// Notes what begins with the digit at `at`, in the middle of the list.
    pub(crate) fn judge(&self, text: &[u8], at: usize, found: &mut Vec<Finding>) {
        if matches!(text[at], b'1' | b'7'..=b'9') {
            return;
        }
        let mut digits = [0; cards::LONGEST];
        let ahead = text[at..self.ends].iter().filter(|byte| byte.is_ascii_digit());
        digits.iter_mut().zip(ahead).for_each(|(digit, byte)| *digit = *byte);
        if cards::may_begin(&digits) {
            numbers::card_at(text, &Run::at(text, at), found);
        } else if digits.starts_with(b"00") || digits.starts_with(b"011") {
            // Dialled before the code of a country.
            numbers::at(text, at, found);
        }
    }
}

/// Returns where the list ends that begins with the digit at `at`.
fn end(text: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(next) = next(text, end) {
        end = next + 1;
    }
    end
}

/// Returns where the next digit is behind one that ends at `end`.
fn next(text: &[u8], end: usize) -> Option<usize> {
    let signs = text[end..].iter().take(MOST_SIGNS).take_while(|byte| SIGNS.contains(byte)).count();
    let at = end + signs;
    let single = text.get(at + 1).is_none_or(|byte| SIGNS.contains(byte));
    (signs > 0 && single && text.get(at)?.is_ascii_digit()).then_some(at)
}

#[cfg(test)]
mod tests {
    use crate::{Kind, banks, documents, national, shaped};

    #[test]
    fn a_card_is_found_digit_by_digit_in_the_middle_of_a_list() {
        for sign in [" ", ", ", "\n", "-"] {
            let ones = vec!["1"; 200].join(sign);
            let card = "4111111111111111".split("").filter(|digit| !digit.is_empty());
            let card = card.collect::<Vec<_>>().join(sign);
            let text = format!("{ones}{sign}{card}{sign}{ones}");
            let start = ones.len() + sign.len();
            let found = shaped(text.as_bytes()).any(|finding| {
                finding.kind == Kind::Card && finding.span == (start..start + card.len())
            });
            assert_eq!(found, sign != ", ", "{sign:?}");
        }
    }

    #[test]
    fn no_number_is_told_by_a_layout_of_single_digits() {
        let tables = national::TABLES.iter().chain(&documents::TABLES).chain(&banks::TABLES);
        for number in tables.flat_map(|table| table.iter()) {
            let grouped = |shape: &&str| {
                shape.as_bytes().windows(2).any(|pair| pair.iter().all(u8::is_ascii_alphanumeric))
            };
            assert!(number.telling.iter().all(grouped), "{:?}", number.telling);
            let short = number.alone && number.compact.iter().any(|shape| shape.len() <= 5);
            assert!(!short, "{:?}", number.compact);
        }
    }
}
