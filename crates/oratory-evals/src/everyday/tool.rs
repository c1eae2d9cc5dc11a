//! The task `tool`: call the right tool of a few with the right arguments.
//!
//! Where none fits, the right thing is to call none and say so.

use super::dice::Dice;
use super::slots::Slots;
use super::toolbox::{self, SHEET};
use super::{Draft, Part, Wanted};

pub(super) fn draft(dice: &mut Dice) -> Draft {
    if dice.one_in(8) { without(dice) } else { with_one(dice) }
}

fn with_one(dice: &mut Dice) -> Draft {
    let kind = *dice.pick(&toolbox::kinds());
    let offered = toolbox::among(dice, &[kind]);
    let template = dice.pick(SHEET.lines(&format!("{kind}.asks"), dice.split())).clone();
    let mut slots = Slots::default();
    toolbox::bind(dice, &template, &mut slots);
    let said = slots.fill(&template, dice);
    let right = offered.iter().find(|tool| tool.kind == kind);
    let call = right.expect("the tool asked for is among those offered").call(&slots);
    Draft {
        parts: parts(dice, said),
        tools: offered.into_iter().map(|offered| offered.tool).collect(),
        wanted: Wanted::call(call),
    }
}

fn without(dice: &mut Dice) -> Draft {
    let offered = toolbox::among(dice, &[]);
    let template = dice.pick(SHEET.lines("other", dice.split())).clone();
    let said = Slots::default().fill(&template, dice);
    Draft {
        parts: parts(dice, said),
        tools: offered.into_iter().map(|offered| offered.tool).collect(),
        wanted: Wanted::text(SHEET.lines("nothing", super::Split::Train)[0].clone()),
    }
}

fn parts(dice: &mut Dice, said: String) -> Vec<Part> {
    let mut parts = Vec::new();
    if dice.one_in(2) {
        let system = dice.pick(SHEET.lines("user.systems", dice.split())).clone();
        parts.push(Part::System(system));
    }
    parts.push(Part::User(said));
    parts
}
