//! Requests that name no model, through the whole program: what was learnt decides, and says so.

use std::path::PathBuf;

use oratory_fakes::Provider;
use serde_json::{Value, json};

use crate::house::{House, Response, printed, until};

/// Outcomes by which the model at home can chat, and one elsewhere can do sums as well.
fn outcomes(house: &House) -> PathBuf {
    let line = |number: usize| {
        let (prompt, home) = match number % 2 {
            0 => (sum(number), 0.0),
            _ => (chat(number), 0.95),
        };
        let outcomes = json!({ "mini": { "score": home }, "cloud/echo": { "score": 1.0 } });
        json!({ "id": number.to_string(), "prompt": prompt, "outcomes": outcomes }).to_string()
    };
    let path = house.path().join("outcomes.jsonl");
    std::fs::write(&path, (0..120).map(|at| line(at) + "\n").collect::<String>()).unwrap();
    path
}

const SUBJECTS: [&str; 5] = ["the moon", "bread", "violins", "glaciers", "chess"];

fn sum(number: usize) -> String {
    let subject = SUBJECTS[number % SUBJECTS.len()];
    format!(
        "A shop sells {} things about {subject} at ${} each. How much in all?",
        number + 3,
        number % 17 + 2
    )
}

fn chat(number: usize) -> String {
    format!("Tell me what people like about {}.", SUBJECTS[number % SUBJECTS.len()])
}

fn settings(provider: &Provider, more: &str) -> String {
    format!(
        "[places.cloud]\nurl = \"{}\"\nmodels = [\"echo\"]\nclearance = \"internal\"\nprice = \"3 15\"\n\n{more}",
        provider.url()
    )
}

fn body(text: &str) -> Value {
    json!({ "model": "auto", "max_tokens": 8, "messages": [{ "role": "user", "content": text }] })
}

fn place(answer: &Response) -> String {
    assert!(answer.status == 200, "{}", answer.status);
    answer.header("x-oratory-place").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_learnt_sends_what_home_cannot_do_away_and_keeps_the_rest() {
    let provider = Provider::start().await;
    let house = House::new().settings(&settings(&provider, ""));
    let server = house.serve();
    assert!(place(&server.chat(&body(&sum(7)))).starts_with("cloud/"), "mini is a stand-in");
    let outcomes = outcomes(&house);
    let learn = house.run(&["eval", "learn", outcomes.to_str().unwrap()]);
    assert!(learn.status.success(), "{learn:?}");
    // The running service takes it up by itself.
    until("what was learnt is in force", || {
        place(&server.chat(&body(&chat(3)))).starts_with("home/mini")
    });
    let away = server.chat(&body(&sum(500)));
    let decision = away.header("x-oratory-decision").unwrap().to_owned();
    assert_eq!(place(&away), "cloud/echo", "{decision}");
    assert!(decision.contains("then home/mini 0.") && decision.contains(" $0.00"), "{decision}");
    let told = house.run(&["route", "--json", &sum(501)]);
    let told: Value = serde_json::from_str(&printed(&told)).unwrap();
    assert_eq!(told["candidates"][0]["model"], "echo", "{told}");
    assert!(told["candidates"][0]["quality"].as_f64().unwrap() > 0.7, "{told}");
    let explained = house.run(&["route", "--explain", &chat(9)]);
    let explained = String::from_utf8_lossy(&explained.stderr).into_owned();
    assert!(explained.contains("expected") && explained.contains("home/mini"), "{explained}");
    // Private text stays, however badly home will do.
    let private = server.chat(&body(&format!("{} Mail ada@example.org.", sum(5))));
    assert!(place(&private).starts_with("home/mini"));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_cascade_a_sure_answer_of_home_is_given_and_an_unsure_one_is_not() {
    let provider = Provider::start().await;
    let sure =
        |sure: &str| settings(&provider, &format!("[route]\nway = \"cascade\"\nsure = {sure}\n"));
    let house = House::new().settings(&sure("0.0"));
    let answer = house.serve().chat(&body("Say hello."));
    assert!(answer.header("x-oratory-decision").unwrap().contains("sure of its answer"));
    assert!(place(&answer).starts_with("home/mini"));
    let house = House::new().settings(&sure("1"));
    let answer = house.serve().chat(&body("Say hello."));
    assert!(answer.header("x-oratory-decision").unwrap().contains("home was only 0."));
    assert_eq!(place(&answer), "cloud/echo");
    assert_eq!(answer.json()["choices"][0]["message"]["content"], "Say hello.");
}

#[test]
fn a_share_that_is_none_is_refused_by_name() {
    let house = House::new().settings("[route]\ncloud_share = 10\n");
    let told = house.run(&["route", "hello"]);
    assert!(!told.status.success());
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(told.contains("route.cloud_share") && told.contains("from 0 to 1"), "{told}");
}
