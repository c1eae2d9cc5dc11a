//! The task `sensitivity`: say whether a text is public, internal, confidential or secret.
//!
//! Where a text has parts of several levels, the highest counts, as labels join everywhere here.

use super::Draft;
use super::dice::Dice;
use super::labels::{labelled, text_of};
use super::sheet::Sheet;

static SHEET: Sheet = Sheet::new(include_str!("sheets/sensitivity.txt"));

/// The levels, from the lowest.
pub(super) const LABELS: [&str; 4] = ["public", "internal", "confidential", "secret"];

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let level = dice.below(LABELS.len());
    let mut texts = vec![text_of(dice, &SHEET, LABELS[level])];
    let more = [0, 0, 1, 2][dice.below(4)];
    for _ in 0..more {
        let lower = dice.below(level + 1);
        texts.push(text_of(dice, &SHEET, LABELS[lower]));
    }
    dice.shuffle(&mut texts);
    labelled(dice, &SHEET, &LABELS, LABELS[level], &texts.join(" "))
}
