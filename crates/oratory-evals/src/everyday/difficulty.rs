//! The task `difficulty`: say whether a request is easy enough for a small model.
//!
//! Easy is what this suite holds; hard is proofs, programs, plans and long texts.

use super::Draft;
use super::dice::Dice;
use super::labels::{labelled, text_of};
use super::sheet::Sheet;

static SHEET: Sheet = Sheet::new(include_str!("sheets/difficulty.txt"));

pub(super) const LABELS: [&str; 2] = ["easy", "hard"];

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let label = *dice.pick(&LABELS);
    let mut text = text_of(dice, &SHEET, label);
    if dice.one_in(3) {
        text = format!("\"{text}\"");
    }
    labelled(dice, &SHEET, &LABELS, label, &text)
}
