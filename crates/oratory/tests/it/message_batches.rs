//! Batches of messages over the wire, in Anthropic's words: told apart from OpenAI's, which lie beside
//! them, and no less lasting.
//!
//! Anthropic's own client asks for them in `clients`.

use oratory_local::story::{self, Story};
use serde_json::{Value, json};

use crate::house::{House, Response, Server, until};

const BATCHES: &str = "/v1/messages/batches";

fn message(model: &str, tokens: u32) -> Value {
    let messages = json!([{ "role": "user", "content": "Hello" }]);
    json!({ "model": model, "messages": messages, "max_tokens": tokens })
}

fn wish(name: &str, params: &Value) -> Value {
    json!({ "custom_id": name, "params": params })
}

fn post(server: &Server, requests: &[Value]) -> Response {
    server.post(BATCHES, &json!({ "requests": requests }).to_string())
}

fn begin(server: &Server, requests: &[Value]) -> String {
    let begun = post(server, requests);
    assert_eq!(begun.status, 200);
    begun.json()["id"].as_str().unwrap().to_owned()
}

fn batch(server: &Server, id: &str) -> Value {
    server.get(&format!("{BATCHES}/{id}")).json()
}

fn ends(server: &Server, id: &str) -> Value {
    until("the batch has ended", || batch(server, id)["processing_status"] == "ended");
    batch(server, id)
}

