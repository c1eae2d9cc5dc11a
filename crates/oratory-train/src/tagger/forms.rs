//! Forms, records and tables: names of values and the values, in every way programs write them.

use super::chance::Chance;
use super::draft::Draft;
use super::fill::{Filler, capitalised};
use super::numbers;

/// A field: its name and the slot that fills it, empty for what is not private.
type Field = (String, &'static str);

const SORTS: [(usize, (&str, &str)); 15] = [
    (16, ("key.person", "P")),
    (6, ("key.first", "F")),
    (6, ("key.last", "L")),
    (9, ("key.organisation", "O")),
    (7, ("key.place", "C")),
    (8, ("key.address", "A")),
    (4, ("key.street", "S")),
    (3, ("key.town", "Town")),
    (4, ("key.postcode", "Code")),
    (8, ("key.job", "J")),
    (8, ("key.health", "H")),
    (8, ("key.birth", "B")),
    (8, ("key.user", "U")),
    (14, ("key.account", "N")),
    (8, ("key.phone", "T")),
];

/// Writes a form, a record or a table.
pub(crate) fn write(filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    let style = chance.below(5);
    let fields: Vec<Field> =
        (0..chance.between(2, 9)).map(|_| field(filler, style, chance)).collect();
    match chance.below(16) {
        0..=5 => lines(&fields, filler, draft, chance),
        6 | 7 => json(&fields, filler, draft, chance),
        8..=10 => table(&fields, filler, draft, chance),
        11 => tags(&fields, filler, draft, chance),
        12 => inline(&fields, filler, draft, chance),
        13 => insert(&fields, filler, draft, chance),
        14 => questions(&fields, filler, draft, chance),
        _ => assigned(&fields, filler, draft, chance),
    }
}

fn field(filler: &Filler<'_>, style: usize, chance: &mut Chance) -> Field {
    let (list, slot) =
        if chance.percent(70) { *chance.weighted(&SORTS) } else { ("key.plain", "") };
    let keys = filler.lists.written(list);
    // English names stand first in every list, and are the commonest in any language.
    let english = if filler.language == "en" || chance.percent(30) { 24 } else { keys.len() };
    let key = keys[chance.below(english.min(keys.len()))];
    (styled(key, style), slot)
}

fn styled(key: &str, style: usize) -> String {
    match style {
        0 => key.replace(' ', "_"),
        1 => {
            let mut words = key.split(' ');
            let first = words.next().unwrap_or_default().to_owned();
            first + &words.map(capitalised).collect::<String>()
        }
        2 => key.to_uppercase(),
        3 => key.split(' ').map(capitalised).collect::<Vec<_>>().join(" "),
        _ => capitalised(key),
    }
}

fn value(slot: &str, filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    use oratory_brains::tagger::Kind::Address;
    match slot {
        "" => {
            let slot = *chance.pick(&["x", "n", "d", "m", "k", "t", "x", "w", "words", "y"]);
            if slot == "words" {
                let words: Vec<String> =
                    (0..chance.between(2, 7)).map(|_| filler.word(chance)).collect();
                draft.say(&words.join(" "));
            } else {
                filler.slot(slot, draft, chance);
            }
        }
        "Town" => {
            let mut town = Draft::default();
            filler.slot("C", &mut town, chance);
            draft.append(&town);
        }
        "Code" => {
            let country = *chance.pick(&["us", "gb", "nl", "pt", "br", "de"]);
            draft.mark(Address, &super::streets::postcode(country, chance));
        }
        slot => {
            filler.slot(slot, draft, chance);
        }
    }
}

fn lines(fields: &[Field], filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    let before = *chance.pick(&["", "", "", "- ", "* ", "**", "  ", "> "]);
    let between = if before == "**" {
        ":** "
    } else {
        *chance.pick(&[": ", ": ", ": ", ":", " : ", " = ", "=", ":\t", " - ", ":\n", "\t", ":  "])
    };
    for (key, slot) in fields {
        draft.say(before);
        draft.say(key);
        draft.say(between);
        value(slot, filler, draft, chance);
        draft.say("\n");
    }
}

fn json(fields: &[Field], filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    let (open, between) = if chance.percent(50) { ("{", ", ") } else { ("{\n  ", ",\n  ") };
    draft.say(open);
    for (number, (key, slot)) in fields.iter().enumerate() {
        if number > 0 {
            draft.say(between);
        }
        draft.say(&format!("\"{key}\": \""));
        value(slot, filler, draft, chance);
        draft.say("\"");
    }
    draft.say(if open.len() > 1 { "\n}" } else { "}" });
}

fn table(fields: &[Field], filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    let sign = *chance.pick(&[",", ";", "\t", " | ", ", "]);
    let quoted = sign == "," && chance.percent(60);
    let heads: Vec<&str> = fields.iter().map(|(key, _)| key.as_str()).collect();
    if !chance.percent(10) {
        draft.say(&heads.join(sign));
        draft.say("\n");
        if sign == " | " && chance.percent(60) {
            draft.say(&vec!["---"; heads.len()].join(" | "));
            draft.say("\n");
        }
    }
    for _ in 0..chance.between(1, 4) {
        for (number, (_, slot)) in fields.iter().enumerate() {
            draft.say(if number > 0 { sign } else { "" });
            draft.say(if quoted { "\"" } else { "" });
            value(slot, filler, draft, chance);
            draft.say(if quoted { "\"" } else { "" });
        }
        draft.say("\n");
    }
}

fn tags(fields: &[Field], filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    let between = *chance.pick(&["", "\n", "\n  "]);
    for (key, slot) in fields {
        let key = key.replace([' ', '\'', '.'], "_");
        draft.say(&format!("<{key}>"));
        value(slot, filler, draft, chance);
        draft.say(&format!("</{key}>{between}"));
    }
}

fn inline(fields: &[Field], filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    let between = *chance.pick(&[", ", "; ", " | ", " ", ". "]);
    for (number, (key, slot)) in fields.iter().enumerate() {
        draft.say(if number > 0 { between } else { "" });
        draft.say(&format!("{key}{}", chance.pick(&[": ", " ", "=", ": "])));
        value(slot, filler, draft, chance);
    }
}

fn insert(fields: &[Field], filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    let keys: Vec<String> = fields.iter().map(|(key, _)| key.replace(' ', "_")).collect();
    draft.say(&format!("INSERT INTO {} ({}) VALUES (", filler.word(chance), keys.join(", ")));
    for (number, (_, slot)) in fields.iter().enumerate() {
        draft.say(if number > 0 { ", '" } else { "'" });
        value(slot, filler, draft, chance);
        draft.say("'");
    }
    draft.say(");");
}

fn questions(fields: &[Field], filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    for (key, slot) in fields {
        let ask = *chance.pick(&["What is your ", "Your ", "Please enter ", "The ", "My ", "His "]);
        let tell = *chance.pick(&["?\n", " is ", ": ", "?\nIt is ", " is: "]);
        draft.say(&format!("{ask}{}{tell}", key.to_lowercase()));
        value(slot, filler, draft, chance);
        draft.say(chance.word(&["\n", ".\n", ". "]));
    }
}

fn assigned(fields: &[Field], filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    let object = filler.word(chance);
    let quote = *chance.pick(&["\"", "'"]);
    for (key, slot) in fields {
        let key = key.replace([' ', '\'', '.'], "_");
        let left = match chance.below(3) {
            0 => format!("{object}.{key} = "),
            1 => format!("{}_{key} = ", object.to_uppercase()),
            _ => format!("let {key} = "),
        };
        draft.say(&left);
        draft.say(quote);
        value(slot, filler, draft, chance);
        draft.say(quote);
        draft.say(chance.word(&[";\n", "\n"]));
    }
    if chance.percent(10) {
        draft.say(&format!("# {}", numbers::reference(chance)));
    }
}
