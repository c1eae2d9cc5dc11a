//! Places that fail, hang and come back, as clients of the server meet them.

use std::time::{Duration, Instant};

use oratory_fakes::Provider;
use serde_json::{Value, json};

use crate::house::{House, Response, Server};

/// Returns settings with one place for each provider, all of which serve the same models.
fn settings(providers: &[(&str, &Provider)], more: &str) -> String {
    let place = |(name, provider): &(&str, &Provider)| {
        format!(
            "[places.{name}]\nurl = \"{}\"\ntier = \"onprem\"\nmodels = [\"echo\"]\nclearance = \"internal\"\n",
            provider.url()
        )
    };
    let places: String = providers.iter().map(place).collect();
    format!("{more}\n{places}")
}

fn ask(server: &Server, turns: &[&str]) -> Response {
    let messages: Vec<Value> =
        turns.iter().map(|text| json!({ "role": "user", "content": text })).collect();
    server.chat(&json!({ "model": "echo", "messages": messages }))
}

/// Asks, expects an answer and returns where it came from.
fn place(server: &Server, turns: &[&str]) -> String {
    let response = ask(server, turns);
    let place = response.header("x-oratory-place").unwrap_or_default().to_owned();
    assert_eq!(response.status, 200, "{}", response.head);
    place
}

fn unavailable() -> String {
    let body =
        json!({ "error": { "message": "try later", "type": "x", "code": null } }).to_string();
    format!("HTTP/1.1 503 Service Unavailable\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_stays_with_its_replica_and_moves_when_that_dies() {
    let (one, two) = (Provider::start().await, Provider::start().await);
    let house = House::new().settings(&settings(&[("one", &one), ("two", &two)], ""));
    let server = house.serve();
    let opening = |number: usize| format!("hello {number}");
    let first: Vec<String> = (0..12).map(|number| place(&server, &[&opening(number)])).collect();
    for (number, first) in first.iter().enumerate() {
        assert_eq!(place(&server, &[&opening(number), "and then?"]), *first);
    }
    drop(server);
    let server = house.serve();
    for (number, first) in first.iter().enumerate() {
        assert_eq!(place(&server, &[&opening(number), "and then?", "and now?"]), *first);
    }
    let at_one = first.iter().filter(|place| *place == "one/echo").count();
    assert!((1..12).contains(&at_one), "all conversations went to one place: {first:?}");
    drop(one);
    for number in 0..12 {
        assert_eq!(place(&server, &[&opening(number), "still there?"]), "two/echo");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_503_is_asked_again_and_every_departure_has_its_receipt() {
    let lab = Provider::faltering(unavailable(), 1, 1000).await;
    let house = House::new().settings(&settings(&[("lab", &lab)], ""));
    let server = house.serve();
    let response = ask(&server, &["hello"]);
    assert_eq!((response.status, lab.received().len()), (200, 2));
    assert_eq!(response.json()["choices"][0]["message"]["content"], "hello");
    let receipts = std::fs::read_to_string(house.path().join("receipts.jsonl")).unwrap();
    assert_eq!(receipts.lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_answers_503_every_other_time_is_not_stormed() {
    let lab = Provider::faltering(unavailable(), 1, 2).await;
    let house = House::new().settings(&settings(&[("lab", &lab)], ""));
    let server = house.serve();
    let asked = 100;
    let answered = (0..asked).filter(|_| ask(&server, &["hello"]).status == 200).count();
    // Ten more at first, and then one for ten: not one for each that failed.
    let more = lab.received().len() - asked;
    assert!((10..=20).contains(&more), "{more}");
    assert_eq!(answered, lab.received().len() / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_hangs_is_hedged_where_that_is_wanted() {
    let (hangs, answers) = (Provider::saying("").await, Provider::start().await);
    let hedge = "[route]\nhedge_milliseconds = 50";
    let places = [("hangs", &hangs), ("answers", &answers)];
    let house = House::new().settings(&settings(&places, hedge));
    let server = house.serve();
    let began = Instant::now();
    for number in 0..8 {
        assert_eq!(place(&server, &[&format!("hello {number}")]), "answers/echo");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let asked = hangs.received().len();
    assert!((1..8).contains(&asked), "{asked} of 8 conversations began at the place that hangs");
    crate::house::until("the losers have been called off", || hangs.listeners() == 0);
    drop(server);
    let path = house.path().join("oratory.db");
    let store = oratory_store::Store::open(oratory_store::Config {
        path: Some(path),
        ..oratory_store::Config::default()
    });
    let records = store.recent(8).unwrap();
    let hedged = records.iter().filter(|record| record.reason.contains("; hedged"));
    assert_eq!(hedged.count(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_says_that_nothing_is_left_is_not_asked_until_there_is() {
    let body = json!({
        "id": "1", "object": "chat.completion", "created": 1, "model": "echo",
        "choices": [{ "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": "the last one" } }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 4 },
    })
    .to_string();
    let limits = "x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 1m0s\r\n";
    let last = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{limits}\r\n{body}", body.len());
    let lab = Provider::saying(last).await;
    let house = House::new().settings(&settings(&[("lab", &lab)], ""));
    let server = house.serve();
    assert_eq!(place(&server, &["hello"]), "lab/echo");
    let refused = ask(&server, &["again"]);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((50..=60).contains(&wait), "{wait}");
    assert_eq!((refused.status, lab.received().len()), (429, 1));
}
