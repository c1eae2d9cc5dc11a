//! `oratory ledger` and the table of models: what people and scripts see of them.

use serde_json::{Value, json};

use crate::house::{House, printed, until};

fn json_of(house: &House, arguments: &[&str]) -> Value {
    let output = house.command(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_ledger_adds_up_what_was_answered_and_compares_it() {
    let house = House::new();
    let server = house.serve();
    for number in 0..3 {
        let body = json!({
            "messages": [{ "role": "user", "content": format!("Hello number {number}") }],
            "max_tokens": 4, "temperature": 0,
        });
        assert_eq!(server.chat(&body).status, 200);
    }
    let read = || json_of(&house, &["ledger", "--json", "--machine", "2500"]);
    // A record is on disk when the answer ends, and in the database some milliseconds later.
    until("three answers are in the database", || read()["total"]["answered"] == 3);
    let ledger = read();
    assert_eq!(ledger["total"]["spent"], 0.0, "{ledger}");
    assert_eq!(ledger["home_share"], 1.0, "{ledger}");
    let read = ledger["total"]["input_tokens"].as_u64().unwrap();
    let known = ledger["total"]["cached_tokens"].as_u64().unwrap();
    let written = ledger["total"]["output_tokens"].as_u64().unwrap();
    // Two dollars for a million tokens read, a tenth of it for those known, ten for those written.
    let price = &ledger["reference"]["dollars_for_a_million"];
    let worth = price["input"].as_f64().unwrap() * (read - known) as f64
        + price["cached"].as_f64().unwrap() * known as f64
        + price["output"].as_f64().unwrap() * written as f64;
    let told = ledger["total"]["at_reference"].as_f64().unwrap();
    assert!((told - worth / 1e6).abs() < 1e-9, "{told} is not {worth}: {ledger}");
    assert_eq!(ledger["joules"], Value::Null);
    assert_eq!(ledger["break_even"]["points"].as_array().unwrap().len(), 6);
}

#[test]
fn an_empty_ledger_and_an_unknown_reference_are_told() {
    let house = House::new();
    let told = printed(&house.command(&["ledger"]).output().unwrap());
    assert!(told.contains("No request was recorded so far."), "{told}");
    let output = house.command(&["ledger", "--reference", "nobody/nothing"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("nobody/nothing") && told.contains("--reference"), "{told}");
}

#[test]
fn a_price_that_makes_no_sense_names_the_setting() {
    let house =
        House::new().settings("[places.lab]\nurl = \"http://127.0.0.1:9/v1\"\nprice = \"three\"\n");
    let output = house.command(&["ledger"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("places.lab.price") && told.contains("three"), "{told}");
}

#[test]
fn what_people_run_is_listed_with_its_licence() {
    let house = House::new();
    let list = json_of(&house, &["models", "list", "--available", "--json"]);
    let rows = list.as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == "gpt-oss-20b").unwrap();
    assert_eq!(row["licence"]["value"]["name"], "apache-2.0", "{row}");
    assert!(row["usual_bytes"]["value"].as_u64().unwrap() > 10_000_000_000, "{row}");
    let told = printed(&house.command(&["models", "list", "--available"]).output().unwrap());
    assert!(
        told.contains("qwen3.5-9b") && told.contains("Gemma Terms of Use (conditions)"),
        "{told}"
    );
}
