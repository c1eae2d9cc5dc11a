//! `oratory eval replay` as it is typed: its two ways of telling, and what it says of bad files.

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
    assert!(said.contains("broken.jsonl: line 91 cannot be read"), "{said}");
}
