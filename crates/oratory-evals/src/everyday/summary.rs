//! The task `summary`: pick the sentence that sums a short story up.
//!
//! Wrong ones tell another story, tell it of somebody else, or tell one detail of it.

use super::dice::Dice;
use super::sheet::Sheet;
use super::slots::Slots;
use super::{Draft, Wanted, phrasing};

static SHEET: Sheet = Sheet::new(include_str!("sheets/summary.txt"));

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let stories: Vec<&str> =
        SHEET.names("").filter_map(|name| name.strip_suffix(".sums")).collect();
    let chosen = dice.some(&stories, 3);
    let mut slots = Slots::default();
    let told = told(dice, chosen[0], &mut slots);
    let shown = dice.between(2, told.len() - 1);
    let (text, detail) = (told[..shown].join(" "), told[0].clone());
    let right = summed(dice, chosen[0], &mut slots);
    let mut options = wrong(dice, &chosen, &slots, detail);
    let at = dice.below(options.len() + 1);
    options.insert(at, right);
    let slots = Slots::default().with("text", text).with("options", numbered(dice, &options));
    let asks = SHEET.lines("asks", dice.split());
    Draft::new(phrasing::ask_with(dice, asks, slots), Wanted::text((at + 1).to_string()))
}

/// Returns what happened, in the order of the story with one or more left out at chance.
fn told(dice: &mut Dice, story: &str, slots: &mut Slots) -> Vec<String> {
    let lines = SHEET.lines(story, super::Split::Train);
    let mut order: Vec<usize> = (0..lines.len()).collect();
    let skipped = dice.below(lines.len() * 2);
    order.retain(|at| *at != skipped);
    let mut told: Vec<String> = order.iter().map(|at| slots.fill(&lines[*at], dice)).collect();
    // Only sentences that name somebody tell whose story it is.
    let name = slots.value("name", dice).unwrap_or_default();
    if let Some(at) = told.iter().position(|line| line.contains(&name)) {
        told.swap(0, at);
    }
    told
}

fn summed(dice: &mut Dice, story: &str, slots: &mut Slots) -> String {
    let template = dice.pick(SHEET.lines(&format!("{story}.sums"), dice.split())).clone();
    slots.fill(&template, dice)
}

/// Returns two to four wrong sentences.
fn wrong(dice: &mut Dice, chosen: &[&str], slots: &Slots, detail: String) -> Vec<String> {
    let name = slots.get("name").unwrap_or_default();
    let mut same = Slots::default().with("name", name);
    let other = same.value("name2", dice).unwrap_or_default();
    let mut options = vec![summed(dice, chosen[1], &mut same)];
    options.push(summed(dice, chosen[0], &mut Slots::default().with("name", other)));
    if dice.one_in(2) {
        options.push(summed(dice, chosen[2], &mut same));
    }
    if dice.one_in(2) {
        options.push(detail);
    }
    dice.shuffle(&mut options);
    options
}

fn numbered(dice: &mut Dice, options: &[String]) -> String {
    let form = dice.pick(SHEET.lines("options", dice.split())).clone();
    let lines = options.iter().enumerate().map(|(at, option)| {
        form.replace("{number}", &(at + 1).to_string()).replace("{sum}", option)
    });
    lines.collect::<Vec<_>>().join("\n")
}
