//! What cases promise: determinism, right answers, lengths, balance and no contradictions.

use std::collections::HashMap;

use super::*;

mod answers;
mod page;
mod scores;
mod splits;

const SPLITS: [Split; 2] = [Split::Train, Split::Held];

fn cases(task: Task, split: Split, count: u64) -> impl Iterator<Item = Case> {
    (0..count).map(move |seed| case(task, split, seed))
}

/// Returns every case of every task and split, so many of each.
fn all(count: u64) -> impl Iterator<Item = Case> {
    let pairs = Task::ALL.into_iter().flat_map(|task| SPLITS.map(|split| (task, split)));
    pairs.flat_map(move |(task, split)| cases(task, split, count))
}

/// Returns everything that the model reads before its answer.
fn read(case: &Case) -> String {
    let mut text = String::new();
    for part in &case.parts {
        text += "\n";
        match part {
            Part::System(said) | Part::User(said) | Part::ToolResult(said) => text += said,
            Part::Assistant { calls, .. } => text += &serde_json::to_string(calls).unwrap(),
        }
    }
    text
}

fn said_by_the_user(case: &Case) -> String {
    let said = case.parts.iter().filter_map(|part| match part {
        Part::System(said) | Part::User(said) => Some(said.as_str()),
        _ => None,
    });
    said.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_seed_stands_for_one_case_and_another_for_another() {
    for task in Task::ALL {
        for split in SPLITS {
            assert_eq!(case(task, split, 7), case(task, split, 7));
            let different: std::collections::HashSet<_> =
                cases(task, split, 200).map(|case| read(&case)).collect();
            let least = if task == Task::Chat { 50 } else { 180 };
            assert!(different.len() >= least, "{task:?} {split:?}: {}", different.len());
        }
    }
}

#[test]
fn every_wanted_answer_is_good() {
    for case in all(1000) {
        assert!(good(&case, &case.wanted.text, &case.wanted.calls), "{case:#?}");
    }
}

#[test]
fn an_answer_to_another_case_is_seldom_good() {
    for task in Task::ALL {
        let cases: Vec<Case> = cases(task, Split::Held, 400).collect();
        let right = cases
            .windows(2)
            .filter(|pair| good(&pair[0], &pair[1].wanted.text, &pair[1].wanted.calls))
            .count();
        // Two labels, drawn evenly, meet half of the time; one in eight tools is none.
        let most = match task {
            Task::Difficulty => 240,
            Task::Sentiment => 165,
            Task::Sensitivity | Task::Summary | Task::Chat => 150,
            _ => 100,
        };
        assert!(right <= most, "{task:?}: {right}");
    }
}

#[test]
fn an_answer_of_nothing_is_never_good() {
    for case in all(300) {
        assert!(!good(&case, "", &[]), "{case:#?}");
        assert!(!good(&case, "?", &[]) || case.task == Task::Tool, "{case:#?}");
    }
}

#[test]
fn no_slot_is_left_open() {
    for case in all(1500) {
        let text = read(&case) + &case.wanted.text;
        let open = slots::named(&text);
        assert!(open.is_empty() && !text.contains("||"), "{open:?} in {case:#?}");
    }
}

#[test]
fn cases_are_short() {
    for task in Task::ALL {
        let mut long = 0;
        for case in cases(task, Split::Train, 500).chain(cases(task, Split::Held, 500)) {
            let asked = read(&case).split_whitespace().count();
            let thinking = case.wanted.thinking.as_deref().unwrap_or_default();
            let answer = format!("{thinking} {}", case.wanted.text).split_whitespace().count();
            assert!(asked <= 200 && answer <= 60, "{asked} and {answer} words: {case:#?}");
            long += usize::from(asked > 120 || answer > 40);
        }
        assert!(long <= 100, "{task:?}: {long} of 1000 are long");
    }
}

#[test]
fn no_label_has_less_than_half_its_fair_share() {
    let labels: [(Task, &[&str]); 4] = [
        (Task::Intent, &intent::LABELS),
        (Task::Sentiment, &sentiment::LABELS),
        (Task::Sensitivity, &sensitivity::LABELS),
        (Task::Difficulty, &difficulty::LABELS),
    ];
    for (task, labels) in labels {
        for split in SPLITS {
            let mut counts: HashMap<String, usize> = HashMap::new();
            cases(task, split, 1000)
                .for_each(|case| *counts.entry(case.wanted.text).or_default() += 1);
            assert_eq!(counts.len(), labels.len());
            for label in labels {
                assert!(counts[*label] * labels.len() * 2 >= 1000, "{task:?} {label}: {counts:?}");
            }
        }
    }
}

// A model cannot learn two answers to one question.
#[test]
fn no_two_cases_contradict() {
    let mut answers: HashMap<String, Case> = HashMap::new();
    for case in all(3000) {
        let asked = format!("{:?}{:?}", case.tools, case.parts);
        if let Some(before) = answers.get(&asked) {
            assert!(good(before, &case.wanted.text, &case.wanted.calls), "{before:#?}\n{case:#?}");
        } else {
            answers.insert(asked, case);
        }
    }
}

#[test]
fn tools_and_calls_fit_each_other() {
    for case in cases(Task::Tool, Split::Held, 500).chain(cases(Task::Plan, Split::Train, 500)) {
        assert!(!case.tools.is_empty() && case.tools.len() <= 5);
        for call in &case.wanted.calls {
            let tool = case.tools.iter().find(|tool| tool.name == call.name).unwrap();
            let required = tool.parameters["required"].as_array().unwrap();
            let arguments = call.arguments.as_object().unwrap();
            assert_eq!(required.len(), arguments.len(), "{case:#?}");
            for (name, value) in arguments {
                let kind = tool.parameters["properties"][name]["type"].as_str().unwrap();
                assert_eq!(value.is_number(), kind == "integer", "{case:#?}");
                assert_ne!(value, "", "{case:#?}");
            }
        }
    }
}

#[test]
fn every_task_has_a_name_that_leads_back_to_it() {
    for task in Task::ALL {
        assert_eq!(Task::from_name(task.name()), Some(task));
        let written = serde_json::to_string(&task).unwrap();
        assert_eq!(written, format!("\"{}\"", task.name()));
    }
    assert_eq!(Task::from_name("juggling"), None);
}
