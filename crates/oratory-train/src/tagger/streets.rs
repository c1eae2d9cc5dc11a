//! Postal addresses as they are written in the countries of each language.

use super::chance::Chance;
use super::fill::{Filler, capitalised};
use super::numbers::digits;

/// Returns a street with the number of a house.
pub(crate) fn street(filler: &Filler<'_>, chance: &mut Chance) -> String {
    let house = house(chance);
    let written = |name: &str, chance: &mut Chance| *chance.pick(filler.lists.written(name));
    let language = filler.language;
    match language {
        "de" | "nl" => {
            let stem = if chance.percent(70) {
                written(&format!("street.stem.{language}"), chance).to_owned()
            } else {
                filler.last(chance)
            };
            let way = written(&format!("street.{language}"), chance);
            let joint = if way.starts_with([' ', '-']) || !stem.contains(' ') { "" } else { "-" };
            let name = format!("{stem}{joint}{way}");
            if chance.percent(8) { name } else { format!("{name} {house}") }
        }
        "fr" | "es" | "it" | "pt" => {
            let way = written(&format!("street.{language}"), chance);
            let name = if chance.percent(30) {
                let of = *chance.pick(link(language));
                format!("{of} {}", capitalised(&filler.word(chance)))
            } else if chance.percent(60) {
                written(&format!("street.{language}.name"), chance).to_owned()
            } else {
                format!("{} {}", filler.first(chance), filler.last(chance))
            };
            match language {
                "fr" => format!("{house}{} {way} {name}", chance.pick(&["", "", ","])),
                _ if chance.percent(8) => format!("{way} {name}"),
                _ => format!("{way} {name}{} {house}", chance.pick(&["", ",", ", nº", ",", " n."])),
            }
        }
        _ => english(filler, chance),
    }
}

/// Returns what joins a street to the thing it is called after.
fn link(language: &str) -> &'static [&'static str] {
    match language {
        "fr" => &["de la", "des", "du", "de", "de l'"],
        "es" => &["de la", "del", "de los", "de las", "de"],
        "it" => &["della", "del", "dei", "delle", "di"],
        _ => &["da", "do", "das", "dos", "de"],
    }
}

fn english(filler: &Filler<'_>, chance: &mut Chance) -> String {
    let name = match chance.below(10) {
        0..=4 => (*chance.pick(filler.lists.written("street.name"))).to_owned(),
        5..=7 => filler.last(chance),
        8 => capitalised(&filler.word(chance)),
        _ => format!(
            "{} {}",
            chance.pick(&["N", "S", "E", "W", "North", "West"]),
            filler.last(chance)
        ),
    };
    let way = *chance.pick(filler.lists.written("street.en"));
    let last = *chance.pick(&[99, 999, 9999, 19999]);
    let number = chance.between(1, last);
    let street = format!("{number} {name} {way}");
    match chance.below(12) {
        0 => format!("{street}, Apt {}", chance.between(1, 60)),
        1 => format!("{street} Apt. {}{}", chance.between(1, 20), chance.pick(&["A", "B", "C"])),
        2 => format!("{street}, Suite {}", chance.between(100, 999)),
        3 => format!("Flat {}, {street}", chance.between(1, 30)),
        4 => format!("{street}, Unit {}", chance.between(1, 40)),
        5 => format!("P.O. Box {}", chance.between(10, 9999)),
        6 => format!("{name} {way}"),
        _ => street,
    }
}

fn house(chance: &mut Chance) -> String {
    let number = chance.between(1, 240);
    match chance.below(12) {
        0 => format!("{number}{}", chance.pick(&["a", "b", "c", "bis"])),
        1 => format!("{number} {}", chance.pick(&["a", "b"])),
        2 => format!("{number}-{}", number + 2),
        _ => number.to_string(),
    }
}

/// Returns a whole address, its lines divided by `between`.
pub(crate) fn address(
    filler: &Filler<'_>,
    between: &str,
    town: &str,
    chance: &mut Chance,
) -> String {
    let street = street(filler, chance);
    let land = if chance.percent(12) {
        format!("{between}{}", land(filler, chance))
    } else {
        String::new()
    };
    let place = match filler.language {
        "de" | "es" | "fr" | "it" => format!("{} {town}", postcode(filler.language, chance)),
        "nl" => format!("{} {town}", postcode("nl", chance)),
        "pt" if chance.percent(50) => format!("{} {town}", postcode("pt", chance)),
        "pt" => format!(
            "{town} - {}, {}",
            chance.pick(&["SP", "RJ", "MG", "BA", "PR", "RS"]),
            postcode("br", chance)
        ),
        _ => english_place(filler, town, chance),
    };
    match chance.below(20) {
        0 => format!("{street}{between}{town}"),
        1 if between == ", " => format!("{street} {place}"),
        2 => format!("{street}{between}{place} ({})", chance.pick(&["MI", "RM", "TO", "NA"])),
        _ => format!("{street}{between}{place}{land}"),
    }
}

fn english_place(filler: &Filler<'_>, town: &str, chance: &mut Chance) -> String {
    let state = *chance.pick(filler.lists.written("state"));
    match chance.below(10) {
        0..=5 => format!("{town}, {state} {}", postcode("us", chance)),
        6 => format!("{town} {state} {}", postcode("us", chance)),
        7 => format!("{town}, {}", postcode("gb", chance)),
        8 => format!("{town} {}", postcode("gb", chance)),
        _ => format!("{town}, {state}"),
    }
}

fn land(filler: &Filler<'_>, chance: &mut Chance) -> &'static str {
    match filler.language {
        "de" => chance.word(&["Deutschland", "Österreich", "Schweiz"]),
        "fr" => chance.word(&["France", "Belgique", "Suisse"]),
        "es" => chance.word(&["España", "México", "Argentina"]),
        "it" => "Italia",
        "pt" => chance.word(&["Portugal", "Brasil"]),
        "nl" => chance.word(&["Nederland", "België"]),
        _ => chance.word(&["USA", "United States", "UK", "United Kingdom", "Australia", "Canada"]),
    }
}

pub(crate) fn postcode(country: &str, chance: &mut Chance) -> String {
    let letters = |count: usize, chance: &mut Chance| super::numbers::capitals(count, chance);
    match country {
        "us" if chance.percent(15) => format!("{}-{}", digits(5, chance), digits(4, chance)),
        "gb" => {
            let head = letters(chance.between(1, 2), chance);
            format!("{head}{} {}{}", chance.between(1, 28), chance.below(10), letters(2, chance))
        }
        "nl" => format!("{} {}", chance.between(1000, 9999), letters(2, chance)),
        "pt" => format!("{}-{}", chance.between(1000, 8999), digits(3, chance)),
        "br" => format!("{}-{}", digits(5, chance), digits(3, chance)),
        _ => digits(5, chance),
    }
}
