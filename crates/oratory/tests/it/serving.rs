//! The service over HTTP: answers, streams, lists, and errors in words.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::house::{House, Server};

fn hello() -> Value {
    json!({ "messages": [{ "role": "user", "content": "Who are you?" }], "temperature": 0 })
}

#[test]
fn a_chat_is_answered_in_one_piece() {
    let house = House::new();
    let server = house.serve();
    let response = server.chat(&hello());
    assert_eq!(response.status, 200, "{}", response.head);
    assert_eq!(response.header("x-oratory-place"), Some("home/mini"));
    assert!(response.header("x-request-id").is_some());
    let body = response.json();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    let text = body["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    assert!(text.contains("mini"), "{text}");
    let usage = &body["usage"];
    let sum =
        usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap();
    assert_eq!(usage["total_tokens"], sum);
    assert!(usage["completion_tokens"].as_u64().unwrap() > 5);
}

#[test]
fn a_stream_says_the_same_piece_by_piece_and_ends_properly() {
    let house = House::new();
    let server = house.serve();
    let whole = server.chat(&hello()).json();
    let mut asked = hello();
    asked["stream"] = json!(true);
    asked["stream_options"] = json!({ "include_usage": true });
    let response = server.chat(&asked);
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    let events = response.events();
    assert_eq!(events.last().unwrap(), "[DONE]");
    let events: Vec<Value> = events[..events.len() - 1]
        .iter()
        .map(|event| serde_json::from_str(event).unwrap())
        .collect();
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    let text: String = events
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(json!(text), whole["choices"][0]["message"]["content"]);
    let usage = events.last().unwrap();
    assert_eq!(usage["choices"], json!([]));
    assert_eq!(usage["usage"]["completion_tokens"], whole["usage"]["completion_tokens"]);
    assert_eq!(events[events.len() - 2]["choices"][0]["finish_reason"], "stop");
}

#[test]
fn models_health_and_metrics_tell_what_is_there() {
    let house = House::new();
    let server = house.serve();
    let models = server.get("/v1/models").json();
    assert_eq!(models["data"][0]["id"], "mini");
    assert_eq!(server.get("/v1/models/mini").json()["object"], "model");
    assert_eq!(server.get("/v1/models/none").status, 404);
    let health = server.get("/health").json();
    assert_eq!(health["status"], "ok", "{health}");
    assert_eq!(server.chat(&hello()).status, 200);
    let metrics = server.get("/metrics").text();
    assert!(metrics.contains("oratory_requests_total{outcome=\"answered\"} 1"), "{metrics}");
    assert!(metrics.contains("oratory_requests_in_flight 0"), "{metrics}");
    for figure in
        ["lanes_used 0", "queue_waiting 0", "engine_processes 1", "engine_crashes_total 0"]
    {
        assert!(metrics.contains(&format!("\noratory_{figure}\n")), "{figure}: {metrics}");
    }
    let value = |name: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().parse::<f64>().unwrap()
    };
    let planned = value("oratory_memory_planned_bytes ");
    assert!(planned > 1e6 && planned < value("oratory_memory_room_bytes "), "{metrics}");
    assert_eq!(
        value("oratory_tokens_total{kind=\"output\"}"),
        value("oratory_engine_tokens_total ")
    );
}

