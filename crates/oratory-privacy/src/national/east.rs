//! Numbers of Poland, Czechia, Slovakia, Romania, Turkey and Israel, and of South Africa.

use crate::checks::{digit, is_day, is_yymmdd, luhn, number as value, weighted};
use crate::context::Tag;
use crate::numbers::{Number, number};

pub(super) static NUMBERS: &[Number] = &[
    number!(NationalId, "Polish PESEL", ["99999999999"], [], [Tag::Pesel], pesel, false),
    number!(
        TaxId,
        "Polish NIP",
        ["9999999999", "PL9999999999"],
        ["999-999-99-99", "999-99-99-999"],
        [Tag::Nip],
        nip,
        false
    ),
    number!(TaxId, "Polish REGON", ["999999999"], [], [Tag::Regon], regon, false),
    number!(NationalId, "Polish identity card", ["AAA999999"], [], [Tag::Identity], dowod, false),
    number!(
        NationalId,
        "Czech or Slovak birth number",
        ["9999999999"],
        ["999999/9999"],
        [Tag::Czech],
        rodne_cislo,
        false
    ),
    number!(NationalId, "Romanian CNP", ["9999999999999"], [], [Tag::Romanian], cnp, false),
    number!(NationalId, "Turkish identity number", ["99999999999"], [], [Tag::Tckn], tckn, false),
    number!(NationalId, "Israeli identity number", ["999999999"], [], [Tag::Israeli], luhn, false),
    number!(
        NationalId,
        "South African identity number",
        ["9999999999999"],
        ["999999 9999 99 9", "999999 9999 999"],
        [Tag::SouthAfrican],
        south_african,
        true
    ),
];

/// The month says the century: 20 is added for those born after 1999.
fn pesel(code: &[u8]) -> bool {
    let dated = is_day(value(&code[4..6]), value(&code[2..4]) % 20);
    dated && weighted(code, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

fn nip(code: &[u8]) -> bool {
    let digits = &code[code.len() - 10..];
    weighted(digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == digit(digits[9])
}

fn regon(code: &[u8]) -> bool {
    weighted(code, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == digit(code[8])
}

fn dowod(code: &[u8]) -> bool {
    let letters: u32 =
        code[..3].iter().zip([7, 3, 1]).map(|(byte, by)| (u32::from(byte - b'A') + 10) * by).sum();
    (letters + weighted(&code[4..], &[7, 3, 1, 7, 3])) % 10 == digit(code[3])
}

/// Women have 50 added to the month; the whole is a multiple of eleven.
fn rodne_cislo(code: &[u8]) -> bool {
    let month = value(&code[2..4]) % 50;
    let dated = is_day(value(&code[4..6]), if month > 20 { month - 20 } else { month });
    dated && value(code).is_multiple_of(11)
}

fn cnp(code: &[u8]) -> bool {
    let check = weighted(code, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    let check = if check == 10 { 1 } else { check };
    matches!(code[0], b'1'..=b'9')
        && is_yymmdd(&code[1..7])
        && matches!(value(&code[7..9]), 1..=52 | 70)
        && check == digit(code[12])
}

fn tckn(code: &[u8]) -> bool {
    let odd: u32 = code[..9].iter().step_by(2).map(|byte| digit(*byte)).sum();
    let even: u32 = code[1..8].iter().step_by(2).map(|byte| digit(*byte)).sum();
    let all: u32 = code[..10].iter().map(|byte| digit(*byte)).sum();
    code[0] != b'0' && (odd * 7 + 100 - even) % 10 == digit(code[9]) && all % 10 == digit(code[10])
}

/// Birthday, order, citizenship, a digit that is 8 or 9 today, check.
fn south_african(code: &[u8]) -> bool {
    is_yymmdd(code)
        && matches!(code[10], b'0'..=b'2')
        && matches!(code[11], b'8' | b'9')
        && luhn(code)
}
