//! The tools that cases offer, under names and with arguments that change from case to case.
//!
//! So a model has to read what a tool is called, and cannot know it by heart.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::sheet::Sheet;
use super::slots::{Slots, named};
use super::{Call, Split, Tool};

pub(super) static SHEET: Sheet = Sheet::new(include_str!("sheets/tools.txt"));

/// A tool as one case knows it.
pub(super) struct Offered {
    pub(super) tool: Tool,
    /// Which tool it is, whatever it is called here.
    pub(super) kind: &'static str,
    /// Slot, type and name of each argument.
    arguments: Vec<(&'static str, &'static str, &'static str)>,
}

/// Returns every kind of tool.
pub(super) fn kinds() -> Vec<&'static str> {
    SHEET.names("").filter_map(|name| name.strip_suffix(".names")).collect()
}

/// Returns a tool of a kind, with names drawn for this case.
pub(super) fn offered(dice: &mut Dice, kind: &'static str) -> Offered {
    let line = |dice: &mut Dice, section: &str| {
        dice.pick(SHEET.lines(&format!("{kind}.{section}"), dice.split())).clone()
    };
    let (name, description) = (line(dice, "names"), line(dice, "describe"));
    let rows = SHEET.lines(&format!("{kind}.arguments"), Split::Train);
    let arguments: Vec<_> = rows.iter().map(|row| argument(dice, row)).collect();
    let tool = Tool { name, description, parameters: schema(&arguments) };
    Offered { tool, kind, arguments }
}

fn argument(dice: &mut Dice, row: &'static str) -> (&'static str, &'static str, &'static str) {
    let mut columns = row.split(' ');
    let (slot, kind) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
    let (held, train): (Vec<&str>, Vec<&str>) = columns.partition(|name| name.starts_with('*'));
    let names = if dice.split() == Split::Held { held } else { train };
    (slot, kind, dice.pick(&names).trim_start_matches('*'))
}

fn schema(arguments: &[(&str, &str, &str)]) -> Value {
    let property =
        |(_, kind, name): &(&str, &str, &str)| ((*name).to_owned(), json!({ "type": kind }));
    let properties: Map<String, Value> = arguments.iter().map(property).collect();
    let required: Vec<&str> = arguments.iter().map(|(_, _, name)| *name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// Gives slots that only tools have their values, as far as a template names them.
pub(super) fn bind(dice: &mut Dice, template: &str, slots: &mut Slots) {
    for slot in named(template) {
        let section = match slot.trim_end_matches('2') {
            "deedtext" => "messages",
            "title" => "titles",
            "song" => "songs",
            "money" => "money",
            "state" => {
                let state = *dice.pick(&["on", "off"]);
                slots.set(slot, state);
                continue;
            }
            _ => continue,
        };
        let value = different(dice, section, slots);
        slots.set(slot, value);
    }
}

/// Returns a line of a section, filled, that no slot holds yet.
fn different(dice: &mut Dice, section: &str, slots: &Slots) -> String {
    loop {
        let line = dice.pick(SHEET.lines(section, dice.split())).clone();
        let value = Slots::default().fill(&line, dice);
        if !slots.holds(&value) {
            return value;
        }
    }
}

impl Offered {
    /// Returns the call that passes on what the slots hold.
    pub(super) fn call(&self, slots: &Slots) -> Call {
        let value = |slot: &str, kind: &str| {
            let text = slots.get(slot).unwrap_or_default();
            match text.parse::<i64>() {
                Ok(number) if kind == "integer" => Value::from(number),
                _ => Value::from(text),
            }
        };
        let arguments: Map<String, Value> = self
            .arguments
            .iter()
            .map(|(slot, kind, name)| ((*name).to_owned(), value(slot, kind)))
            .collect();
        Call { name: self.tool.name.clone(), arguments: Value::Object(arguments) }
    }
}

/// Returns the tools of some kinds and others, three or four in all, in chance order.
pub(super) fn among(dice: &mut Dice, wanted: &[&'static str]) -> Vec<Offered> {
    let mut all = kinds();
    all.retain(|kind| !wanted.contains(kind));
    let count = dice.between(1, 3);
    let mut chosen = dice.some(&all, count);
    chosen.extend_from_slice(wanted);
    dice.shuffle(&mut chosen);
    chosen.into_iter().map(|kind| offered(dice, kind)).collect()
}
