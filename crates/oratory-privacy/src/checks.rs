//! The arithmetic of check digits, as the bodies publish it that give out numbers.
//!
//! Every function takes letters and digits without separators, letters as capitals, and says
//! whether the whole is right. Lengths are what the tables of shapes have made sure of.

/// Returns the value of a digit.
pub(crate) fn digit(byte: u8) -> u32 {
    u32::from(byte.wrapping_sub(b'0'))
}

/// Returns the number that some digits write; they are at most 18.
pub(crate) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |number, byte| number * 10 + u64::from(digit(*byte)))
}

/// Returns the sum of digits, each times its weight; what is longer than the weights is left out.
pub(crate) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(byte, weight)| digit(*byte) * weight).sum()
}

/// Always right: for shapes without a check digit.
pub(crate) fn none(_: &[u8]) -> bool {
    true
}

/// Luhn's formula: every second digit from the right is doubled.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    luhn_sum(digits).is_multiple_of(10)
}

/// Returns the sum of Luhn's formula, the last digit counting once.
pub(crate) fn luhn_sum(digits: &[u8]) -> u32 {
    let weigh = |(at, byte): (usize, &u8)| {
        let weighted = digit(*byte) * if at % 2 == 1 { 2 } else { 1 };
        weighted / 10 + weighted % 10
    };
    digits.iter().rev().enumerate().map(weigh).sum()
}

/// ISO 7064 MOD 97-10, with letters as 10 to 35.
pub(crate) fn mod_97(code: impl Iterator<Item = u8>) -> u32 {
    code.fold(0, |rest, byte| {
        if byte.is_ascii_digit() {
            (rest * 10 + digit(byte)) % 97
        } else {
            (rest * 100 + u32::from(byte - b'A') + 10) % 97
        }
    })
}

/// ISO 7064 MOD 11,10: the rest of each step goes into the next.
pub(crate) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((last, first)) = digits.split_last() else { return false };
    let product = first.iter().fold(10, |product, byte| {
        let sum = match (digit(*byte) + product) % 10 {
            0 => 10,
            sum => sum,
        };
        sum * 2 % 11
    });
    (11 - product) % 10 == digit(*last)
}

/// ISO 7064 MOD 11-2, where an X stands for ten.
pub(crate) fn mod_11_2(code: &[u8]) -> bool {
    let Some((last, first)) = code.split_last() else { return false };
    let rest = first.iter().fold(0, |rest, byte| (rest + digit(*byte)) * 2 % 11);
    let check = (12 - rest) % 11;
    if check == 10 { *last == b'X' } else { *last == b'0' + check as u8 }
}

/// Verhoeff's scheme: a group of rotations and reflections of a pentagon.
pub(crate) fn verhoeff(digits: &[u8]) -> bool {
    const TURNED: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let placed = |at: usize, byte: u8| (0..at % 8).fold(byte - b'0', |d, _| TURNED[d as usize]);
    let times = |one: u8, other: u8| match (one < 5, other < 5) {
        (true, true) => (one + other) % 5,
        (true, false) => 5 + (one + other - 5) % 5,
        (false, true) => 5 + (one - 5 + 5 - other) % 5,
        (false, false) => (one + 5 - other) % 5,
    };
    let all = digits.iter().rev().enumerate();
    all.fold(0, |sum, (at, byte)| times(sum, placed(at, *byte))) == 0
}

/// Says whether a day can be in a month, any February having 29.
pub(crate) fn is_day(day: u64, month: u64) -> bool {
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 29,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Says whether six digits are year, month and day.
pub(crate) fn is_yymmdd(digits: &[u8]) -> bool {
    digits.len() >= 6 && is_day(number(&digits[4..6]), number(&digits[2..4]))
}

/// Says whether six digits are day, month and year.
pub(crate) fn is_ddmmyy(digits: &[u8]) -> bool {
    digits.len() >= 6 && is_day(number(&digits[..2]), number(&digits[2..4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_are_right_and_their_neighbours_wrong() {
        type Check = fn(&[u8]) -> bool;
        let examples: [(Check, &str); 4] = [
            (luhn, "79927398713"),
            (verhoeff, "2363"),
            (mod_11_10, "86095742719"),
            (mod_11_2, "11010519491231002X"),
        ];
        for (check, right) in examples {
            assert!(check(right.as_bytes()), "{right}");
            for at in 0..right.len() {
                let mut wrong = right.as_bytes().to_vec();
                wrong[at] = if wrong[at] == b'7' { b'3' } else { b'7' };
                assert!(!check(&wrong), "{right} changed at {at}");
            }
        }
    }

    #[test]
    fn days_are_those_of_their_month() {
        assert!(is_yymmdd(b"850229") && is_ddmmyy(b"310185"));
        assert!(!is_yymmdd(b"850431") && !is_ddmmyy(b"320185") && !is_yymmdd(b"851301"));
    }
}
