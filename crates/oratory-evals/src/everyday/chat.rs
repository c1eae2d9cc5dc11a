//! The task `chat`: a greeting, a thank you, who are you, and questions that mini cannot answer.
//!
//! Scored by what an answer must hold, since there is more than one good way to say hello.

use super::dice::Dice;
use super::sheet::Sheet;
use super::slots::Slots;
use super::{Draft, Split, Wanted, phrasing};

static SHEET: Sheet = Sheet::new(include_str!("sheets/chat.txt"));

const KINDS: [&str; 12] = [
    "hello", "hallo", "bonjour", "hola", "who", "who", "can", "thanks", "bye", "unknown",
    "unknown", "unknown",
];

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let kind = *dice.pick(&KINDS);
    let template = dice.pick(SHEET.lines(&format!("{kind}.said"), dice.split())).clone();
    let said = Slots::default().fill(&template, dice);
    Draft::new(phrasing::said(dice, said), Wanted::text(answer(kind)))
}

fn answer(kind: &str) -> &'static str {
    &SHEET.lines(&format!("{kind}.answer"), Split::Train)[0]
}

/// Says whether a text holds what the answer wanted must hold.
pub(super) fn holds(wanted: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    let kind = KINDS.iter().find(|kind| answer(kind) == wanted);
    kind.is_some_and(|kind| {
        let needed = SHEET.lines(&format!("{kind}.holds"), Split::Train);
        needed.iter().any(|words| text.contains(words.as_str()))
    })
}
