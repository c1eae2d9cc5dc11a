//! Fields, tools and headers that nobody here knows, at home, where nobody understands them: they are
//! left out and named, or refused by who asks for that.

use serde_json::{Value, json};

use crate::front::{Response, front};

/// Returns the names of what was left out.
fn left_out(response: &Response) -> Vec<&str> {
    response.head.lines().filter_map(|line| line.strip_prefix("x-oratory-left-out: ")).collect()
}

fn bodies() -> [(&'static str, Value); 5] {
    let messages = json!([{ "role": "user", "content": "hello" }]);
    [
        ("/v1/chat/completions", json!({ "model": "echo", "messages": messages })),
        ("/v1/responses", json!({ "model": "echo", "input": "hello" })),
        ("/v1/messages", json!({ "model": "echo", "max_tokens": 9, "messages": messages })),
        ("/api/chat", json!({ "model": "echo", "stream": false, "messages": messages })),
        ("/api/generate", json!({ "model": "echo", "stream": false, "prompt": "hello" })),
    ]
}

#[tokio::test]
async fn what_nobody_knows_is_named_and_recorded() {
    let front = front().await;
    for (path, mut body) in bodies() {
        body["novel"] = json!({ "a": 1 });
        body["void"] = json!(null);
        let response = front.post(path, &body).await;
        assert_eq!(response.status, 200, "{path}: {}", response.body);
        assert_eq!(left_out(&response), ["novel"], "{path}");
        let reason = front.ledger.records().pop().unwrap().reason;
        assert!(reason.ends_with("; left out: novel"), "{path}: {reason}");
    }
}

#[tokio::test]
async fn a_stream_names_it_too() {
    let front = front().await;
    for (path, mut body) in bodies() {
        body["stream"] = json!(true);
        body["novel"] = json!(1);
        let response = front.post(path, &body).await;
        assert_eq!(left_out(&response), ["novel"], "{path}: {}", response.head);
    }
}

#[tokio::test]
async fn what_stands_deeper_is_named_by_its_place() {
    let front = front().await;
    let body = json!({
        "messages": [
            { "role": "user", "content": "hello", "novel": 1 },
            { "role": "assistant", "content": "x", "refusal": null, "annotations": [] },
            { "role": "user", "content": "hello", "novel": 1 },
        ],
        "stream_options": { "novel": 1 }, "user": "u", "verbosity": "low",
    });
    let response = front.post("/v1/chat/completions", &body).await;
    assert_eq!(left_out(&response), ["messages[].novel", "stream_options.novel"]);
}

#[tokio::test]
async fn a_strict_request_is_refused_by_the_name_of_what_would_be_left_out() {
    let front = front().await;
    for (path, mut body) in bodies() {
        let strict = "x-oratory-strict: true\r\n";
        let fine = front.post_bytes(path, strict, body.to_string().as_bytes()).await;
        assert_eq!(fine.status, 200, "{path}: {}", fine.body);
        body["novel"] = json!(1);
        let refused = front.post_bytes(path, strict, body.to_string().as_bytes()).await;
        assert_eq!(refused.status, 400, "{path}");
        assert!(refused.body.contains("`novel` would be left out"), "{}", refused.body);
        assert_eq!(refused.json()["error"].is_string(), path.starts_with("/api"));
        assert_eq!(refused.json()["type"] == "error", path == "/v1/messages");
        let lenient = "x-oratory-strict: false\r\n";
        let answered = front.post_bytes(path, lenient, body.to_string().as_bytes()).await;
        assert_eq!(answered.status, 200, "{path}");
        let wrong = "x-oratory-strict: perhaps\r\n";
        let wrong = front.post_bytes(path, wrong, body.to_string().as_bytes()).await;
        assert_eq!(wrong.status, 400, "{path}");
    }
    let body = bodies()[0].1.to_string().replace("}]}", "}],\"novel\":1}");
    let refused = front.chat_with("x-oratory-strict: true\r\n", &body).await;
    assert_eq!(refused.told().1, "novel", "{body}");
}

#[tokio::test]
async fn headers_are_named_and_what_changes_an_answer_is_refused() {
    let front = front().await;
    let [chat, _, (path, messages), ..] = bodies();
    let head = "anthropic-beta: novel-2099\r\nanthropic-version: 2023-06-01\r\n";
    let response = front.post_bytes(path, head, messages.to_string().as_bytes()).await;
    assert_eq!(left_out(&response), ["anthropic-beta (header)"]);
    let mut body = chat.1.clone();
    body["web_search_options"] = json!({});
    let (status, param, message) = front.post(chat.0, &body).await.told();
    assert_eq!((status, &*param), (400, "web_search_options"), "{message}");
    let mut body = chat.1;
    body["tools"] = json!([{ "type": "web", "function": { "name": "x" } }]);
    let (status, param, message) = front.post(chat.0, &body).await.told();
    assert_eq!((status, &*param), (400, "tools[0]"), "{message}");
    let mut body = messages.clone();
    body["mcp_servers"] = json!([{ "url": "x" }]);
    let response = front.post(path, &body).await;
    assert_eq!(response.status, 400);
    assert!(response.body.contains("`mcp_servers`"), "{}", response.body);
    body["mcp_servers"] = json!([]);
    assert_eq!(front.post(path, &body).await.status, 200);
    let mut body = messages;
    body["tools"] = json!([{ "type": "computer_20250124", "name": "computer" }]);
    assert_eq!(left_out(&front.post(path, &body).await), ["tools[0] (computer_20250124)"]);
    body["tool_choice"] = json!({ "type": "tool", "name": "computer" });
    assert_eq!(front.post(path, &body).await.status, 400);
}

#[tokio::test]
async fn much_and_deep_unknown_things_do_no_harm() {
    let front = front().await;
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let body =
        format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}}],\"deep\":{deep}}}");
    let response = front.chat(&body).await;
    assert_eq!((response.status, left_out(&response)), (200, vec!["deep"]), "{}", response.body);
    let mut body = bodies()[0].1.clone();
    (0..40).for_each(|at| body[format!("novel{at}")] = json!("x".repeat(10_000)));
    let response = front.post("/v1/chat/completions", &body).await;
    assert_eq!((response.status, left_out(&response).len()), (200, 16));
    (0..100).for_each(|at| body[format!("novel{at}")] = json!("x"));
    let response = front.post("/v1/chat/completions", &body).await;
    assert_eq!(response.status, 400);
    assert!(response.body.contains("more than 64 fields"), "{}", response.body);
}
