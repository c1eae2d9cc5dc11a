//! Numbers of Sweden, Finland, Denmark and Norway.

use crate::checks::{digit, is_day, is_ddmmyy, luhn, number as value, weighted};
use crate::context::Tag;
use crate::numbers::{Number, number};

pub(super) static NUMBERS: &[Number] = &[
    number!(
        NationalId,
        "Swedish personal number",
        ["9999999999"],
        ["999999-9999", "999999+9999"],
        [Tag::Personnummer],
        swedish,
        false
    ),
    number!(
        NationalId,
        "Swedish personal number",
        ["199999999999", "209999999999"],
        ["99999999-9999"],
        [Tag::Personnummer],
        swedish_long,
        false
    ),
    number!(
        NationalId,
        "Finnish personal code",
        ["999999999?"],
        ["999999-999?", "999999+999?"],
        [Tag::Hetu],
        finnish,
        false
    ),
    number!(
        NationalId,
        "Finnish personal code",
        ["999999A999?"],
        [],
        [Tag::Hetu],
        finnish_new,
        true
    ),
    number!(
        NationalId,
        "Danish CPR number",
        ["9999999999"],
        ["999999-9999"],
        [Tag::Cpr],
        is_ddmmyy,
        false
    ),
    number!(
        NationalId,
        "Norwegian birth number",
        ["99999999999"],
        ["999999 99999"],
        [Tag::Fodselsnummer],
        norwegian,
        true
    ),
];

/// A number of co-ordination has 60 added to its day.
fn swedish(code: &[u8]) -> bool {
    let day = value(&code[4..6]);
    is_day(if day > 60 { day - 60 } else { day }, value(&code[2..4])) && luhn(code)
}

/// Younger people's look like the time at which a file was written.
fn swedish_long(code: &[u8]) -> bool {
    swedish(&code[2..]) && matches!(value(&code[..4]), 1900..=2012)
}

fn finnish_check(number: u64) -> u8 {
    b"0123456789ABCDEFHJKLMNPRSTUVWXY"[(number % 31) as usize]
}

fn finnish(code: &[u8]) -> bool {
    is_ddmmyy(code) && finnish_check(value(&code[..9])) == code[9]
}

fn finnish_new(code: &[u8]) -> bool {
    let number = value(&code[..6]) * 1000 + value(&code[7..10]);
    is_ddmmyy(code) && b"ABCDEFUVWXY".contains(&code[6]) && finnish_check(number) == code[10]
}

/// Day and month may have 40 added, for numbers that are given out for a while.
fn norwegian(code: &[u8]) -> bool {
    let (day, month) = (value(&code[..2]), value(&code[2..4]));
    let dated =
        is_day(if day > 40 { day - 40 } else { day }, if month > 40 { month - 40 } else { month });
    let check = |weights: &[u32]| (11 - weighted(code, weights) % 11) % 11;
    dated
        && check(&[3, 7, 6, 1, 8, 9, 4, 5, 2]) == digit(code[9])
        && check(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) == digit(code[10])
}
