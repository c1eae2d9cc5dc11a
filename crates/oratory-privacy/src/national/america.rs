//! Numbers of the United States, Canada, Mexico, Brazil, Argentina and Chile.

use crate::checks::{digit, is_yymmdd, luhn, luhn_sum, none, number as value, weighted};
use crate::context::Tag;
use crate::numbers::{Number, number};

pub(super) static NORTH: &[Number] = &[
    number!(
        Ssn,
        "US social security number",
        ["999999999"],
        ["999-99-9999", "999 99 9999"],
        [Tag::Ssn],
        ssn,
        false
    ),
    number!(
        Ssn,
        "US individual taxpayer number",
        ["999999999"],
        ["999-99-9999", "999 99 9999"],
        [Tag::Itin, Tag::Ssn],
        itin,
        false
    ),
    number!(TaxId, "US employer number", ["999999999"], [], [Tag::Ein], ein, false),
    number!(
        HealthId,
        "US Medicare number",
        ["9A?9A?9AA99"],
        ["9A?9-A?9-AA99"],
        [Tag::Mbi],
        medicare,
        true
    ),
    number!(NationalId, "US provider number", ["9999999999"], [], [Tag::Npi], provider, false),
    number!(
        NationalId,
        "US prescriber number",
        ["AA9999999", "A99999999"],
        [],
        [Tag::Dea],
        prescriber,
        false
    ),
    number!(
        NationalId,
        "Canadian social insurance number",
        ["999999999"],
        ["999-999-999"],
        [Tag::Sin],
        sin,
        false
    ),
    number!(NationalId, "Mexican CURP", ["AAAA999999AAAAAA?9"], [], [Tag::Curp], curp, true),
    number!(
        TaxId,
        "Mexican RFC",
        ["AAAA999999???"],
        ["AAAA-999999-???", "AAAA 999999 ???"],
        [Tag::Rfc],
        rfc,
        true
    ),
    number!(TaxId, "Mexican RFC", ["AAA999999???"], ["AAA-999999-???"], [Tag::Rfc], rfc, false),
];

pub(super) static SOUTH: &[Number] = &[
    number!(
        NationalId,
        "Brazilian CPF",
        ["99999999999"],
        ["999.999.999-99"],
        [Tag::Cpf],
        cpf,
        false
    ),
    number!(
        TaxId,
        "Brazilian CNPJ",
        ["99999999999999"],
        ["99.999.999/9999-99"],
        [Tag::Cnpj],
        cnpj,
        false
    ),
    number!(TaxId, "Argentine CUIT", ["99999999999"], ["99-99999999-9"], [Tag::Cuit], cuit, false),
    number!(NationalId, "Argentine DNI", ["99999999", "9999999"], [], [Tag::Dni], none, false),
    number!(
        NationalId,
        "Chilean RUT",
        ["99999999?", "9999999?"],
        ["99.999.999-?", "9.999.999-?"],
        [Tag::Rut],
        rut,
        false
    ),
];

fn ssn(code: &[u8]) -> bool {
    let (area, group, serial) = (value(&code[..3]), value(&code[3..5]), value(&code[5..]));
    !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0
}

fn itin(code: &[u8]) -> bool {
    code[0] == b'9' && matches!(value(&code[3..5]), 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// No campus of the tax office gives out these prefixes.
fn ein(code: &[u8]) -> bool {
    !matches!(value(&code[..2]), 0 | 7..=9 | 17..=19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97)
}

/// Letters that look like digits are never used.
fn medicare(code: &[u8]) -> bool {
    code[0] != b'0' && !code.iter().any(|byte| b"SLOIBZ".contains(byte))
}

fn provider(code: &[u8]) -> bool {
    // Luhn over the number with 80840 before it, whose digits add 24.
    matches!(code[0], b'1' | b'2') && (luhn_sum(code) + 24).is_multiple_of(10)
}

fn prescriber(code: &[u8]) -> bool {
    let digits = &code[2..];
    let sum = weighted(digits, &[1, 2, 1, 2, 1, 2]);
    b"ABCDEFGHJKLMPRSTUX".contains(&code[0]) && digit(digits[6]) == sum % 10
}

fn sin(code: &[u8]) -> bool {
    !matches!(code[0], b'0' | b'8') && luhn(code)
}

fn cpf(code: &[u8]) -> bool {
    let check = |length: usize| {
        let first = length as u32 + 1;
        let sum: u32 =
            (2..=first).rev().zip(code).map(|(weight, byte)| weight * digit(*byte)).sum();
        sum * 10 % 11 % 10 == digit(code[length])
    };
    check(9) && check(10) && code.iter().any(|byte| *byte != code[0])
}

fn cnpj(code: &[u8]) -> bool {
    const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let check = |length: usize| {
        let rest = weighted(&code[..length], &WEIGHTS[13 - length..]) % 11;
        digit(code[length]) == if rest < 2 { 0 } else { 11 - rest }
    };
    check(12) && check(13) && code.iter().any(|byte| *byte != code[0])
}

fn cuit(code: &[u8]) -> bool {
    let rest = weighted(code, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let check = match (11 - rest) % 11 {
        10 => 9,
        check => check,
    };
    matches!(value(&code[..2]), 20 | 23..=27 | 30 | 33 | 34) && digit(code[10]) == check
}

fn rut(code: &[u8]) -> bool {
    let Some((last, digits)) = code.split_last() else { return false };
    let weights = [2, 3, 4, 5, 6, 7, 2, 3];
    let sum: u32 =
        digits.iter().rev().zip(weights).map(|(byte, weight)| digit(*byte) * weight).sum();
    match 11 - sum % 11 {
        11 => *last == b'0',
        10 => *last == b'K',
        check => *last == b'0' + check as u8,
    }
}

/// Returns the place of a sign in the alphabet that CURP and RFC count with.
fn place(byte: u8, alphabet: &[u8]) -> u32 {
    alphabet.iter().position(|letter| *letter == byte).unwrap_or(0) as u32
}

fn curp(code: &[u8]) -> bool {
    // Between N and O stands the N with a tilde, which the ASCII number never has.
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMN.OPQRSTUVWXYZ";
    let sum: u32 = code[..17]
        .iter()
        .enumerate()
        .map(|(at, byte)| place(*byte, ALPHABET) * (18 - at as u32))
        .sum();
    is_yymmdd(&code[4..10])
        && matches!(code[10], b'H' | b'M' | b'X')
        && (10 - sum % 10) % 10 == digit(code[17])
}

/// The last sign is a check, but old numbers were given out with a wrong one: the date decides.
fn rfc(code: &[u8]) -> bool {
    let date = code.len() - 9;
    is_yymmdd(&code[date..date + 6])
        && (code[code.len() - 1].is_ascii_digit() || code.ends_with(b"A"))
}
