//! `oratory eval` as it is typed: what it tells to people and programs, what it says of bad files,
//! and what it keeps.

use serde_json::{Value, json};

use crate::house::{House, printed};

/// Sums that the small model gets wrong, among questions that it gets right.
fn outcomes() -> String {
    let line = |at: usize| {
        let (prompt, small) = match at % 3 {
            0 => (format!("What is {} times {}?", at + 12, at * 7 % 80), 0),
            _ => (format!("Who is the hero of story {at}?"), 1),
        };
        let outcomes = json!({ "small": { "score": small }, "large": { "score": 1 } });
        json!({ "id": at, "prompt": prompt, "outcomes": outcomes }).to_string() + "\n"
    };
    (0..90).map(line).collect()
}

#[test]
fn a_replay_is_told_to_people_and_to_programs() {
    let house = House::new();
    let file = house.path().join("outcomes.jsonl");
    std::fs::write(&file, outcomes()).unwrap();
    let file = file.to_str().unwrap();
    let asked = ["eval", "replay", file, "--weak", "small", "--strong", "large", "--repeats", "2"];
    let text = printed(&house.run(&asked));
    for part in ["90 requests", "predictor", "longest first", "four fifths of what it does better"]
    {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    let output = house.run(&[&asked[..], &["--json", "--seed", "3"]].concat());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_str(&printed(&output)).unwrap();
    assert!(document["predictor"]["apgr"].as_f64().unwrap() > 0.7, "{document}");
    assert_eq!(document["predictor"]["curve"].as_array().unwrap().len(), 21);
    assert_eq!(document["method"]["folds"], 5);
}

#[test]
fn a_file_that_cannot_be_replayed_is_named_with_the_line() {
    let house = House::new();
    let file = house.path().join("broken.jsonl");
    std::fs::write(&file, outcomes() + "{\"id\":").unwrap();
    let file = file.to_str().unwrap();
    let output = house.run(&["eval", "replay", file, "--weak", "small", "--strong", "large"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in ["broken.jsonl: line 91 cannot be read, at column 6", "or take the line out"] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
}

#[test]
fn what_is_learnt_here_is_kept_until_it_is_forgotten() {
    let house = House::new();
    let file = house.path().join("outcomes.jsonl");
    std::fs::write(&file, outcomes()).unwrap();
    let file = file.to_str().unwrap();
    let text = printed(&house.run(&["eval", "learn", file]));
    for part in ["learnt from 90 requests", "small", "predictor.oratory"] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    let output = house.run(&["eval", "learn", file, "--models", "small,large", "--json"]);
    let document: Value = serde_json::from_str(&printed(&output)).unwrap();
    let kept = std::path::PathBuf::from(document["file"].as_str().unwrap());
    assert!(kept.is_file());
    assert_eq!((&document["requests"], &document["strongest"]), (&json!(90), &json!("large")));
    assert!(house.run(&["eval", "forget"]).status.success());
    assert!(!kept.exists());
    let output = house.run(&["eval", "learn", file, "--models", "smal"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("did you mean small?"), "{said}");
    assert!(!kept.exists());
}
