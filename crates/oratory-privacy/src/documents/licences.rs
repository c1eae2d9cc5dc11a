//! Driving licences whose numbers say enough by themselves.
//!
//! All others are found by the words beside them.

use crate::checks::number as value;
use crate::context::Tag;
use crate::numbers::{Number, number};

pub(super) static NUMBERS: &[Number] = &[
    number!(
        DrivingLicence,
        "UK driving licence",
        ["?????999999???AA"],
        ["?????-999999-???AA", "????? 999999 ???AA"],
        [Tag::Licence],
        british,
        true
    ),
    number!(
        DrivingLicence,
        "US driving licence of Washington",
        ["WDL????????9"],
        [],
        [Tag::Licence],
        crate::checks::none,
        true
    ),
    number!(
        DrivingLicence,
        "US driving licence by its layout",
        ["A999999999999"],
        ["A999-999-99-999-9", "A-999-999-999-999"],
        [Tag::Licence],
        crate::checks::none,
        false
    ),
    number!(
        DrivingLicence,
        "US driving licence by its layout",
        ["A99999999999"],
        ["A999-9999-9999"],
        [Tag::Licence],
        crate::checks::none,
        false
    ),
    number!(
        DrivingLicence,
        "US driving licence by its layout",
        ["A99999999999999"],
        ["A9999 99999 99999", "A9999-99999-99999"],
        [Tag::Licence],
        crate::checks::none,
        false
    ),
];

/// Five letters of the name, then the birthday: decade, month, day, year; women have 50 more months.
fn british(code: &[u8]) -> bool {
    let name = code[..5].iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'9');
    let initials = code[11..13].iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'9');
    let month = value(&code[6..8]);
    name && initials
        && code[0].is_ascii_uppercase()
        && matches!(month, 1..=12 | 51..=62)
        && matches!(value(&code[8..10]), 1..=31)
}
