//! Payment cards: a known network, its length, and a check digit that fits.
//!
//! Grouped in any way, for a check digit and a network prove enough; only where commas and the
//! like stand between must the groups be those of a card.

use crate::checks::luhn;
use crate::run::Piece;
use crate::{Finding, Kind};

const SHORTEST: usize = 13;
pub(crate) const LONGEST: usize = 19;

/// Notes the card that `piece` is.
pub(crate) fn judge(text: &[u8], piece: &Piece<'_>, found: &mut Vec<Finding>) {
    let digits = piece.compact;
    // No network begins with another digit, which spares most numbers the arithmetic.
    let possible = (SHORTEST..=LONGEST).contains(&digits.len()) && matches!(digits[0], b'2'..=b'6');
    if possible && piece.is_number() && on_a_network(digits) && luhn(digits) && is_grouped(piece) {
        let decimal = text.get(piece.start.wrapping_sub(1)) == Some(&b'.') && piece.groups == 1;
        if !decimal {
            let why = "payment card, its network and check digit are right";
            found.push(Finding { kind: Kind::Card, span: piece.start..piece.end, score: 0.9, why });
        }
    }
}

/// Says whether digits could begin with those of a card.
pub(crate) fn may_begin(digits: &[u8]) -> bool {
    matches!(digits, [b'2'..=b'6', ..])
        && (SHORTEST..=LONGEST.min(digits.len()))
            .any(|count| on_a_network(&digits[..count]) && luhn(&digits[..count]))
}

fn is_grouped(piece: &Piece<'_>) -> bool {
    let usual = |byte: &u8| {
        byte.is_ascii_digit() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'.' | b'-' | b'/')
    };
    if piece.laid.iter().all(usual) {
        return true;
    }
    let lengths = || {
        let groups = piece.laid.split(|byte| !byte.is_ascii_digit());
        groups.map(<[u8]>::len).filter(|length| *length > 0)
    };
    let first = lengths().next().unwrap_or(0);
    let even = lengths().all(|length| length == first) && matches!(first, 1 | 2 | 4 | 8);
    // In a list, blanks follow the commas.
    let tight = piece.laid.len() + 1 == piece.compact.len() + lengths().count();
    tight && (even || lengths().eq([4, 6, 5]) || lengths().eq([4, 6, 4]))
}

fn on_a_network(digits: &[u8]) -> bool {
    let head =
        |count: usize| digits.iter().take(count).fold(0_u32, |n, d| n * 10 + u32::from(*d - b'0'));
    match digits.len() {
        13 | 19 => head(1) == 4 || head(4) == 6011 || matches!(head(3), 644..=649) || head(2) == 62,
        14 => matches!(head(3), 300..=305) || matches!(head(2), 36 | 38 | 39),
        15 => matches!(head(2), 34 | 37),
        16 => {
            head(1) == 4
                || matches!(head(2), 51..=55 | 62 | 65)
                || matches!(head(4), 2200..=2204 | 2221..=2720 | 3528..=3589 | 6011)
                || matches!(head(3), 644..=649)
                || matches!(head(2), 50 | 56..=58 | 60 | 63 | 67)
        }
        17 | 18 => matches!(head(2), 50 | 56..=58 | 62 | 63 | 67),
        _ => false,
    }
}
