//! The task `passage`: answer from two to eight facts, or say that it is not there.
//!
//! The hardest go by way of a second person: where does the brother of somebody live?

use super::dice::Dice;
use super::sheet::Sheet;
use super::slots::{self, Slots};
use super::{Draft, Wanted, phrasing};

static SHEET: Sheet = Sheet::new(include_str!("sheets/passage.txt"));

const KINDS: [&str; 8] = ["city", "job", "animal", "food", "pastime", "year", "thing", "colour"];

/// One thing told of one person.
#[derive(Clone)]
struct Fact {
    name: String,
    kind: &'static str,
    value: String,
}

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let count = dice.between(2, 8);
    let people = people(dice);
    let facts = facts(dice, &people, count);
    let mut told: Vec<String> = facts.iter().map(|fact| tell(dice, fact)).collect();
    let (question, answer) = match dice.below(4) {
        0 => (missing(dice, &facts), None),
        1 => by_way_of(dice, &people, &facts, &mut told),
        _ => {
            let fact = dice.pick(&facts).clone();
            (question(dice, fact.kind, &fact.name), Some(fact.value))
        }
    };
    asked(dice, &told.join(" "), &question, answer)
}

fn asked(dice: &mut Dice, text: &str, question: &str, answer: Option<String>) -> Draft {
    let none = dice.pick(SHEET.lines("none", dice.split())).clone();
    let slots = Slots::default().with("text", text).with("question", question).with("none", &none);
    let asks = SHEET.lines("asks", dice.split());
    let parts = phrasing::ask_with(dice, asks, slots);
    Draft::new(parts, Wanted::text(answer.unwrap_or(none)))
}

fn people(dice: &mut Dice) -> Vec<String> {
    let mut slots = Slots::default();
    let count = dice.between(2, 4);
    (0..count).filter_map(|at| slots.value(&format!("name{at}"), dice)).collect()
}

/// Returns facts of which no two are of one kind about one person.
fn facts(dice: &mut Dice, people: &[String], count: usize) -> Vec<Fact> {
    let mut pairs: Vec<(&String, &'static str)> =
        people.iter().flat_map(|name| KINDS.into_iter().map(move |kind| (name, kind))).collect();
    dice.shuffle(&mut pairs);
    let drawn = pairs.into_iter().take(count).map(|(name, kind)| {
        let value = slots::draw(kind, dice).unwrap_or_default();
        Fact { name: name.clone(), kind, value }
    });
    drawn.collect()
}

fn tell(dice: &mut Dice, fact: &Fact) -> String {
    let template = dice.pick(SHEET.lines(&format!("{}.told", fact.kind), dice.split())).clone();
    Slots::default().with("name", &fact.name).with(fact.kind, &fact.value).fill(&template, dice)
}

fn question(dice: &mut Dice, kind: &str, name: &str) -> String {
    let template = dice.pick(SHEET.lines(&format!("{kind}.asked"), dice.split())).clone();
    Slots::default().with("name", name).fill(&template, dice)
}

/// Asks one person for what is told of another, or of nobody.
fn missing(dice: &mut Dice, facts: &[Fact]) -> String {
    let name = dice.pick(facts).name.clone();
    let known = |kind: &str| facts.iter().any(|fact| fact.name == name && fact.kind == kind);
    let open: Vec<&str> = KINDS.into_iter().filter(|kind| !known(kind)).collect();
    // Eight facts may all be of one person; then somebody unheard of is asked for.
    let Some(kind) = (!open.is_empty()).then(|| *dice.pick(&open)) else {
        return question(dice, KINDS[0], "Somebody");
    };
    question(dice, kind, &name)
}

fn by_way_of(
    dice: &mut Dice,
    people: &[String],
    facts: &[Fact],
    told: &mut Vec<String>,
) -> (String, Option<String>) {
    let fact = dice.pick(facts).clone();
    let others: Vec<&String> = people.iter().filter(|name| **name != fact.name).collect();
    let other = *dice.pick(&others);
    let kin = dice.pick(SHEET.lines("kin", dice.split())).clone();
    told.insert(dice.below(told.len() + 1), format!("{} is the {kin} of {other}.", fact.name));
    let question = question(dice, fact.kind, &format!("the {kin} of {other}"));
    (question, Some(fact.value))
}
