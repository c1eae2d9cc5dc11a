//! The task `translate`: simple English sentences into German, French or Spanish.
//!
//! The vocabulary is closed and small; articles, genders, cases and word order are the work.

use super::dice::{Dice, belongs};
use super::sheet::Sheet;
use super::slots::{self, Slots};
use super::{Draft, Wanted, phrasing, words};

static SHEET: Sheet = Sheet::new(include_str!("sheets/translate.txt"));

const LANGUAGES: [&str; 3] = ["German", "French", "Spanish"];

/// Where a phrase stands: German tells who does from what is done to.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Case {
    Subject,
    Object,
}

/// A row of the vocabulary: English first.
pub(super) type Row = Vec<&'static str>;

/// A sentence in English and in the other language.
type Pair = (String, String);

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let language = dice.below(LANGUAGES.len());
    let (english, other) = loop {
        let pair = sentence(dice, language);
        if belongs(&pair.0, dice.split()) {
            break pair;
        }
    };
    let asks = SHEET.lines("asks", dice.split());
    let slots = Slots::default().with("text", english).with("language", LANGUAGES[language]);
    Draft::new(phrasing::ask_with(dice, asks, slots), Wanted::text(other))
}

fn row(dice: &mut Dice, section: &str) -> Row {
    let line = dice.pick(SHEET.lines(section, dice.split()));
    line.split(", ").collect()
}

fn sentence(dice: &mut Dice, language: usize) -> Pair {
    let subject = subject(dice, language);
    let verb = row(dice, "deeds");
    let object = phrase(dice, "things", language, Case::Object);
    let start = dice.one_in(4).then(|| row(dice, "when"));
    let end = dice.one_in(3).then(|| row(dice, "where"));
    let there = verb[language + 1];
    let mut english = format!("{} {} {}", subject.0, verb[0], object.0);
    let mut other = format!("{} {there} {}", subject.1, object.1);
    if let Some(start) = start {
        english = format!("{} {english}", start[0]);
        other = begun(language, start[language + 1], &subject.1, there, &object.1);
    }
    if let Some(end) = end {
        english = format!("{english} {}", end[0]);
        other = format!("{other} {}", end[language + 1]);
    }
    (words::capital(&english) + ".", words::capital(&other) + ".")
}

/// German puts the verb second, whatever comes first.
fn begun(language: usize, start: &str, subject: &str, verb: &str, object: &str) -> String {
    match language {
        0 => format!("{start} {verb} {subject} {object}"),
        1 => format!("{start}, {subject} {verb} {object}"),
        _ => format!("{start} {subject} {verb} {object}"),
    }
}

fn subject(dice: &mut Dice, language: usize) -> Pair {
    match dice.below(4) {
        0 => {
            let name = slots::draw("name", dice).unwrap_or_default();
            (name.clone(), name)
        }
        1 => {
            let she = dice.one_in(2);
            let words = if she { ["sie", "elle", "ella"] } else { ["er", "il", "él"] };
            ((if she { "she" } else { "he" }).to_owned(), words[language].to_owned())
        }
        _ => phrase(dice, "people", language, Case::Subject),
    }
}

/// Returns a noun with its article and sometimes an adjective.
fn phrase(dice: &mut Dice, section: &str, language: usize, case: Case) -> Pair {
    let noun = row(dice, section);
    let look = (section == "things" && dice.one_in(2)).then(|| row(dice, "looks"));
    let definite = section == "people" || dice.one_in(2);
    (
        english(&noun, look.as_ref(), definite),
        foreign(language, &noun, look.as_ref(), definite, case),
    )
}

fn english(noun: &Row, look: Option<&Row>, definite: bool) -> String {
    let words = look.map_or_else(|| noun[0].to_owned(), |look| format!("{} {}", look[0], noun[0]));
    let article = if definite { "the" } else { words::article(&words) };
    format!("{article} {words}")
}

fn foreign(language: usize, noun: &Row, look: Option<&Row>, definite: bool, case: Case) -> String {
    let (article, bare) = noun[language + 1].split_once(' ').unwrap_or(("", noun[language + 1]));
    if language == 0 {
        return german(article, bare, look, definite, case);
    }
    let feminine = article == "la";
    let article = match (definite, language, feminine) {
        (true, _, _) => article,
        (false, 1, true) => "une",
        (false, _, true) => "una",
        (false, ..) => "un",
    };
    let look = look.map(|look| look[language * 2 + usize::from(feminine)]);
    look.map_or_else(|| format!("{article} {bare}"), |look| format!("{article} {bare} {look}"))
}

pub(super) fn german(
    gender: &str,
    bare: &str,
    look: Option<&Row>,
    definite: bool,
    case: Case,
) -> String {
    let masculine_object = gender == "der" && case == Case::Object;
    let article = match (definite, gender) {
        (true, _) if masculine_object => "den",
        (true, _) => gender,
        (false, "die") => "eine",
        (false, _) if masculine_object => "einen",
        (false, _) => "ein",
    };
    let ending = match (definite, gender) {
        _ if masculine_object => "en",
        (false, "der") => "er",
        (false, "das") => "es",
        _ => "e",
    };
    let look = look.map(|look| format!("{}{ending} ", look[1]));
    format!("{article} {}{bare}", look.unwrap_or_default())
}
