//! How long telephone numbers are in which country, and how they are laid out at home.
//!
//! From the countries' national plans as the ITU lists them: codes and lengths only.

use crate::run::Piece;

/// The code of a country, and the fewest and most digits behind it.
const PLANS: &[(&str, usize, usize)] = &[
    ("1", 10, 10),
    ("7", 10, 10),
    ("20", 8, 10),
    ("27", 9, 9),
    ("30", 10, 10),
    ("31", 9, 9),
    ("32", 8, 9),
    ("33", 9, 9),
    ("34", 9, 9),
    ("36", 8, 9),
    ("39", 6, 11),
    ("40", 9, 9),
    ("41", 9, 9),
    ("43", 7, 13),
    ("44", 9, 10),
    ("45", 8, 8),
    ("46", 7, 10),
    ("47", 8, 8),
    ("48", 9, 9),
    ("49", 6, 13),
    ("51", 8, 9),
    ("52", 10, 11),
    ("53", 8, 8),
    ("54", 10, 11),
    ("55", 10, 11),
    ("56", 9, 9),
    ("57", 10, 10),
    ("58", 10, 10),
    ("60", 8, 10),
    ("61", 9, 9),
    ("62", 8, 12),
    ("63", 9, 10),
    ("64", 8, 10),
    ("65", 8, 8),
    ("66", 8, 9),
    ("81", 9, 10),
    ("82", 8, 10),
    ("84", 9, 10),
    ("86", 10, 11),
    ("90", 10, 10),
    ("91", 10, 10),
    ("92", 9, 10),
    ("93", 9, 9),
    ("94", 9, 9),
    ("95", 8, 10),
    ("98", 10, 10),
    ("351", 9, 9),
    ("352", 6, 11),
    ("353", 7, 9),
    ("354", 7, 9),
    ("358", 6, 11),
    ("420", 9, 9),
    ("421", 9, 9),
    ("852", 8, 8),
    ("886", 8, 9),
    ("966", 8, 9),
    ("971", 8, 9),
    ("972", 8, 9),
];

/// The tens of other codes of three digits that are given out.
const TENS: [&str; 22] = [
    "21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "67", "68", "69",
    "80", "85", "87", "88", "96", "97",
];

/// Says whether digits are a country's code and as many more as it has; `trunk` zeros count not.
pub(super) fn fits(digits: &[u8], trunk: usize) -> bool {
    let longest = PLANS.iter().filter(|(code, ..)| digits.starts_with(code.as_bytes()));
    let plan = longest.max_by_key(|(code, ..)| code.len());
    match plan {
        Some((code, least, most)) => {
            (*least..=*most).contains(&(digits.len() - code.len()).saturating_sub(trunk))
        }
        None => {
            let given = |tens: &&str| digits.starts_with(tens.as_bytes());
            let three = TENS.iter().any(given) || digits.starts_with(b"99");
            three && (9..=14).contains(&(digits.len() - trunk))
        }
    }
}

/// Layouts that are telephone numbers wherever they stand. A bracket may stand before.
const NATIONAL: &[&str] = &[
    "999-999-9999",
    "999.999.9999",
    "999/999-9999",
    "999) 999-9999",
    "999)999-9999",
    "999)-999-9999",
    "999) 999 9999",
    "999)9999999",
    "999) 999.9999",
    "1-999-999-9999",
    "1.999.999.9999",
    "1 999-999-9999",
    "1 (999) 999-9999",
    "1-(999)-999-9999",
    "1(999)999-9999",
    "1 (999) 999 9999",
    "99) 99999-9999",
    "99) 9999-9999",
    "199 9999 9999",
    "199-9999-9999",
];

/// Layouts that are, if their first digits can begin a number in North America.
const NORTH_AMERICAN: &[&str] = &["999 999 9999", "1 999 999 9999"];

/// Says whether a number is laid out as people of some country do at home.
pub(super) fn is_national(piece: &Piece<'_>) -> bool {
    let area = &piece.compact[piece.compact.len().saturating_sub(10)..];
    let american =
        area.len() == 10 && matches!(area[0], b'2'..=b'9') && matches!(area[3], b'2'..=b'9');
    let indian = matches!(piece.compact[0], b'6'..=b'9') && piece.laid.len() == 11;
    exactly(piece, NATIONAL)
        || american && exactly(piece, NORTH_AMERICAN)
        || indian && exactly(piece, &["99999 99999"])
}

/// Says whether the signs are just those of a layout.
fn exactly(piece: &Piece<'_>, layouts: &[&str]) -> bool {
    let same = |(byte, shape): (&u8, u8)| match shape {
        b'9' => byte.is_ascii_digit(),
        other => *byte == other,
    };
    let fits = |layout: &&str| {
        layout.len() == piece.laid.len() && piece.laid.iter().zip(layout.bytes()).all(same)
    };
    layouts.iter().any(fits)
}
