//! The answers wanted are right, worked out here in another way.

use super::*;
use crate::everyday::{normalise, sort, translate, words};

/// Works out what a request for a plain sum asks, from left to right.
fn worked_out(request: &str) -> Option<i64> {
    let spaced = request.replace(['?', ':', '='], " ").replace("divided by", "/");
    let mut total: Option<i64> = None;
    let mut sign = None;
    for token in spaced.split_whitespace() {
        match (token.trim_end_matches('.').parse::<i64>(), total) {
            (Ok(number), None) => total = Some(number),
            (Ok(number), Some(before)) => {
                total = Some(match sign.take()? {
                    "+" | "plus" => before + number,
                    "-" | "minus" => before - number,
                    "*" | "x" | "times" => before * number,
                    "/" => before / number,
                    _ => return None,
                });
            }
            _ => sign = Some(token),
        }
    }
    total
}

#[test]
fn sums_come_out_right_and_so_does_what_is_thought() {
    let mut checked = 0;
    for case in cases(Task::Arithmetic, Split::Train, 3000) {
        let thinking = case.wanted.thinking.as_deref().unwrap();
        assert!(thinking.ends_with(&format!("= {}", case.wanted.text)), "{case:#?}");
        let Some(Part::User(request)) = case.parts.last() else { continue };
        if let Some(total) = worked_out(request) {
            checked += 1;
            assert_eq!(total.to_string(), case.wanted.text, "{case:#?}");
        }
    }
    assert!(checked > 1200, "{checked}");
}

#[test]
fn lists_come_out_in_order() {
    let sorted = |order, items: &[&str]| {
        sort::sorted(order, items.iter().map(|item| (*item).to_owned()).collect())
    };
    assert_eq!(sorted("up", &["pear", "fig", "plum"]), ["fig", "pear", "plum"]);
    assert_eq!(sorted("down", &["pear", "fig", "plum"]), ["plum", "pear", "fig"]);
    assert_eq!(sorted("rising", &["100", "20", "3"]), ["3", "20", "100"]);
    assert_eq!(sorted("falling", &["20", "100", "3"]), ["100", "20", "3"]);
    assert_eq!(sorted("short", &["pears", "fig", "plum"]), ["fig", "plum", "pears"]);
}

#[test]
fn numbers_and_days_are_written_as_people_write_them() {
    assert_eq!(normalise::spelt(0), "zero");
    assert_eq!(normalise::spelt(40), "forty");
    assert_eq!(normalise::spelt(99), "ninety-nine");
    assert_eq!(normalise::spelt(305), "three hundred and five");
    assert_eq!(normalise::spelt(7012), "seven thousand and twelve");
    assert_eq!(normalise::spelt(1950), "one thousand nine hundred and fifty");
    assert_eq!(normalise::apart(1_234_567, ","), "1,234,567");
    assert_eq!(normalise::apart(999, ","), "999");
    let days: Vec<String> = [1, 2, 3, 11, 12, 13, 21].map(normalise::ordinal).into();
    assert_eq!(days, ["1st", "2nd", "3rd", "11th", "12th", "13th", "21st"]);
}

#[test]
fn german_articles_and_endings_follow_gender_and_case() {
    use translate::Case::{Object, Subject};
    let red = vec!["red", "rot"];
    let phrase =
        |gender, noun, definite, case| translate::german(gender, noun, Some(&red), definite, case);
    assert_eq!(phrase("der", "Hut", true, Subject), "der rote Hut");
    assert_eq!(phrase("der", "Hut", true, Object), "den roten Hut");
    assert_eq!(phrase("der", "Hut", false, Subject), "ein roter Hut");
    assert_eq!(phrase("der", "Hut", false, Object), "einen roten Hut");
    assert_eq!(phrase("die", "Lampe", false, Object), "eine rote Lampe");
    assert_eq!(phrase("das", "Boot", false, Object), "ein rotes Boot");
    assert_eq!(phrase("das", "Boot", true, Object), "das rote Boot");
}

#[test]
fn plurals_are_regular() {
    let plurals = ["box", "brush", "cherry", "knife", "shelf", "tray", "pear"].map(words::plural);
    assert_eq!(plurals, ["boxes", "brushes", "cherries", "knives", "shelves", "trays", "pears"]);
}

#[test]
fn lists_of_sort_hold_what_was_asked() {
    for case in cases(Task::Sort, Split::Held, 500) {
        let asked = read(&case);
        for item in case.wanted.text.split(", ") {
            assert!(asked.contains(item), "{item} in {case:#?}");
        }
    }
}
