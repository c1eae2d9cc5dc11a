//! What tasks that give a text one of several labels have in common.
//!
//! A sheet of theirs has asks, and a section of texts for each label.

use super::dice::Dice;
use super::sheet::Sheet;
use super::slots::Slots;
use super::{Draft, Part, Wanted, phrasing};

/// Returns a text of a label's section, with its slots filled.
pub(super) fn text_of(dice: &mut Dice, sheet: &Sheet, label: &str) -> String {
    let template = dice.pick(sheet.lines(label, dice.split())).clone();
    Slots::default().fill(&template, dice)
}

/// Returns a case in which the text is to be given one of the labels.
pub(super) fn labelled(
    dice: &mut Dice,
    sheet: &Sheet,
    labels: &[&str],
    label: &str,
    text: &str,
) -> Draft {
    let asks = sheet.lines("asks", dice.split());
    Draft::new(asked(dice, asks, labels, text), Wanted::text(label))
}

fn asked(dice: &mut Dice, asks: &[String], labels: &[&str], text: &str) -> Vec<Part> {
    let (last, before) = labels.split_last().expect("every task has labels");
    let or = format!("{} or {last}", before.join(", "));
    let list = labels.join(", ");
    let slots = Slots::default().with("text", text).with("labels", list).with("or", or);
    phrasing::ask_with(dice, asks, slots)
}
