//! Numbers of Australia and New Zealand.

use crate::checks::{digit, number as value, weighted};
use crate::context::Tag;
use crate::numbers::{Number, number};

pub(super) static NUMBERS: &[Number] = &[
    number!(TaxId, "Australian tax file number", ["999999999"], [], [Tag::Tfn], tfn, false),
    number!(
        TaxId,
        "Australian business number",
        ["99999999999"],
        ["99 999 999 999"],
        [Tag::Abn],
        abn,
        false
    ),
    number!(
        HealthId,
        "Australian Medicare number",
        ["9999999999", "99999999999"],
        ["9999 99999 9", "9999-99999-9"],
        [Tag::MedicareAu],
        medicare,
        false
    ),
    number!(TaxId, "New Zealand IRD number", ["99999999", "999999999"], [], [Tag::Ird], ird, false),
];

fn tfn(code: &[u8]) -> bool {
    weighted(code, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

fn abn(code: &[u8]) -> bool {
    let sum = weighted(code, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    code[0] != b'0' && (sum - 10).is_multiple_of(89)
}

fn medicare(code: &[u8]) -> bool {
    matches!(code[0], b'2'..=b'6')
        && weighted(code, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == digit(code[8])
}

fn ird(code: &[u8]) -> bool {
    let (last, first) = (digit(code[code.len() - 1]), &code[..code.len() - 1]);
    let from = 8 - first.len();
    let check = |weights: &[u32]| (11 - weighted(first, &weights[from..]) % 11) % 11;
    let check = match check(&[3, 2, 7, 6, 5, 4, 3, 2]) {
        10 => check(&[7, 4, 3, 2, 5, 2, 7, 6]),
        check => check,
    };
    (10_000_000..=150_000_000).contains(&value(code)) && check == last
}
