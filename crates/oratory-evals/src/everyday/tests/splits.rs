//! What is held out is nowhere in training: no wording, no value.

use std::collections::HashSet;

use super::*;
use crate::everyday::dice::belongs;
use crate::everyday::sheet::Sheet;

/// Sheets are looked at as files, so that a new one is not left out by its module.
fn sheets() -> Vec<(&'static str, Sheet)> {
    macro_rules! sheets {
        ($($name:literal),*) => {
            vec![$(($name, Sheet::new(include_str!(concat!("../sheets/", $name, ".txt"))))),*]
        };
    }
    sheets![
        "arithmetic",
        "chat",
        "copy",
        "count",
        "difficulty",
        "fields",
        "intent",
        "layouts",
        "normalise",
        "passage",
        "plan",
        "sensitivity",
        "sentiment",
        "sort",
        "summary",
        "tools",
        "translate"
    ]
}

/// Sections that are vocabulary to be known, or answers, and so the same in both splits.
fn is_known(lines: (&[String], &[String])) -> bool {
    lines.0 == lines.1
}

#[test]
fn no_wording_is_in_both_splits_or_in_two_sections() {
    for (name, sheet) in sheets() {
        let mut seen: HashSet<&String> = HashSet::new();
        for (section, train, held) in sheet.all() {
            let vocabulary = name == "sentiment" && section.len() <= 4;
            let skipped = vocabulary || section.ends_with(".results") || name == "chat";
            if skipped || is_known((train, held)) {
                continue;
            }
            // Tools have names and words of their own, which others may share.
            if name == "tools" && (section.contains('.') && !section.ends_with(".asks")) {
                continue;
            }
            for line in train.iter().chain(held) {
                assert!(seen.insert(line), "{name} [{section}]: {line:?} is there twice");
            }
        }
    }
}

#[test]
fn every_task_has_twelve_wordings_to_train_on_and_six_held_out() {
    for (name, sheet) in sheets() {
        let asks = sheet.all().into_iter().filter(|(section, ..)| is_wording(name, section));
        let (mut train, mut held) = (0, 0);
        for (_, some, others) in asks {
            train += some.len();
            held += others.len();
        }
        assert!(train >= 12 && held >= 6, "{name}: {train} and {held}");
    }
}

/// Says whether a section holds what people say, rather than words and stories.
fn is_wording(sheet: &str, section: &str) -> bool {
    match sheet {
        "arithmetic" => true,
        "chat" => section.ends_with(".said"),
        "copy" => section != "texts",
        "count" | "sort" => true,
        "layouts" => section == "layouts",
        "normalise" => section != "sentences",
        "plan" => section.contains('+') && !section.ends_with(".results"),
        "tools" => section.ends_with(".asks"),
        _ => section == "asks",
    }
}

#[test]
fn what_a_case_says_to_the_user_is_never_in_both_splits() {
    for task in Task::ALL {
        let trained: HashSet<String> =
            cases(task, Split::Train, 3000).map(|case| said_by_the_user(&case)).collect();
        for case in cases(task, Split::Held, 1000) {
            assert!(!trained.contains(&said_by_the_user(&case)), "{case:#?}");
        }
    }
}

#[test]
fn copied_values_are_never_in_both_splits() {
    let values = |split| -> HashSet<String> {
        let fields = cases(Task::Fields, split, 3000).flat_map(|case| {
            let object: serde_json::Value = serde_json::from_str(&case.wanted.text).unwrap();
            let values: Vec<_> = object.as_object().unwrap().clone().into_iter().collect();
            values
        });
        let copied = fields.filter_map(|(key, value)| {
            // Quantities and rooms of a few digits, and a product's colour, are not copied blindly.
            let copied = !["quantity", "count", "sold"].contains(&key.as_str());
            value.as_str().filter(|_| copied).map(str::to_owned)
        });
        copied.collect()
    };
    let (train, held) = (values(Split::Train), values(Split::Held));
    let both: Vec<_> = train.intersection(&held).collect();
    assert!(both.is_empty(), "{both:?}");
}

#[test]
fn one_value_in_five_is_held_out() {
    let held = (0..10_000).filter(|number| belongs(&number.to_string(), Split::Held)).count();
    assert!((1800..2200).contains(&held), "{held}");
    assert!(belongs("Oslo", Split::Train) == belongs("oslo", Split::Train));
}
