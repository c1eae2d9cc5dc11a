//! `oratory ledger` and the table of models: what people and scripts see of them.

use oratory_fakes::{Provider, Registry};
use oratory_local::story::{self, Story};
use serde_json::{Value, json};

use crate::house::{House, Server, printed, until};

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

/// Returns settings for a cloud of the fakes, with a line of its own.
fn cloud(provider: &Provider, line: &str) -> String {
    let url = provider.url();
    format!(
        "[places.cloud]\nurl = \"{url}\"\nmodels = [\"echo\"]\nclearance = \"internal\"\n{line}\n"
    )
}

fn elsewhere(server: &Server) {
    let messages = json!([{ "role": "user", "content": "Hello there" }]);
    assert_eq!(server.chat(&json!({ "model": "cloud/echo", "messages": messages })).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_keeps_the_price_it_had() {
    let provider = Provider::start().await;
    let house = House::new().settings(&cloud(&provider, "price = \"1000 2000\""));
    let server = house.serve();
    elsewhere(&server);
    let read = |house: &House| json_of(house, &["ledger", "--json"])["total"].clone();
    until("it is in the database", || read(&house)["answered"] == 1);
    let before = read(&house);
    let spent = before["spent"].as_f64().unwrap();
    assert!(spent > 0.0 && before["unpriced"] == 0, "{before}");
    drop(server);
    let house = house.settings(&cloud(&provider, "price = \"1 2\""));
    assert_eq!(read(&house)["spent"].as_f64(), Some(spent), "history was written anew");
    // A place that nobody priced costs nobody knows what, not nothing.
    let house = house.settings(&cloud(&provider, ""));
    let server = house.serve();
    elsewhere(&server);
    until("it is in the database", || read(&house)["answered"] == 2);
    let after = read(&house);
    assert_eq!((after["spent"].as_f64(), &after["unpriced"]), (Some(spent), &json!(1)), "{after}");
    assert_eq!(after["home_share"], 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_written_whole_and_over_nothing_else() {
    let provider = Provider::start().await;
    let house = House::new().settings(&cloud(&provider, "price = \"3 15\""));
    let server = house.serve();
    elsewhere(&server);
    let messages = json!([{ "role": "user", "content": "Hello" }]);
    let body = json!({ "model": "mini", "messages": messages, "max_tokens": 4 });
    assert_eq!(server.chat(&body).status, 200);
    until("both are in the database", || {
        json_of(&house, &["ledger", "--json"])["total"]["answered"] == 2
    });
    let page = house.path().join("ledger.html");
    let page = page.to_str().unwrap();
    let arguments = ["ledger", "--html", page, "--machine", "2500"];
    for _ in 0..2 {
        assert!(printed(&house.run(&arguments)).contains("ledger.html"));
    }
    let text = std::fs::read_to_string(page).unwrap();
    for told in ["cloud/echo", "home/", "50 %", "When a machine has paid for itself", "</html>"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains("Hello"), "the page holds text of a request");
    std::fs::write(page, "mine").unwrap();
    let refused = house.run(&arguments);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--force"));
    assert_eq!(std::fs::read_to_string(page).unwrap(), "mine");
    let forced = house.run(&["ledger", "--html", page, "--force"]);
    assert!(forced.status.success());
    assert!(std::fs::read_to_string(page).unwrap().starts_with("<!DOCTYPE html>"));
}

#[test]
fn a_database_of_the_first_release_is_added_up_as_it_is() {
    let house = House::new();
    let path = house.path().join("oratory.db");
    let first = include_str!("../../../oratory-store/tests/fixtures/format-1.sql");
    rusqlite::Connection::open(&path).unwrap().execute_batch(first).unwrap();
    let before = std::fs::read(&path).unwrap();
    let ledger = json_of(&house, &["ledger", "--json"]);
    assert_eq!(ledger["total"]["requests"], 1, "{ledger}");
    assert_eq!(ledger["total"]["reasoning_tokens"], Value::Null);
    assert_eq!(std::fs::read(&path).unwrap(), before, "it was changed beside a running release");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_sees_what_its_caller_has_spent() {
    let provider = Provider::start().await;
    let house = House::new();
    let file = house.path().join("house.cedar");
    let policy = "permit (principal, action, resource);\n\
                  @id(\"enough\") forbid (principal, action, resource)\n\
                  when { context.spent_today_cents >= 1 } unless { resource.tier == \"edge\" };";
    std::fs::write(&file, policy).unwrap();
    let cloud = cloud(&provider, "price = \"1000 2000\"");
    let house = house.settings(&format!("[policy]\nfile = {file:?}\n{cloud}"));
    let server = house.serve();
    elsewhere(&server);
    let messages = json!([{ "role": "user", "content": "Hello there" }]);
    let asked = json!({ "model": "cloud/echo", "messages": messages });
    until("the rule has seen it", || server.chat(&asked).status == 403);
    let told = server.chat(&asked).json().to_string();
    assert!(told.contains("enough"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_licence_is_neither_fetched_nor_asked() {
    let registry = Registry::start().await;
    let bytes = story::bytes(&Story::default());
    registry.repository("maker/Small-GGUF", "llama3.1", &[("Small-Q8_0.gguf", &bytes)]);
    let house = House::new();
    let pull = |house: &House| {
        let mut command = house.command(&["models", "pull", "maker/Small-GGUF"]);
        command.env("HF_ENDPOINT", registry.url()).output().unwrap()
    };
    let house = house.settings("[models]\nlicences_forbidden = [\"llama\"]\n");
    let refused = pull(&house);
    assert_eq!(refused.status.code(), Some(3));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        told.contains("Llama 3.1 Community License") && told.contains("licences_forbidden"),
        "{told}"
    );
    assert!(!house.model("Small-Q8_0").exists());
    // Fetched while it was allowed: nobody is asked where nobody watches, and all is told.
    let house = house.settings("");
    let fetched = pull(&house);
    let told = String::from_utf8_lossy(&fetched.stderr).into_owned();
    assert!(fetched.status.success() && told.contains("under conditions"), "{told}");
    let house = house.settings("[models]\nlicences_forbidden = [\"llama\"]\n");
    let server = house.serve();
    let asked = |model: &str| {
        let messages = json!([{ "role": "user", "content": "Hello" }]);
        server.chat(&json!({ "model": model, "messages": messages, "max_tokens": 2 }))
    };
    let refused = asked("Small-Q8_0");
    assert_eq!(refused.status, 403);
    let told = refused.json().to_string();
    assert!(
        told.contains("Llama 3.1 Community License") && told.contains("licences_forbidden"),
        "{told}"
    );
    // What comes with the program answers instead, where a model is not named.
    let other = asked("auto");
    assert_eq!(other.status, 200);
    let portfolio = printed(&house.run(&["portfolio"]));
    assert!(portfolio.contains("forbidden:"), "{portfolio}");
}

#[tokio::test(flavor = "multi_thread")]
async fn places_and_models_are_listed_with_their_prices() {
    let provider = Provider::start().await;
    let house = House::new().settings(&cloud(&provider, "price = \"3 15\""));
    let told = printed(&house.run(&["portfolio"]));
    assert!(told.contains("$3.00 in and $15.00 out a million"), "{told}");
    let rows = json_of(&house, &["portfolio", "--json"]);
    assert_eq!(rows[1]["models"][0]["price"]["output"], 15.0, "{rows}");
    let list = json_of(&house, &["models", "list", "--available", "--json"]);
    let row = list.as_array().unwrap().iter().find(|row| row["name"] == "gpt-oss-20b").unwrap();
    assert!(row["cheapest"]["dollars_for_a_million"]["input"].as_f64().unwrap() > 0.0, "{row}");
}
