//! Numbers of Spain and Portugal.

use crate::checks::{digit, number as value, weighted};
use crate::context::Tag;
use crate::numbers::{Number, number};

pub(super) static NUMBERS: &[Number] = &[
    number!(
        NationalId,
        "Spanish DNI",
        ["99999999A"],
        ["99999999-A", "99.999.999-A"],
        [Tag::Dni],
        dni,
        true
    ),
    number!(
        NationalId,
        "Spanish NIE",
        ["A9999999A"],
        ["A-9999999-A", "A9999999-A"],
        [Tag::Dni],
        nie,
        true
    ),
    number!(
        TaxId,
        "Spanish business number",
        ["A9999999?"],
        ["A-99999999"],
        [Tag::Dni, Tag::Vat],
        cif,
        false
    ),
    number!(
        TaxId,
        "Portuguese NIF",
        ["999999999", "PT999999999"],
        [],
        [Tag::Nif, Tag::TaxNumber, Tag::Vat],
        nif,
        false
    ),
];

fn letter(of: u64) -> u8 {
    b"TRWAGMYFPDXBNJZSQVHLCKE"[(of % 23) as usize]
}

fn dni(code: &[u8]) -> bool {
    code[8] == letter(value(&code[..8]))
}

fn nie(code: &[u8]) -> bool {
    let Some(first) = b"XYZ".iter().position(|letter| *letter == code[0]) else { return false };
    code[8] == letter(first as u64 * 10_000_000 + value(&code[1..8]))
}

fn cif(code: &[u8]) -> bool {
    let sum: u32 = code[1..8]
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            let weighted = digit(*byte) * if at % 2 == 0 { 2 } else { 1 };
            weighted / 10 + weighted % 10
        })
        .sum();
    let check = (10 - sum % 10) % 10;
    b"ABCDEFGHJNPQRSUVW".contains(&code[0])
        && (code[8] == b'0' + check as u8 || code[8] == b"JABCDEFGHI"[check as usize])
}

fn nif(code: &[u8]) -> bool {
    let digits = &code[code.len() - 9..];
    let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    !matches!(digits[0], b'0') && check == digit(digits[8])
}
