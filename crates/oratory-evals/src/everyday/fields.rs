//! The task `fields`: pull fields out of a text into a JSON object.
//!
//! A field that the text does not hold is null. Values stay text, as they stand there.

use serde_json::{Map, Value};

use super::dice::Dice;
use super::sheet::Sheet;
use super::slots::{Slots, named};
use super::{Draft, Wanted, phrasing, words};

static SHEET: Sheet = Sheet::new(include_str!("sheets/fields.txt"));

/// Kinds of slots, and what people call them as keys.
const KEYS: [(&str, &[&str]); 19] = [
    ("person", &["name", "person"]),
    ("name", &["name", "first_name"]),
    ("city", &["city", "place"]),
    ("job", &["job"]),
    ("phone", &["phone", "phone_number"]),
    ("email", &["email"]),
    ("code", &["code", "reference"]),
    ("few", &["quantity", "count"]),
    ("product", &["product", "item"]),
    ("company", &["company"]),
    ("street", &["street", "address"]),
    ("price", &["price", "amount"]),
    ("date", &["date"]),
    ("time", &["time"]),
    ("topic", &["topic"]),
    ("amount", &["sold"]),
    ("year", &["year"]),
    ("number", &["room"]),
    ("colour", &["colour"]),
];

pub(super) fn draft(dice: &mut Dice) -> Draft {
    let template = dice.pick(SHEET.lines("texts", dice.split())).clone();
    let mut slots = Slots::default();
    let text = slots.fill(&template, dice);
    let mut fields = present(dice, &template, &slots);
    let missing = dice.one_in(4);
    if missing {
        fields.push((absent(dice, &fields, &template), Value::Null));
    }
    dice.shuffle(&mut fields);
    let parts = asked(dice, &fields, missing, text);
    let object: Map<String, Value> = fields.into_iter().collect();
    Draft::new(parts, Wanted::text(Value::Object(object).to_string()))
}

fn asked(
    dice: &mut Dice,
    fields: &[(String, Value)],
    missing: bool,
    text: String,
) -> Vec<super::Part> {
    let names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
    let blank = |name: &String| (name.clone(), Value::String(String::new()));
    let form: Map<String, Value> = names.iter().map(blank).collect();
    let list = if dice.one_in(2) { words::listed(&names) } else { names.join(", ") };
    let slots = Slots::default()
        .with("text", text)
        .with("fields", list)
        .with("form", Value::Object(form).to_string());
    let mut ask = dice.pick(SHEET.lines("asks", dice.split())).clone();
    if missing || dice.one_in(3) {
        ask = format!("{ask}.{}", dice.pick(SHEET.lines("missing", dice.split())));
    }
    phrasing::ask_with(dice, &[ask], slots)
}

/// Returns one to four of the fields that the text holds.
fn present(dice: &mut Dice, template: &str, slots: &Slots) -> Vec<(String, Value)> {
    let kinds: Vec<&str> =
        named(template).into_iter().filter(|slot| names_of(slot).is_some()).collect();
    let count = dice.between(1, 4);
    let mut fields: Vec<(String, Value)> = Vec::new();
    for kind in dice.some(&kinds, count) {
        let names = names_of(kind).unwrap_or_default();
        let name = (*dice.pick(names)).to_owned();
        // One key for two values would have two answers.
        if fields.iter().all(|(known, _)| *known != name) {
            fields.push((name, Value::String(slots.get(kind).unwrap_or_default().to_owned())));
        }
    }
    fields
}

/// Returns a field that the text does not hold under any of its names.
fn absent(dice: &mut Dice, fields: &[(String, Value)], template: &str) -> String {
    let near = ["amount", "place", "address"];
    let held = named(template);
    let hidden = |names: &[&str]| {
        names.iter().any(|name| {
            fields.iter().any(|(known, _)| known == name)
                || held.iter().any(|slot| family(slot).is_some_and(|known| known.contains(name)))
        })
    };
    let free: Vec<&str> = KEYS
        .iter()
        .filter(|(kind, names)| *kind != "colour" && !held.contains(kind) && !hidden(names))
        .flat_map(|(_, names)| names.iter().copied())
        .filter(|name| !near.contains(name))
        .collect();
    (*dice.pick(&free)).to_owned()
}

fn names_of(slot: &str) -> Option<&'static [&'static str]> {
    KEYS.iter().find(|(kind, _)| *kind == slot).map(|(_, names)| *names)
}

/// Returns the names of a slot's kind, numbered slots included.
fn family(slot: &str) -> Option<&'static [&'static str]> {
    names_of(slot.trim_end_matches(|end: char| end.is_ascii_digit()))
}
