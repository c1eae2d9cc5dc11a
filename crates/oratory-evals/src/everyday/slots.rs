//! Fills the slots of a template, such as `{name}` or `{city2}`, with values of the right kind.
//!
//! A slot named twice gets one value; `{name}` and `{name2}` get different ones.

use super::dice::Dice;
use super::words;

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const COLOURS: [&str; 12] = [
    "red", "blue", "green", "yellow", "black", "white", "brown", "grey", "pink", "purple",
    "orange", "silver",
];
const ROOMS: [&str; 10] = [
    "kitchen", "bedroom", "bathroom", "hall", "office", "cellar", "garage", "attic", "garden",
    "study",
];
const LANGUAGES: [&str; 10] = [
    "German", "French", "Spanish", "Italian", "Dutch", "Polish", "Turkish", "Greek", "Danish",
    "Finnish",
];
const FIRMS: [&str; 8] = ["Ltd", "GmbH", "Works", "Foods", "Systems", "Travel", "Books", "Tools"];

/// The values that slots have been given.
#[derive(Default)]
pub(super) struct Slots(Vec<(String, String)>);

impl Slots {
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// Gives a slot a value that counts before any it had.
    pub(super) fn set_first(&mut self, name: &str, value: &str) {
        self.0.insert(0, (name.to_owned(), value.to_owned()));
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn holds(&self, value: &str) -> bool {
        self.0.iter().any(|(_, known)| known == value)
    }

    /// Returns a slot's value, drawing one where it has none yet.
    pub(super) fn value(&mut self, name: &str, dice: &mut Dice) -> Option<String> {
        if let Some(known) = self.get(name) {
            return Some(known.to_owned());
        }
        let kind = name.trim_end_matches(|end: char| end.is_ascii_digit());
        let mut drawn = draw(kind, dice)?;
        // Two slots with one value make two answers right; small kinds run out, so it ends.
        for _ in 0..20 {
            if !self.holds(&drawn) {
                break;
            }
            drawn = draw(kind, dice)?;
        }
        self.set(name, drawn.clone());
        Some(drawn)
    }

    /// Returns the template with its slots filled.
    pub(super) fn fill(&mut self, template: &str, dice: &mut Dice) -> String {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((name, before, after)) = next_slot(rest) {
            filled.push_str(before);
            let value = self.value(name, dice);
            if after_article(&filled) && value.as_deref().is_some_and(wants_an) {
                filled.insert(filled.len() - 1, 'n');
            }
            match value {
                Some(value) if plural_follows(after) => {
                    filled.push_str(&words::plural(&value));
                    rest = &after[1..];
                    continue;
                }
                Some(value) => filled.push_str(&value),
                None => filled.push_str(&format!("{{{name}}}")),
            }
            rest = after;
        }
        filled + rest
    }
}

fn plural_follows(after: &str) -> bool {
    after.strip_prefix('s').is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

fn after_article(text: &str) -> bool {
    text == "a "
        || text == "A "
        || [" a ", " A ", "\na ", "\"a "].iter().any(|end| text.ends_with(end))
}

fn wants_an(value: &str) -> bool {
    words::article(value) == "an"
}

/// Returns the names of a template's slots, in order, each once.
pub(super) fn named(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((name, _, after)) = next_slot(rest) {
        if !names.contains(&name) {
            names.push(name);
        }
        rest = after;
    }
    names
}

/// Returns the next slot's name and what stands before and after it; braces of JSON are none.
fn next_slot(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find('{')?;
        let inside = &text[open + 1..];
        let length = inside.find(|end: char| !end.is_ascii_alphanumeric())?;
        if length > 0 && inside[length..].starts_with('}') {
            return Some((&inside[..length], &text[..open], &inside[length + 1..]));
        }
        from = open + 1;
    }
}

/// Returns a value of a kind, of the split that the dice draw for.
pub(super) fn draw(kind: &str, dice: &mut Dice) -> Option<String> {
    let list = match kind {
        "name" => &words::NAMES,
        "family" => &words::FAMILIES,
        "city" => &words::CITIES,
        "thing" => &words::THINGS,
        "food" => &words::FOODS,
        "animal" => &words::ANIMALS,
        "job" => &words::JOBS,
        "trait" => &words::TRAITS,
        "deed" => &words::DEEDS,
        "pastime" => &words::PASTIMES,
        "topic" => &words::TOPICS,
        _ => return written(kind, dice),
    };
    let words = list.of(dice.split());
    Some((*dice.pick(words)).to_owned())
}

/// Returns values that are put together rather than listed.
fn written(kind: &str, dice: &mut Dice) -> Option<String> {
    Some(match kind {
        "person" => format!("{} {}", draw("name", dice)?, draw("family", dice)?),
        "company" => format!("{} {}", words::capital(&words::made(dice)), dice.pick(&FIRMS)),
        "product" => format!("{} {}", dice.pick(&COLOURS), draw("thing", dice)?),
        "street" => format!("{} {}", words::capital(&words::made(dice)), street(dice)),
        "made" => words::made(dice),
        "month" => (*dice.pick(&MONTHS)).to_owned(),
        "day" => (*dice.pick(&DAYS)).to_owned(),
        "colour" => (*dice.pick(&COLOURS)).to_owned(),
        "room" => (*dice.pick(&ROOMS)).to_owned(),
        "language" => (*dice.pick(&LANGUAGES)).to_owned(),
        _ => return counted(kind, dice),
    })
}

fn street(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(&["Street", "Road", "Lane", "Square"]), dice.between(2, 98))
}

/// Returns values with digits in them.
fn counted(kind: &str, dice: &mut Dice) -> Option<String> {
    Some(match kind {
        "few" => dice.between(2, 9).to_string(),
        "number" => dice.ours(|dice| dice.between(10, 99).to_string()),
        "amount" => dice.ours(|dice| dice.between(10, 999).to_string()),
        "price" => dice.ours(|dice| format!("{}.{}5", dice.between(1, 300), dice.between(0, 9))),
        "year" => dice.ours(|dice| dice.between(1900, 2030).to_string()),
        "minutes" => (dice.between(1, 12) * 5).to_string(),
        "time" => dice.ours(|dice| format!("{}:{:02}", dice.between(6, 22), dice.below(12) * 5)),
        "date" => dice.ours(|dice| format!("{} {}", dice.between(1, 28), *dice.pick(&MONTHS))),
        "code" => dice.ours(code),
        "phone" => {
            dice.ours(|dice| format!("0{} {}", dice.between(20, 99), dice.between(10_000, 999_999)))
        }
        "email" => dice.ours(|dice| {
            let name = words::made(dice);
            format!("{name}@{}.{}", words::made(dice), dice.pick(&["com", "org", "net", "eu"]))
        }),
        "password" => dice.ours(|dice| format!("{}{}", words::made(dice), dice.between(10, 99))),
        _ => return None,
    })
}

fn code(dice: &mut Dice) -> String {
    let letters: String = (0..2).map(|_| char::from(b'A' + dice.below(26) as u8)).collect();
    format!("{letters}-{}", dice.between(100, 9999))
}