fn delete(server: &Server, id: &str) -> Response {
    server.send(&format!(
        "DELETE {BATCHES}/{id} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    ))
}

fn results(server: &Server, id: &str) -> Vec<Value> {
    let told = server.get(&format!("{BATCHES}/{id}/results"));
    assert_eq!(told.status, 200);
    // What comes in chunks has their lengths between its lines.
    let lines = told.text();
    let lines = lines.lines().filter_map(|line| serde_json::from_str(line).ok());
    lines.filter(Value::is_object).collect()
}

/// Returns the name of each request, and what came of it.
fn types(results: &[Value]) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let one = |line: &Value| text(&line["custom_id"]) + " " + &text(&line["result"]["type"]);
    results.iter().map(one).collect()
}

#[test]
fn what_came_of_each_message_is_told_once_all_are_over() {
    let house = House::new();
    let server = house.serve();
    let mut stream = message("mini", 2);
    stream["stream"] = json!(true);
    let id = begin(
        &server,
        &[
            wish("one", &message("mini", 3)),
            wish("none", &message("nobody-knows-it", 2)),
            wish("stream", &stream),
        ],
    );
    let ended = ends(&server, &id);
    let counts =
        json!({ "processing": 0, "succeeded": 1, "errored": 2, "canceled": 0, "expired": 0 });
    assert_eq!((&ended["type"], &ended["request_counts"]), (&json!("message_batch"), &counts));
    assert_eq!(ended["results_url"], format!("http://localhost{BATCHES}/{id}/results"));
    let told = results(&server, &id);
    assert_eq!(types(&told), ["one succeeded", "none errored", "stream errored"]);
    assert_eq!(told[0]["result"]["message"]["usage"]["output_tokens"], 3);
    assert_eq!(told[1]["result"]["error"]["error"]["type"], "not_found_error");
    // OpenAI's clients see nothing of it.
    for path in ["/v1/batches", "/v1/files"] {
        assert_eq!(server.get(path).json()["data"], json!([]), "{path}");
    }
    assert_eq!(server.get(&format!("/v1/batches/{id}")).status, 404);
    assert_eq!(delete(&server, &id).json()["type"], "message_batch_deleted");
    let gone = server.get(&format!("{BATCHES}/{id}"));
    assert_eq!(
        (gone.status, gone.json()["error"]["type"].clone()),
        (404, json!("not_found_error"))
    );
    let kept: Vec<_> = house.path().join("files/http").read_dir().unwrap().collect();
    assert_eq!(kept.len(), 1, "only the lock stays: {kept:?}");
}

#[test]
fn messages_that_were_answered_before_a_server_was_killed_are_not_asked_again() {
    let house = House::new();
    let story =
        Story { text: "On and on".to_owned(), ends: false, width: 512, layers: 4, context: 8192 };
    story::write(&house.model("slow"), &story).unwrap();
    let wishes: Vec<Value> =
        (0..6).map(|at| wish(&at.to_string(), &message("slow", 200))).collect();
    let mut server = house.serve();
    let id = begin(&server, &wishes);
    let output = house.path().join("files/http");
    let output = output.join(format!("file-{}-output.data", id.split_once('_').unwrap().1));
    let answered = || std::fs::read_to_string(&output).unwrap_or_default().lines().count();
    until("some are answered", || answered() >= 2);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let before = std::fs::read_to_string(&output).unwrap();
    assert!(before.lines().count() < 6, "it was over before it was killed");
    let server = house.serve();
    let ended = ends(&server, &id);
    assert_eq!(ended["request_counts"]["succeeded"], 6);
    let names: Vec<String> = results(&server, &id)
        .iter()
        .map(|line| line["custom_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, (0..6).map(|at| at.to_string()).collect::<Vec<_>>());
    let after = std::fs::read_to_string(&output).unwrap();
    let whole = before.rfind('\n').unwrap();
    assert!(after.starts_with(&before[..whole]), "what was answered was asked again");
}

#[test]
fn a_batch_is_called_off_and_one_that_makes_no_sense_is_refused() {
    let house = House::new().with_drone();
    let server = house.serve();
    let wishes: Vec<Value> =
        (0..3).map(|at| wish(&format!("w-{at}"), &message("drone", 4000))).collect();
    let id = begin(&server, &wishes);
    let counts = batch(&server, &id)["request_counts"].clone();
    assert_eq!(counts["processing"], 3);
    assert_eq!(server.get(&format!("{BATCHES}/{id}/results")).status, 400);
    assert_eq!(delete(&server, &id).status, 400);
    let called_off = server.post(&format!("{BATCHES}/{id}/cancel"), "").json();
    assert_eq!(called_off["processing_status"], "canceling");
    let ended = ends(&server, &id);
    assert_eq!(ended["request_counts"]["canceled"], 3, "{ended}");
    let told = results(&server, &id);
    assert_eq!(types(&told), ["w-0 canceled", "w-1 canceled", "w-2 canceled"]);
    let good = message("mini", 1);
    for (requests, words) in [
        (vec![], "`requests` holds 0 requests"),
        (vec![wish("a b", &good)], "`requests[0].custom_id` is \"a b\""),
        (vec![wish(&"x".repeat(65), &good)], "`requests[0].custom_id`"),
        (vec![wish("a", &good), wish("a", &good)], "`requests[1].custom_id`"),
        (vec![json!({ "custom_id": "a" })], "`requests[0].params` is missing"),
        (vec![wish("a", &json!("b"))], "`requests[0].params`"),
    ] {
        let told = post(&server, &requests);
        assert_eq!(told.status, 400, "{words}");
        let told = told.json();
        assert_eq!(told["error"]["type"], "invalid_request_error");
        assert!(told["error"]["message"].as_str().unwrap().contains(words), "{told}");
    }
    let secret = json!({ "requests": [wish("a", &good)] }).to_string();
    let refused = server.send(&format!(
        "POST {BATCHES} HTTP/1.1\r\nhost: localhost\r\nx-oratory-label: secret\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{secret}",
        secret.len()
    ));
    assert_eq!(refused.json()["error"]["type"], "permission_error");
}

#[test]
fn batches_are_listed_page_by_page() {
    let house = House::new();
    let server = house.serve();
    let mut ids: Vec<String> =
        (0..3).map(|_| begin(&server, &[wish("a", &message("mini", 1))])).collect();
    let list = |query: &str| {
        let told = server.get(&format!("{BATCHES}?{query}")).json();
        let ids = told["data"].as_array().unwrap().iter();
        let ids: Vec<String> = ids.map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(told["first_id"], json!(ids.first()));
        (ids, told["has_more"].as_bool().unwrap())
    };
    // Begun within a second, they are told apart by their names.
    let (all, more) = list("");
    ids.sort();
    let mut named = all.clone();
    named.sort();
    assert_eq!((named, more), (ids, false));
    assert_eq!(list("limit=2"), (all[..2].to_vec(), true));
    assert_eq!(list(&format!("limit=2&after_id={}", all[0])), (all[1..].to_vec(), false));
    assert_eq!(list(&format!("limit=1&before_id={}", all[2])), (all[1..2].to_vec(), true));
    assert_eq!(list(&format!("before_id={}", all[1])), (all[..1].to_vec(), false));
    for query in ["limit=0", "limit=1001", "after_id=x", "before_id=x"] {
        assert_eq!(server.get(&format!("{BATCHES}?{query}")).status, 400, "{query}");
    }
}
