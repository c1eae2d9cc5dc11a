//! Numbers of France and Italy.

use crate::checks::{digit, luhn, number as value};
use crate::context::Tag;
use crate::numbers::{Number, number};

pub(super) static NUMBERS: &[Number] = &[
    number!(
        NationalId,
        "French social security number",
        ["999999999999999", "99999?999999999"],
        ["9 99 99 99 999 999 99", "9 99 99 9? 999 999 99"],
        [Tag::Nir],
        nir,
        true
    ),
    number!(
        NationalId,
        "French social security number",
        ["9999999999999"],
        [],
        [Tag::Nir],
        nir_without_key,
        false
    ),
    number!(
        TaxId,
        "French tax number",
        ["9999999999999"],
        ["99 99 999 999 999"],
        [Tag::TaxNumber],
        spi,
        false
    ),
    number!(
        TaxId,
        "French business number",
        ["999999999", "99999999999999"],
        [],
        [Tag::Siren],
        luhn,
        false
    ),
    number!(
        TaxId,
        "French VAT number",
        ["FR99999999999"],
        ["FR 99 999999999", "FR 99 999 999 999"],
        [Tag::Vat],
        tva,
        true
    ),
    number!(
        TaxId,
        "Italian codice fiscale",
        ["AAAAAA??A??A???A"],
        ["AAAAAA ??A?? A???A", "AAA AAA ??A?? A???A"],
        [Tag::CodiceFiscale],
        codice_fiscale,
        true
    ),
    number!(
        TaxId,
        "Italian partita IVA",
        ["99999999999", "IT99999999999"],
        [],
        [Tag::PartitaIva, Tag::Vat],
        partita_iva,
        false
    ),
];

/// Sex, year, month, department, commune, order, then 97 less the rest. Corsica has letters.
fn nir(code: &[u8]) -> bool {
    let mut digits = [0; 13];
    digits.copy_from_slice(&code[..13]);
    let less = match digits[6] {
        b'A' => 1_000_000,
        b'B' => 2_000_000,
        byte if byte.is_ascii_digit() => 0,
        _ => return false,
    };
    if less > 0 {
        digits[6] = b'0';
    }
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    nir_without_key(&digits) && 97 - (value(&digits) - less) % 97 == value(&code[13..])
}

fn nir_without_key(code: &[u8]) -> bool {
    matches!(code[0], b'1'..=b'4' | b'7' | b'8')
        && matches!(value(&code[3..5]), 1..=12 | 20..=42 | 50..=99)
}

fn spi(code: &[u8]) -> bool {
    matches!(code[0], b'0'..=b'3') && value(&code[..10]) % 511 == value(&code[10..])
}

fn tva(code: &[u8]) -> bool {
    (12 + 3 * (value(&code[4..]) % 97)) % 97 == value(&code[2..4])
}

/// Digits may be letters where two people would have the same code.
fn codice_fiscale(code: &[u8]) -> bool {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let worth = |(at, byte): (usize, &u8)| {
        let place = if byte.is_ascii_digit() { digit(*byte) } else { u32::from(byte - b'A') };
        if at % 2 == 0 { ODD[place as usize] } else { place }
    };
    let numeric = |byte: &u8| byte.is_ascii_digit() || b"LMNPQRSTUV".contains(byte);
    let sum: u32 = code[..15].iter().enumerate().map(worth).sum();
    [6, 7, 9, 10, 12, 13, 14].iter().all(|at| numeric(&code[*at]))
        && b"ABCDEHLMPRST".contains(&code[8])
        && code[15] == b'A' + (sum % 26) as u8
}

fn partita_iva(code: &[u8]) -> bool {
    let digits = &code[code.len() - 11..];
    luhn(digits) && digits.iter().any(|byte| *byte != b'0')
}
