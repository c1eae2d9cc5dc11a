//! Models that clients make, as Ollama's do: copies, habits, files handed over by their digests.
//!
//! What they are made of is a made model, so that all of them answer.

use std::process::Command;

use oratory_local::story::{self, Story};
use serde_json::{Value, json};

use crate::house::{House, Response, Server, until};

fn house() -> House {
    let house = House::new().settings("[models]\nover_http = \"on\"\n");
    story::write(&house.model("told"), &Story::default()).unwrap();
    house
}

fn post(server: &Server, path: &str, body: &Value) -> (u16, String) {
    let response = server.post(path, &body.to_string());
    (response.status, response.text())
}

/// Asks a model at temperature 0, and returns what it told.
fn asked(server: &Server, model: &str, more: &Value) -> Value {
    let mut body = json!({ "model": model, "prompt": "Hello", "stream": false });
    body["options"] = more.clone();
    let response = server.post("/api/generate", &body.to_string());
    assert_eq!(response.status, 200, "{model}");
    response.json()
}

fn tag(server: &Server, model: &str) -> Option<Value> {
    let tags = server.get("/api/tags").json();
    tags["models"].as_array().unwrap().iter().find(|tag| tag["name"] == model).cloned()
}

fn delete(server: &Server, model: &str) -> Response {
    let body = json!({ "model": model }).to_string();
    server.send(&format!(
        "DELETE /api/delete HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

#[test]
fn a_model_is_made_of_another_with_habits_of_its_own() {
    let house = house();
    let server = house.serve();
    let made = json!({
        "model": "short:latest", "from": "told", "system": "Say no more than you must.",
        "parameters": { "num_predict": 3, "temperature": 0, "num_ctx": 512 }, "license": "Ours",
    });
    let (status, told) = post(&server, "/api/create", &made);
    assert_eq!(status, 200, "{told}");
    // Between the lines stand the lengths of chunks.
    let lines = told.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.last().unwrap()["status"], "success", "{told}");
    let (plain, short) = (asked(&server, "told", &json!({})), asked(&server, "short", &json!({})));
    assert_eq!((short["eval_count"].as_u64(), &short["done_reason"]), (Some(3), &json!("length")));
    let tokens = |told: &Value| told["prompt_eval_count"].as_u64().unwrap();
    assert!(tokens(&short) > tokens(&plain), "the instructions were not read: {short}");
    let longer = asked(&server, "short", &json!({ "num_predict": 5 }));
    assert_eq!(longer["eval_count"], 5, "what a request says counts more");
    // In every dialect, and under its own name.
    let chat = json!({ "model": "short", "messages": [{ "role": "user", "content": "Hello" }] });
    let chat = server.chat(&chat).json();
    assert_eq!((&chat["model"], &chat["usage"]["completion_tokens"]), (&json!("short"), &json!(3)));
    let shown = server.post("/api/show", r#"{"model":"short"}"#).json();
    assert_eq!(shown["system"], "Say no more than you must.");
    assert!(shown["parameters"].as_str().unwrap().contains("num_predict 3"), "{shown}");
    assert_eq!(shown["details"]["parent_model"], "told");
    assert_eq!(shown["details"]["family"], "llama");
    let tag = tag(&server, "short").unwrap();
    assert!(tag["modified_at"].as_str().unwrap() > "2020", "{tag}");
    drop(server);
    let server = house.serve();
    assert_eq!(asked(&server, "short", &json!({}))["eval_count"], 3, "it is gone after a restart");
    let listed = crate::house::printed(&house.run(&["models"]));
    assert!(listed.contains("short"), "{listed}");
    assert_eq!(delete(&server, "short").status, 200);
    assert_eq!(self::tag(&server, "short"), None);
}

#[test]
fn a_file_is_handed_over_and_becomes_a_model_that_can_be_copied() {
    let house = house();
    let server = house.serve();
    let file = house.path().join("file.gguf");
    std::fs::write(&file, story::bytes(&Story::default())).unwrap();
    let sum = Command::new("sha256sum").arg(&file).output().unwrap();
    let digest = String::from_utf8(sum.stdout).unwrap()[..64].to_owned();
    let blob = format!("/api/blobs/sha256:{digest}");
    let has = || {
        let head = format!("HEAD {blob} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        server.send(&head).status
    };
    let hand = |file: &[u8]| {
        use std::io::Write;
        let mut stream = std::net::TcpStream::connect(server.address).unwrap();
        let length = file.len();
        write!(
            stream,
            "POST {blob} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-length: {length}\r\n\r\n"
        )
        .unwrap();
        stream.write_all(file).unwrap();
        Response::of(stream).unwrap()
    };
    assert_eq!(has(), 404);
    let wrong = hand(b"GGUF, but another");
    assert!(wrong.status == 400 && wrong.text().contains("SHA-256"));
    assert_eq!(has(), 404);
    assert_eq!(hand(&std::fs::read(&file).unwrap()).status, 201);
    assert_eq!(has(), 200);
    let made = json!({ "model": "own", "files": { "file.gguf": format!("sha256:{digest}") }, "stream": false });
    let (status, told) = post(&server, "/api/create", &made);
    assert_eq!((status, told.as_str()), (200, r#"{"status":"success"}"#));
    until("the model is listed", || tag(&server, "own").is_some());
    assert_eq!(tag(&server, "own").unwrap()["digest"], digest);
    let (status, told) =
        post(&server, "/api/copy", &json!({ "source": "own", "destination": "me/twin:1b" }));
    assert_eq!((status, told.as_str()), (200, ""));
    assert_eq!(delete(&server, "own").status, 200);
    until("the copy is listed", || tag(&server, "me-twin-1b").is_some());
    assert!(asked(&server, "me-twin:1b", &json!({}))["response"].as_str().unwrap().len() > 3);
    assert_eq!(tag(&server, "me-twin-1b").unwrap()["digest"], digest);
}

#[test]
fn what_cannot_be_honoured_is_refused_by_name_and_nothing_is_made() {
    let house = house();
    let server = house.serve();
    for (more, status, words) in [
        (json!({ "from": "told", "template": "{{ .Prompt }}" }), 400, "`template`"),
        (json!({ "from": "told", "quantize": "q4_K_M" }), 400, "`quantize`"),
        (json!({ "from": "told", "messages": [{ "role": "user" }] }), 400, "`messages`"),
        (json!({ "from": "told", "parameters": { "tfs_z": 1 } }), 400, "`parameters.tfs_z`"),
        (json!({ "from": "told", "parameters": { "top_p": 7 } }), 400, "`parameters.top_p` is 7"),
        (json!({ "from": "told", "parameters": { "top_p": "x" } }), 400, "`parameters.top_p`"),
        (json!({ "from": "nothing-like-it" }), 404, "no model"),
        (json!({}), 400, "`from` is missing"),
        (json!({ "files": { "a.gguf": "sha256:12" } }), 400, "is no digest"),
        (json!({ "files": { "a.gguf": "x", "b.gguf": "y" } }), 400, "more than one model"),
        (json!({ "from": "told", "model": "../up" }), 400, "cannot be a model's name"),
        (json!({ "from": "told", "model": "told" }), 400, "already"),
    ] {
        let mut body = json!({ "model": "new", "stream": false });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (found, told) = post(&server, "/api/create", &body);
        assert!(found == status && told.contains(words), "{more}: {found} {told}");
    }
    assert_eq!(tag(&server, "new"), None);
    assert_eq!(post(&server, "/api/push", &json!({ "model": "told" })).0, 403);
    let closed = House::new().serve();
    for path in ["/api/copy", "/api/create", &format!("/api/blobs/sha256:{}", "0".repeat(64))] {
        let body = json!({ "model": "x", "from": "mini", "source": "mini", "destination": "x" });
        let (status, told) = post(&closed, path, &body);
        assert!(status == 403 && told.contains("models.over_http"), "{path}: {status} {told}");
    }
}