#[test]
fn a_wrong_request_is_told_what_is_wrong_and_where() {
    let house = House::new();
    let server = house.serve();
    let chat = |body: &str| {
        let response = server.post("/v1/chat/completions", body);
        let status = response.status;
        let error = response.json()["error"].clone();
        assert_eq!(error.as_object().unwrap().len(), 4, "{error}");
        (status, error["param"].as_str().map(str::to_owned), error["message"].to_string())
    };
    let user = r#"{"role":"user","content":"x"}"#;
    for (body, status, param) in [
        ("{\"messages", 400, Some("body")),
        ("[]", 400, Some("body")),
        (r#"{"messages":"hi"}"#, 400, Some("messages")),
        (r#"{"messages":[{"role":"king","content":"x"}]}"#, 400, Some("messages[0].role")),
        (&format!(r#"{{"messages":[{user}],"temperature":9}}"#), 400, Some("temperature")),
        (&format!(r#"{{"messages":[{user}],"n":99}}"#), 400, Some("n")),
        (&format!(r#"{{"messages":[{user}],"tools":[{{}}]}}"#), 400, Some("tools[0].function")),
        (&format!(r#"{{"messages":[{user}],"model":"gpt-x"}}"#), 404, Some("model")),
        (r#"{"messages":[]}"#, 400, Some("messages")),
    ] {
        let (got, at, message) = chat(body);
        assert_eq!((got, at.as_deref()), (status, param), "{body}: {message}");
    }
    assert_eq!(server.get("/v1/nothing").status, 404);
    assert_eq!(server.get("/v1/chat/completions").status, 405);
    let unknown = format!(r#"{{"messages":[{user}],"nobody_knows":1,"max_tokens":2,"tools":[]}}"#);
    assert_eq!(server.post("/v1/chat/completions", &unknown).status, 200);
}

#[test]
fn a_prompt_that_does_not_fit_is_refused_with_both_numbers() {
    let house = House::new();
    let server = house.serve();
    let long = "word ".repeat(5000);
    let response = server.chat(&json!({ "messages": [{ "role": "user", "content": long }] }));
    assert_eq!(response.status, 400);
    let error = response.json()["error"].clone();
    assert_eq!(error["code"], "context_length_exceeded");
    assert!(error["message"].as_str().unwrap().contains("2048"), "{error}");
}

#[test]
fn a_foreign_page_is_not_served_and_neither_is_a_body_without_end() {
    let house = House::new().settings("[server]\nbody_megabytes = 1\n");
    let server = house.serve();
    let body = hello().to_string();
    let foreign = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\norigin: https://evil.example\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(server.send(&foreign).status, 403);
    let huge = json!({ "messages": [{ "role": "user", "content": "x".repeat(2 << 20) }] });
    assert_eq!(server.chat(&huge).status, 413);
}

#[test]
fn an_address_others_can_reach_needs_a_key() {
    let house = House::new();
    let refused = house.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("server.key"));
    let house = House::new().settings("[server]\nkey = \"open sesame\"\n");
    let server = house.serve();
    assert_eq!(server.chat(&hello()).status, 401);
    assert_eq!(server.get("/health").status, 200);
    let body = hello().to_string();
    let with_key = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer open sesame\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(server.send(&with_key).status, 200);
}

#[cfg(target_os = "linux")]
#[test]
fn an_idle_server_is_small() {
    let house = House::new();
    let server = house.serve();
    assert_eq!(server.get("/health").status, 200);
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kilobytes < 40 * 1024, "{kilobytes} KiB resident");
}

#[test]
fn up_says_that_only_built_in_models_are_here_and_how_to_get_a_larger_one() {
    let house = House::new();
    let mut command = house.command(&["up", "--listen", "127.0.0.1:0"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut log = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("Ctrl-C") {
        use std::io::BufRead;
        assert!(log.read_line(&mut said).unwrap() > 0, "{said}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.contains("http://127.0.0.1:"), "{said}");
    assert!(said.contains("so `mini` answers"), "{said}");
    assert!(said.contains("oratory models import"), "{said}");
    assert!(!said.contains('\x1b'), "no colour in a pipe: {said}");
}

#[test]
fn stopping_lets_a_stream_end() {
    let house = House::new().with_drone();
    let mut server: Server = house.serve();
    let mut response = server.chat(&json!({
        "model": "drone", "stream": true, "max_tokens": 20,
        "messages": [{ "role": "user", "content": "Go on" }],
    }));
    assert!(response.event().is_some());
    let pid = server.pid().to_string();
    let sent = std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(sent.success());
    assert_eq!(response.events().last().unwrap(), "[DONE]");
    let status = server.child.wait().unwrap();
    assert!(status.success(), "{status}");
}
