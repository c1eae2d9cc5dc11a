//! The task `sentiment`: say whether a remark is positive, negative or neutral.
//!
//! From plain praise to praise denied and first impressions that do not last.

use super::Draft;
use super::dice::Dice;
use super::labels::labelled;
use super::sheet::Sheet;
use super::slots::{Slots, named};

static SHEET: Sheet = Sheet::new(include_str!("sheets/sentiment.txt"));

pub(super) const LABELS: [&str; 3] = ["positive", "negative", "neutral"];

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let label = *dice.pick(&LABELS);
    let mut text = remark(dice, label);
    // A plain fact beside an opinion changes nothing.
    if dice.one_in(4) {
        text = format!("{} {text}", remark(dice, "neutral"));
    }
    labelled(dice, &SHEET, &LABELS, label, &text)
}

fn remark(dice: &mut Dice, label: &str) -> String {
    let template = dice.pick(SHEET.lines(label, dice.split())).clone();
    let mut slots = Slots::default();
    for slot in named(&template) {
        let kind = slot.trim_end_matches('2');
        if ["good", "bad", "glad", "sad"].contains(&kind) {
            let word = dice.pick(SHEET.lines(kind, dice.split())).clone();
            slots.set(slot, word);
        }
    }
    slots.fill(&template, dice)
}
