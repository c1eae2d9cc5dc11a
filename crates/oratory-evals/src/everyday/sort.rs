//! The task `sort`: put three to eight words or numbers in order.
//!
//! The answer is one line with commas; how the list was laid out does not matter.

use super::dice::Dice;
use super::sheet::Sheet;
use super::{Draft, Wanted, phrasing, slots, words};

static SHEET: Sheet = Sheet::new(include_str!("sheets/sort.txt"));

/// Alphabetical order twice, because it is what people ask for most.
const ORDERS: [&str; 6] = ["up", "up", "down", "rising", "falling", "short"];

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let order = *dice.pick(&ORDERS);
    let count = dice.between(3, 8);
    let items = match order {
        "rising" | "falling" => numbers(dice, count),
        "short" => lengths(dice, count.min(5)),
        _ => different(dice, count),
    };
    let text = laid_out(dice, &items);
    let asks = SHEET.lines(order, dice.split());
    Draft::new(phrasing::ask(dice, asks, &text), Wanted::text(sorted(order, items).join(", ")))
}

pub(super) fn sorted(order: &str, mut items: Vec<String>) -> Vec<String> {
    match order {
        "up" => items.sort(),
        "down" => items.sort_by(|one, other| other.cmp(one)),
        "short" => items.sort_by_key(String::len),
        _ => items.sort_by_key(|item| item.parse::<i64>().unwrap_or_default()),
    }
    if order == "falling" {
        items.reverse();
    }
    items
}

fn numbers(dice: &mut Dice, count: usize) -> Vec<String> {
    let kind = if dice.one_in(2) { "number" } else { "amount" };
    gathered(dice, count, |dice, _| slots::draw(kind, dice).unwrap_or_default())
}

fn different(dice: &mut Dice, count: usize) -> Vec<String> {
    let kind = *dice.pick(&["thing", "food", "animal", "job", "city", "name", "made"]);
    gathered(dice, count, |dice, _| slots::draw(kind, dice).unwrap_or_default())
}

/// Returns words of which no two are equally long, so that there is one right order.
fn lengths(dice: &mut Dice, count: usize) -> Vec<String> {
    gathered(dice, count, |dice, known| {
        let kind = *dice.pick(&["thing", "food", "animal", "job"]);
        let word = slots::draw(kind, dice).unwrap_or_default();
        let taken = known.iter().any(|other: &String| other.len() == word.len());
        if taken { String::new() } else { word }
    })
}

/// Draws until there are enough different words; those of two words or none are not used.
fn gathered(
    dice: &mut Dice,
    count: usize,
    mut make: impl FnMut(&mut Dice, &[String]) -> String,
) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    while items.len() < count {
        let item = make(dice, &items);
        if !item.is_empty() && !item.contains(' ') && !items.contains(&item) {
            items.push(item);
        }
    }
    items
}

fn laid_out(dice: &mut Dice, items: &[String]) -> String {
    match dice.below(4) {
        0 => items.join("\n"),
        1 => words::listed(items),
        2 => items.iter().map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n"),
        _ => items.join(", "),
    }
}
