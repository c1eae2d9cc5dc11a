//! The task `count`: items, words and letters.
//!
//! The thinking counts aloud, one after the other.

use super::dice::Dice;
use super::sheet::Sheet;
use super::slots::{self, Slots};
use super::{Draft, Wanted, phrasing, words};

static SHEET: Sheet = Sheet::new(include_str!("sheets/count.txt"));

/// What is shown, which of its pieces count, and what the request names.
struct Counted {
    shown: String,
    pieces: Vec<(String, bool)>,
    slots: Slots,
}

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let kind = *dice.pick(&["items", "word", "letters", "letter", "starts", "sentence"]);
    let counted = match kind {
        "items" => items(dice),
        "word" => word(dice),
        "letters" => letters(dice),
        "letter" => letter(dice),
        "starts" => starts(dice),
        _ => sentence(dice),
    };
    let wanted = Wanted::thought(aloud(&counted.pieces), total(&counted.pieces).to_string());
    let asks = SHEET.lines(kind, dice.split());
    Draft::new(phrasing::ask_with(dice, asks, counted.slots.with("text", counted.shown)), wanted)
}

fn total(pieces: &[(String, bool)]) -> usize {
    pieces.iter().filter(|(_, counts)| *counts).count()
}

/// Counts aloud: each piece, with its number where it counts.
fn aloud(pieces: &[(String, bool)]) -> String {
    let mut number = 0;
    let said = pieces.iter().map(|(piece, counts)| {
        if *counts {
            number += 1;
            format!("{piece} {number}")
        } else {
            piece.clone()
        }
    });
    said.collect::<Vec<_>>().join(", ")
}

fn drawn(dice: &mut Dice, kind: &str) -> String {
    // Names of two words would leave open what one item is.
    loop {
        let word = slots::draw(kind, dice).unwrap_or_default();
        if !word.contains(' ') {
            return word;
        }
    }
}

fn some(dice: &mut Dice, low: usize, high: usize) -> Vec<String> {
    let kind = *dice.pick(&["thing", "food", "animal", "job", "name"]);
    (0..dice.between(low, high)).map(|_| drawn(dice, kind)).collect()
}

fn laid_out(dice: &mut Dice, items: &[String]) -> String {
    match dice.below(3) {
        0 => items.join("\n"),
        1 => words::listed(items),
        _ => items.join(", "),
    }
}

fn all_count(pieces: Vec<String>) -> Vec<(String, bool)> {
    pieces.into_iter().map(|piece| (piece, true)).collect()
}

fn items(dice: &mut Dice) -> Counted {
    let items = some(dice, 2, 9);
    let shown = laid_out(dice, &items);
    Counted { shown, pieces: all_count(items), slots: Slots::default() }
}

fn word(dice: &mut Dice) -> Counted {
    let few = some(dice, 2, 4);
    let items: Vec<String> = (0..dice.between(3, 9)).map(|_| dice.pick(&few).clone()).collect();
    let word = dice.pick(&few).clone();
    let shown = laid_out(dice, &items);
    let pieces = items.into_iter().map(|item| (item.clone(), item == word)).collect();
    Counted { shown, pieces, slots: Slots::default().with("word", word) }
}

fn letters(dice: &mut Dice) -> Counted {
    let kind = *dice.pick(&["thing", "food", "animal", "made"]);
    let word = drawn(dice, kind);
    let pieces = all_count(word.chars().map(String::from).collect());
    Counted { shown: word, pieces, slots: Slots::default() }
}

fn letter(dice: &mut Dice) -> Counted {
    let kind = *dice.pick(&["thing", "food", "animal", "made"]);
    let word = drawn(dice, kind);
    let inside: Vec<char> = word.chars().collect();
    let letter = if dice.one_in(5) { 'e' } else { *dice.pick(&inside) };
    let pieces = inside.into_iter().map(|one| (one.to_string(), one == letter)).collect();
    Counted { shown: word, pieces, slots: Slots::default().with("letter", letter) }
}

fn starts(dice: &mut Dice) -> Counted {
    let kind = *dice.pick(&["thing", "food", "animal", "job"]);
    let items: Vec<String> = (0..dice.between(3, 8)).map(|_| drawn(dice, kind)).collect();
    let letter = dice.pick(&items).chars().next().unwrap_or('a');
    let shown = laid_out(dice, &items);
    let pieces = items.into_iter().map(|item| (item.clone(), item.starts_with(letter))).collect();
    Counted { shown, pieces, slots: Slots::default().with("letter", letter) }
}

fn sentence(dice: &mut Dice) -> Counted {
    let count = dice.between(1, 3);
    let template = [
        "the {animal} {deed} the {thing}",
        "{name} {deed} {food} and {food2}",
        "on {day} {name} {deed} a {trait} {thing}",
    ][count - 1];
    let shown = Slots::default().fill(template, dice);
    let pieces = all_count(shown.split(' ').map(str::to_owned).collect());
    Counted { shown, pieces, slots: Slots::default() }
}
