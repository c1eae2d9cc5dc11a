//! The task `normalise`: dates to ISO, times to 24 hours, numbers to plain digits.
//!
//! Dates in digits alone say which order they have, since nobody can tell from the date.

use super::dice::{Dice, belongs};
use super::sheet::Sheet;
use super::slots::{MONTHS, Slots};
use super::{Draft, Part, Wanted, phrasing};

static SHEET: Sheet = Sheet::new(include_str!("sheets/normalise.txt"));

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let (kind, shown, plain) = match dice.below(7) {
        0..=2 => date(dice),
        3 => time(dice),
        4 | 5 => words(dice),
        _ => grouped(dice),
    };
    Draft::new(asked(dice, kind, &shown), Wanted::text(plain))
}

fn asked(dice: &mut Dice, kind: &str, shown: &str) -> Vec<Part> {
    let asks = SHEET.lines(kind, dice.split());
    phrasing::ask(dice, asks, shown)
}

/// Returns a date as people write it and as ISO does.
fn date(dice: &mut Dice) -> (&'static str, String, String) {
    let (year, month, day, iso) = loop {
        let (year, month) = (dice.between(1950, 2039), dice.between(1, 12));
        let day = dice.between(1, 28);
        let iso = format!("{year}-{month:02}-{day:02}");
        if belongs(&iso, dice.split()) {
            break (year, month, day, iso);
        }
    };
    let shown = date_shown(dice, year, month, day);
    let shown = if dice.one_in(3) { in_sentence(dice, &shown) } else { shown };
    ("date", shown, iso)
}

fn date_shown(dice: &mut Dice, year: usize, month: usize, day: usize) -> String {
    let name = MONTHS[month - 1];
    match dice.below(8) {
        0 => format!("{day} {name} {year}"),
        1 => format!("{name} {day}, {year}"),
        2 => format!("{name} {}, {year}", ordinal(day)),
        3 => format!("the {} of {name} {year}", ordinal(day)),
        4 => format!("{} {day} {year}", &name[..3]),
        5 => format!("{day}/{month}/{year} (day first)"),
        6 => format!("{month}/{day}/{year} (month first)"),
        _ => format!("{day}.{month}.{year} (day first)"),
    }
}

pub(super) fn ordinal(day: usize) -> String {
    let end = match (day % 10, day) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{day}{end}")
}

fn in_sentence(dice: &mut Dice, when: &str) -> String {
    let template = dice.pick(SHEET.lines("sentences", dice.split())).clone();
    Slots::default().with("when", when).fill(&template, dice)
}

fn time(dice: &mut Dice) -> (&'static str, String, String) {
    let (hour, minute) = loop {
        let (hour, minute) = (dice.below(24), dice.below(60));
        if belongs(&format!("{hour:02}:{minute:02}"), dice.split()) {
            break (hour, minute);
        }
    };
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let half = if hour < 12 { "am" } else { "pm" };
    let shown = match dice.below(4) {
        0 => format!("{twelve}:{minute:02} {half}"),
        1 => format!("{twelve}.{minute:02} {half}"),
        2 => format!("{twelve}:{minute:02}{}", half.to_uppercase()),
        _ => format!("{minute} minutes past {twelve} {half}"),
    };
    ("time", shown, format!("{hour:02}:{minute:02}"))
}

fn words(dice: &mut Dice) -> (&'static str, String, String) {
    let number = loop {
        let top = [99, 999, 9999][dice.below(3)];
        let number = dice.between(1, top);
        if belongs(&number.to_string(), dice.split()) {
            break number;
        }
    };
    ("words", spelt(number), number.to_string())
}

/// Returns a number below ten thousand in words.
pub(super) fn spelt(number: usize) -> String {
    match number {
        0..20 => ONES[number].to_owned(),
        20..100 if number.is_multiple_of(10) => TENS[number / 10].to_owned(),
        20..100 => format!("{}-{}", TENS[number / 10], ONES[number % 10]),
        100..1000 => joined(number / 100, "hundred", number % 100),
        _ => joined(number / 1000, "thousand", number % 1000),
    }
}

fn joined(count: usize, unit: &str, rest: usize) -> String {
    let start = format!("{} {unit}", spelt(count));
    match rest {
        0 => start,
        1..100 => format!("{start} and {}", spelt(rest)),
        _ => format!("{start} {}", spelt(rest)),
    }
}

fn grouped(dice: &mut Dice) -> (&'static str, String, String) {
    let (number, cents) = loop {
        let top = [99_999, 9_999_999][dice.below(2)];
        let number = dice.between(1_000, top);
        if belongs(&number.to_string(), dice.split()) {
            break (number, dice.between(1, 9));
        }
    };
    let (shown, plain) = match dice.below(5) {
        0 => (apart(number, ","), number.to_string()),
        1 => (apart(number, " "), number.to_string()),
        2 => (apart(number, "'"), number.to_string()),
        3 => (format!("{}.{cents}", apart(number, ",")), format!("{number}.{cents}")),
        _ => {
            let shown = format!("{},{cents} (decimal comma)", apart(number, "."));
            (shown, format!("{number}.{cents}"))
        }
    };
    ("grouped", shown, plain)
}

/// Returns the digits in groups of three.
pub(super) fn apart(number: usize, separator: &str) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push_str(separator);
        }
        shown.push(digit);
    }
    shown
}
