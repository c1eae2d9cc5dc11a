//! Scoring by hand: what counts as right and what does not.

use serde_json::json;

use super::*;

fn wanting(task: Task, text: &str) -> Case {
    Case { task, tools: Vec::new(), parts: Vec::new(), wanted: Wanted::text(text) }
}

#[track_caller]
fn check(task: Task, wanted: &str, right: &[&str], wrong: &[&str]) {
    let case = wanting(task, wanted);
    for text in right {
        assert!(good(&case, text, &[]), "{text:?} should be good for {wanted:?}");
    }
    for text in wrong {
        assert!(!good(&case, text, &[]), "{text:?} should not be good for {wanted:?}");
    }
}

#[test]
fn labels_are_one_word_in_any_case() {
    check(Task::Intent, "refund", &["refund", " Refund.\n", "\"refund\""], &["order", "refund it"]);
}

#[test]
fn json_is_compared_by_what_it_says() {
    let wanted = r#"{"name":"Anna","count":"3"}"#;
    let right =
        [r#"{"count": 3, "name": "Anna"}"#, "```json\n{\"name\":\"Anna\",\"count\":3}\n```"];
    let wrong = [r#"{"name":"Anna"}"#, r#"{"name":"anna","count":3}"#, "Anna, 3", "{"];
    check(Task::Fields, wanted, &right, &wrong);
    check(Task::Fields, r#"{"a":null}"#, &[r#"{"a": null}"#], &[r#"{"a":""}"#, "{}"]);
}

#[test]
fn numbers_are_the_last_one_named() {
    let right = ["85", "85.", "47 + 38 = 85", "It is 85."];
    check(Task::Arithmetic, "85", &right, &["85 or 86", "eighty-five", "8", "-85"]);
    check(Task::Count, "3", &["3 words"], &["4"]);
}

#[test]
fn dates_are_exact_and_numbers_are_equal() {
    check(Task::Normalise, "2024-03-05", &["2024-03-05"], &["2024-3-5", "5 March 2024"]);
    check(Task::Normalise, "1234.5", &["1234.50"], &["1,234.5", "12345"]);
}

#[test]
fn lists_may_be_laid_out_in_any_way() {
    let right = ["ant, bee, cat", "ant\nbee\ncat", "- ant\n- bee\n- cat", "ant,bee,cat."];
    check(Task::Sort, "ant, bee, cat", &right, &["bee, ant, cat", "ant, bee", "ant bee cat"]);
}

#[test]
fn articles_and_full_stops_of_short_answers_do_not_matter() {
    check(Task::Passage, "the flute", &["flute", "a flute", "the flute."], &["flutes"]);
    check(Task::Translate, "Le chat.", &["Le chat"], &["le chat", "La chat."]);
}

#[test]
fn copies_are_exact() {
    check(Task::Copy, "A red cup", &["A red cup\n"], &["a red cup", "A red cup.", "A  red cup"]);
}

#[test]
fn calls_must_be_the_same_and_words_beside_them_do_not_matter() {
    let call = |name: &str, minutes| Call { name: name.into(), arguments: json!({ "m": minutes }) };
    let case = Case { wanted: Wanted::call(call("timer", json!(5))), ..wanting(Task::Tool, "") };
    assert!(good(&case, "", &[call("timer", json!(5))]));
    assert!(good(&case, "One moment.", &[call("timer", json!("5"))]));
    assert!(!good(&case, "", &[call("timer", json!(6))]));
    assert!(!good(&case, "", &[call("clock", json!(5))]));
    assert!(!good(&case, "", &[call("timer", json!(5)), call("timer", json!(5))]));
    assert!(!good(&case, "timer 5", &[]));
}

#[test]
fn a_call_where_none_is_wanted_is_wrong() {
    let call = Call { name: "timer".into(), arguments: json!({}) };
    let none = wanting(Task::Tool, "Sorry, I have no tool for that.");
    assert!(good(&none, "I cannot do that.", &[]));
    assert!(!good(&none, "", &[call]));
}

#[test]
fn chat_is_scored_by_what_it_must_hold() {
    let unknown = "I am too small to know that. A larger model may: oratory run MODEL";
    check(Task::Chat, unknown, &["Sorry, I do not know."], &["Paris", "Hello!"]);
    check(Task::Chat, "You are welcome!", &["Welcome"], &["Bye"]);
    check(Task::Chat, "Hello! How can I help you?", &["Hi, how are you?"], &["This is a thing."]);
}
