//! The task `copy`: give a text back, as it is or with one thing changed.
//!
//! What is changed is named in the request; nothing needs to be known.

use super::dice::Dice;
use super::sheet::Sheet;
use super::slots::{self, Slots};
use super::{Draft, Wanted, phrasing, words};

static SHEET: Sheet = Sheet::new(include_str!("sheets/copy.txt"));

const CHANGES: [&str; 8] =
    ["exactly", "replace", "upper", "lower", "remove", "typo", "quote", "append"];

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let template = dice.pick(SHEET.lines("texts", dice.split())).clone();
    let text = sentence(&Slots::default().fill(&template, dice), dice);
    let change = *dice.pick(&CHANGES);
    let (shown, slots, wanted) = changed(dice, change, text);
    let asks = SHEET.lines(change, dice.split());
    Draft::new(phrasing::ask_with(dice, asks, slots.with("text", shown)), Wanted::text(wanted))
}

fn sentence(text: &str, dice: &mut Dice) -> String {
    if dice.one_in(2) { words::capital(text) } else { text.to_owned() }
}

/// Returns the text shown, the words that the request names, and the text wanted.
fn changed(dice: &mut Dice, change: &str, text: String) -> (String, Slots, String) {
    let slots = Slots::default();
    match change {
        // Half of them have nothing but capitals, or there would be little to do.
        "lower" if dice.one_in(2) => (text.to_uppercase(), slots, text.to_lowercase()),
        "replace" => {
            let old = word_of(dice, &text);
            let new = another(dice, &old);
            let wanted = with_word(&text, &old, Some(&new));
            (text, slots.with("old", old).with("new", new), wanted)
        }
        "remove" => {
            let old = word_of(dice, &text);
            let wanted = with_word(&text, &old, None);
            (text, slots.with("old", old), wanted)
        }
        "typo" => {
            let right = word_of(dice, &text);
            let wrong = misspelt(dice, &text, &right);
            let shown = with_word(&text, &right, Some(&wrong));
            (shown, slots.with("wrong", wrong).with("right", right), text)
        }
        "append" => {
            let new = slots::draw("animal", dice).unwrap_or_default();
            let wanted = format!("{text} {new}");
            (text, slots.with("new", new), wanted)
        }
        _ => {
            let wanted = whole(change, &text);
            (text, slots, wanted)
        }
    }
}

fn whole(change: &str, text: &str) -> String {
    match change {
        "upper" => text.to_uppercase(),
        "lower" => text.to_lowercase(),
        "quote" => format!("\"{text}\""),
        _ => text.to_owned(),
    }
}

/// Returns a word that stands in the text once, without punctuation, long enough to misspell.
fn word_of(dice: &mut Dice, text: &str) -> String {
    let all: Vec<&str> = text.split(' ').collect();
    let once =
        |word: &&str| all.iter().filter(|other| other.eq_ignore_ascii_case(word)).count() == 1;
    let plain = |word: &&str| word.len() >= 3 && word.chars().all(char::is_alphabetic);
    let fit: Vec<&str> = all.iter().copied().filter(plain).filter(once).collect();
    (*dice.pick(&fit)).to_owned()
}

fn another(dice: &mut Dice, word: &str) -> String {
    loop {
        let drawn = slots::draw("thing", dice).unwrap_or_default();
        if !drawn.eq_ignore_ascii_case(word) {
            return drawn;
        }
    }
}

fn with_word(text: &str, old: &str, new: Option<&str>) -> String {
    let words = text.split(' ').filter_map(|word| if word == old { new } else { Some(word) });
    words.collect::<Vec<_>>().join(" ")
}

/// Returns the word misspelt as no other word of the text is.
fn misspelt(dice: &mut Dice, text: &str, word: &str) -> String {
    loop {
        let wrong = mangled(dice, word);
        if text.split(' ').all(|other| !other.eq_ignore_ascii_case(&wrong)) {
            return wrong;
        }
    }
}

/// Swaps, drops or doubles a letter.
fn mangled(dice: &mut Dice, word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = dice.below(letters.len() - 1);
    match dice.below(3) {
        0 if letters[at] != letters[at + 1] => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        _ => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}
