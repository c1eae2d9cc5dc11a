//! Numbers of Germany, Austria, Switzerland, the Netherlands and Belgium.

use crate::checks::{digit, is_day, is_ddmmyy, mod_11_10, none, number as value, weighted};
use crate::context::Tag;
use crate::numbers::{Number, number};

pub(super) static NUMBERS: &[Number] = &[
    number!(
        TaxId,
        "German tax number",
        ["99999999999"],
        ["99 999 999 999"],
        [Tag::SteuerId],
        steuer_id,
        true
    ),
    number!(
        TaxId,
        "German tax office number",
        ["9999999999", "99999999999", "9999999999999"],
        ["99/999/99999", "999/999/99999", "999/9999/9999"],
        [Tag::TaxNumber],
        none,
        false
    ),
    number!(
        NationalId,
        "German identity card",
        ["?????????9", "?????????"],
        [],
        [Tag::Ausweis],
        ausweis,
        false
    ),
    number!(
        NationalId,
        "German pension number",
        ["99999999A999"],
        ["99 999999 A 999"],
        [Tag::Versicherung],
        versicherung,
        true
    ),
    number!(
        TaxId,
        "German VAT number",
        ["DE999999999"],
        ["DE 999 999 999", "DE 999999999"],
        [Tag::Vat],
        ust,
        true
    ),
    number!(
        NationalId,
        "Austrian social insurance number",
        ["9999999999"],
        ["9999 999999"],
        [Tag::Svnr],
        svnr,
        false
    ),
    number!(TaxId, "Austrian VAT number", ["ATU99999999"], [], [Tag::Vat], none, true),
    number!(
        NationalId,
        "Swiss AHV number",
        ["7569999999999"],
        ["756.9999.9999.99"],
        [Tag::Ahv],
        ahv,
        true
    ),
    number!(
        TaxId,
        "Swiss business number",
        ["CHE999999999"],
        ["CHE-999.999.999"],
        [Tag::Vat],
        uid,
        true
    ),
    number!(NationalId, "Dutch BSN", ["999999999", "99999999"], [], [Tag::Bsn], bsn, false),
    number!(TaxId, "Dutch VAT number", ["NL999999999B99"], [], [Tag::Vat], none, true),
    number!(
        NationalId,
        "Belgian national number",
        ["99999999999"],
        ["99.99.99-999.99", "99.99.99-999-99"],
        [Tag::Belgian],
        belgian,
        true
    ),
    number!(
        TaxId,
        "Belgian VAT number",
        ["BE0999999999", "BE1999999999"],
        [],
        [Tag::Vat],
        belgian_vat,
        true
    ),
];

/// Of the first ten digits, one comes two or three times, at least one never.
fn steuer_id(code: &[u8]) -> bool {
    let mut counts = [0; 10];
    for byte in &code[..10] {
        counts[digit(*byte) as usize] += 1;
    }
    let repeated = counts.iter().filter(|count| **count > 1).count();
    let most = counts.iter().max().copied().unwrap_or(0);
    code[0] != b'0' && repeated == 1 && most <= 3 && mod_11_10(code)
}

fn ausweis(code: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_digit() || b"CFGHJKLMNPRTVWXYZ".contains(byte);
    if !code[..9].iter().all(allowed) || code.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let Some(check) = code.get(9) else { return code[0].is_ascii_alphabetic() };
    let worth =
        |byte: u8| if byte.is_ascii_digit() { digit(byte) } else { u32::from(byte - b'A') + 10 };
    let sum: u32 =
        code[..9].iter().zip([7, 3, 1].iter().cycle()).map(|(byte, by)| worth(*byte) * by).sum();
    sum % 10 == digit(*check)
}

/// Area, birthday, first letter of the name, serial, check.
fn versicherung(code: &[u8]) -> bool {
    let letter = u32::from(code[8] - b'A') + 1;
    let mut digits = [0; 13];
    digits[..8].copy_from_slice(&code[..8]);
    digits[8] = b'0' + (letter / 10) as u8;
    digits[9] = b'0' + (letter % 10) as u8;
    digits[10..].copy_from_slice(&code[9..]);
    let weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let across = digits.iter().zip(weights).map(|(byte, weight)| {
        let product = digit(*byte) * weight;
        product / 10 + product % 10
    });
    is_ddmmyy(&code[2..8]) && across.sum::<u32>() % 10 == digit(digits[12])
}

fn ust(code: &[u8]) -> bool {
    mod_11_10(&code[2..])
}

fn svnr(code: &[u8]) -> bool {
    let sum = weighted(code, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
    // Months 13 to 15 stand in for days on which all numbers are given out.
    let month = value(&code[6..8]);
    let day = is_day(value(&code[4..6]), if month > 12 { 1 } else { month });
    code[0] != b'0' && day && sum % 11 == digit(code[3])
}

/// The check of the European article number.
fn ahv(code: &[u8]) -> bool {
    weighted(code, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

fn uid(code: &[u8]) -> bool {
    let check = (11 - weighted(&code[3..], &[5, 4, 3, 2, 7, 6, 5, 4]) % 11) % 11;
    check == digit(code[11])
}

fn bsn(code: &[u8]) -> bool {
    let from = usize::from(code.len() == 8);
    let sum = weighted(code, &[9, 8, 7, 6, 5, 4, 3, 2][from..]);
    let last = digit(code[code.len() - 1]);
    sum > 0 && sum % 11 == last
}

fn belgian(code: &[u8]) -> bool {
    let (first, check) = (value(&code[..9]), value(&code[9..]));
    let month = matches!(value(&code[2..4]), 0..=12 | 20..=32 | 40..=52);
    let dated = month && value(&code[4..6]) <= 31;
    // Those born after 1999 count with a two before.
    dated && (97 - first % 97 == check || 97 - (first + 2_000_000_000) % 97 == check)
}

fn belgian_vat(code: &[u8]) -> bool {
    97 - value(&code[2..10]) % 97 == value(&code[10..])
}
