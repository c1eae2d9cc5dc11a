//! International bank account numbers: a country's length and the check of ISO 13616.
//!
//! Grouped in any way, in any letter case: two check digits over the whole prove enough.

use crate::checks::mod_97;
use crate::run::Piece;
use crate::{Finding, Kind};

/// How long an account number of each country is.
const LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 \
    DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 \
    IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 \
    MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 \
    SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

/// Notes the account number that `piece` is.
pub(crate) fn judge(piece: &Piece<'_>, found: &mut Vec<Finding>) {
    if is_iban(piece.compact) {
        found.push(Finding {
            kind: Kind::Iban,
            span: piece.start..piece.end,
            score: 0.97,
            why: "IBAN, its length and check digits are right",
        });
    }
}

fn is_iban(code: &[u8]) -> bool {
    let [first, second, tens, ones, ..] = code else { return false };
    if !(first.is_ascii_alphabetic() && second.is_ascii_alphabetic()) {
        return false;
    }
    let checked = tens.is_ascii_digit() && ones.is_ascii_digit();
    checked && length(*first, *second) == Some(code.len()) && {
        mod_97(code[4..].iter().chain(&code[..4]).copied()) == 1
    }
}

fn length(first: u8, second: u8) -> Option<usize> {
    let line = LENGTHS.as_bytes().split(|byte| *byte == b' ');
    let mut lines = line.filter(|line| line.len() == 4);
    let line = lines.find(|line| line[0] == first && line[1] == second)?;
    Some(usize::from(line[2] - b'0') * 10 + usize::from(line[3] - b'0'))
}
