//! Numbers of the United Kingdom and Ireland.

use crate::checks::{digit, weighted};
use crate::context::Tag;
use crate::numbers::{Number, number};

pub(super) static NUMBERS: &[Number] = &[
    number!(HealthId, "NHS number", ["9999999999"], [], [Tag::Nhs], nhs, false),
    number!(
        NationalId,
        "UK national insurance number",
        ["AA999999A"],
        ["AA 99 99 99 A", "AA 999999 A"],
        [Tag::Nino],
        nino,
        true
    ),
    number!(TaxId, "UK taxpayer reference", ["9999999999"], [], [Tag::Utr], utr, false),
    number!(NationalId, "Irish PPS number", ["9999999A", "9999999AA"], [], [Tag::Pps], pps, false),
    number!(TaxId, "UK VAT number", ["GB999999999"], ["GB 999 9999 99"], [Tag::Vat], vat, true),
];

fn nhs(code: &[u8]) -> bool {
    let rest = weighted(code, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    (11 - rest) % 11 == digit(code[9])
}

fn nino(code: &[u8]) -> bool {
    const NEVER: [&[u8]; 7] = [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    !b"DFIQUV".contains(&code[0])
        && !b"DFIOQUV".contains(&code[1])
        && !NEVER.contains(&&code[..2])
        && matches!(code[8], b'A'..=b'D')
}

fn utr(code: &[u8]) -> bool {
    let rest = weighted(&code[1..], &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
    code[0] == b"21987654321"[rest as usize]
}

fn pps(code: &[u8]) -> bool {
    let second = code.get(8).map_or(0, |letter| match letter {
        b'W' => 0,
        letter => u32::from(letter - b'@') * 9,
    });
    let check = (weighted(code, &[8, 7, 6, 5, 4, 3, 2]) + second) % 23;
    code[7] == b"WABCDEFGHIJKLMNOPQRSTUV"[check as usize]
}

/// The old check, or the one with 55 added since 2010.
fn vat(code: &[u8]) -> bool {
    let sum = weighted(&code[2..], &[8, 7, 6, 5, 4, 3, 2]) + digit(code[9]) * 10 + digit(code[10]);
    sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
}
