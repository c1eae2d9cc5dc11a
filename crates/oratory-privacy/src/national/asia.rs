//! Numbers of India, Singapore, Korea, Japan and China.

use crate::checks::{digit, is_day, is_yymmdd, mod_11_2, number as value, verhoeff, weighted};
use crate::context::Tag;
use crate::numbers::{Number, number};

pub(super) static NUMBERS: &[Number] = &[
    number!(
        NationalId,
        "Indian Aadhaar number",
        ["999999999999"],
        ["9999 9999 9999", "9999-9999-9999"],
        [Tag::Aadhaar],
        aadhaar,
        false
    ),
    number!(TaxId, "Indian PAN", ["AAAAA9999A"], [], [Tag::Pan], pan, true),
    number!(TaxId, "Indian GSTIN", ["99AAAAA9999A?A?"], [], [Tag::Gstin], gstin, true),
    number!(NationalId, "Singapore NRIC", ["A9999999A"], [], [Tag::Nric], nric, true),
    number!(
        NationalId,
        "Korean resident number",
        ["9999999999999"],
        ["999999-9999999"],
        [Tag::Rrn],
        rrn,
        false
    ),
    number!(
        NationalId,
        "Japanese My Number",
        ["999999999999"],
        [],
        [Tag::MyNumber],
        my_number,
        false
    ),
    number!(
        NationalId,
        "Chinese resident number",
        ["99999999999999999?"],
        [],
        [Tag::Chinese],
        chinese,
        true
    ),
];

fn aadhaar(code: &[u8]) -> bool {
    matches!(code[0], b'2'..=b'9') && verhoeff(code)
}

/// The fourth letter says whose it is.
fn pan(code: &[u8]) -> bool {
    b"ABCFGHJLPTKE".contains(&code[3])
}

fn gstin(code: &[u8]) -> bool {
    let worth =
        |byte: u8| if byte.is_ascii_digit() { digit(byte) } else { u32::from(byte - b'A') + 10 };
    let sum: u32 = code[..14]
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            let product = worth(*byte) * if at % 2 == 0 { 1 } else { 2 };
            product / 36 + product % 36
        })
        .sum();
    matches!(value(&code[..2]), 1..=38 | 97 | 99)
        && pan(&code[2..])
        && (36 - sum % 36) % 36 == worth(code[14])
}

fn nric(code: &[u8]) -> bool {
    let sum = weighted(&code[1..], &[2, 7, 6, 5, 4, 3, 2]);
    let (more, letters) = match code[0] {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    code[8] == letters[((sum + more) % 11) as usize]
}

/// Since October 2020 the last digits are drawn by lot: the birthday and the century decide.
fn rrn(code: &[u8]) -> bool {
    is_yymmdd(code) && matches!(code[6], b'1'..=b'8')
}

fn my_number(code: &[u8]) -> bool {
    let rest = weighted(code, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    check == digit(code[11])
}

fn chinese(code: &[u8]) -> bool {
    let dated = is_day(value(&code[12..14]), value(&code[10..12]));
    matches!(value(&code[6..10]), 1900..=2035) && dated && mod_11_2(code)
}
