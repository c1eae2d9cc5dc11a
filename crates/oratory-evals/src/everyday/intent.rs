//! The task `intent`: say what a customer wants, from a list in the request.
//!
//! The list has three to eight intents, the right one among them.

use super::Draft;
use super::dice::Dice;
use super::labels::{labelled, text_of};
use super::sheet::Sheet;
use super::words::small;

static SHEET: Sheet = Sheet::new(include_str!("sheets/intent.txt"));

pub(super) const LABELS: [&str; 8] =
    ["order", "cancel", "track", "refund", "complaint", "hours", "password", "job"];

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let label = *dice.pick(&LABELS);
    let others: Vec<&str> = LABELS.into_iter().filter(|other| *other != label).collect();
    let count = dice.between(2, 7);
    let mut labels = dice.some(&others, count);
    labels.push(label);
    dice.shuffle(&mut labels);
    let text = message(dice, label);
    labelled(dice, &SHEET, &labels, label, &text)
}

fn message(dice: &mut Dice, label: &str) -> String {
    let mut message = text_of(dice, &SHEET, label);
    if dice.one_in(2) {
        let first_person = message.starts_with("I ");
        let message_on = if first_person { message } else { small(&message) };
        message = text_of(dice, &SHEET, "openers") + &message_on;
    }
    if dice.one_in(3) {
        message += &text_of(dice, &SHEET, "closers");
    }
    message
}
