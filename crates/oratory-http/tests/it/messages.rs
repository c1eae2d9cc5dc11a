//! Messages, on the wire as Anthropic's clients write and read them.
//!
//! Scripted models stand in for real ones.

use serde_json::{Value, json};

use crate::front::{Front, Response, front, front_with};

const PATH: &str = "/v1/messages?beta=true";

fn body(more: &Value) -> Value {
    let mut body = json!({
        "model": "echo",
        "max_tokens": 50,
        "messages": [{ "role": "user", "content": "one two three" }]
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

async fn ask(front: &Front, more: &Value) -> Response {
    front.post(PATH, &body(more)).await
}

/// Returns status, type and message of an error.
async fn told(front: &Front, more: &Value) -> (u16, String, String) {
    let response = ask(front, more).await;
    let told = response.json();
    assert_eq!(told["type"], "error", "{told}");
    let word = |name: &str| told["error"][name].as_str().unwrap().to_owned();
    (response.status, word("type"), word("message"))
}

fn tool(name: &str) -> Value {
    json!({ "name": name, "description": "d", "input_schema": { "type": "object" } })
}

#[tokio::test]
async fn a_message_has_exactly_these_bytes() {
    let response = ask(&front().await, &json!({})).await;
    assert_eq!(response.status, 200);
    assert_eq!(
        response.plain(),
        r#"{"id":"msg_ID","type":"message","role":"assistant","model":"echo","#.to_owned()
            + r#""content":[{"type":"text","text":"one two three"}],"stop_reason":"end_turn","#
            + r#""stop_sequence":null,"usage":{"input_tokens":3,"cache_creation_input_tokens":0,"#
            + r#""cache_read_input_tokens":0,"output_tokens":3}}"#
    );
}

#[tokio::test]
async fn thinking_and_calls_are_blocks_in_their_order() {
    let more = json!({ "model": "calls", "tools": [tool("add")] });
    let told = ask(&front().await, &more).await.json();
    let signature = told["content"][0]["signature"].as_str().unwrap();
    assert!(signature.starts_with("oratory-"), "{signature}");
    assert_eq!(
        told["content"],
        json!([
            { "type": "thinking", "thinking": "Hm.", "signature": signature },
            { "type": "text", "text": "Well" },
            { "type": "tool_use", "id": "call_1", "name": "add", "input": { "a": 1 } }
        ])
    );
    assert_eq!(told["stop_reason"], "tool_use");
    assert_eq!(
        told["usage"],
        json!({
            "input_tokens": 2, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 1,
            "output_tokens": 4
        })
    );
}

#[tokio::test]
async fn a_stream_has_exactly_these_bytes() {
    let more = json!({ "model": "calls", "tools": [tool("add")], "stream": true });
    let response = ask(&front().await, &more).await;
    assert!(response.head.contains("content-type: text/event-stream"), "{}", response.head);
    let expected = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_ID","type":"message","role":"assistant","model":"calls","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":2,"cache_creation_input_tokens":0,"cache_read_input_tokens":1,"output_tokens":0}}}

event: ping
data: {"type":"ping"}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm."}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"oratory-ID"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Well"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"call_1","name":"add","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":2,"cache_creation_input_tokens":0,"cache_read_input_tokens":1,"output_tokens":4}}

event: message_stop
data: {"type":"message_stop"}

"#;
    assert_eq!(response.plain(), expected);
}

#[tokio::test]
async fn why_it_ended_is_said_and_at_which_text() {
    let front = front().await;
    let stops = json!(["five", "two"]);
    for stream in [false, true] {
        let more = json!({ "stop_sequences": stops, "stream": stream });
        let response = ask(&front, &more).await;
        let told = match stream {
            false => response.json(),
            true => {
                let events = response.events();
                events.iter().find(|(name, _)| name == "message_delta").unwrap().1["delta"].clone()
            }
        };
        assert_eq!(
            (&told["stop_reason"], &told["stop_sequence"]),
            (&json!("stop_sequence"), &json!("two"))
        );
    }
    let told = ask(&front, &json!({ "max_tokens": 2 })).await.json();
    assert_eq!(
        (&told["stop_reason"], &told["content"][0]["text"]),
        (&json!("max_tokens"), &json!("one two "))
    );
}

#[tokio::test]
async fn thinking_that_is_not_to_be_shown_is_signed_all_the_same() {
    let front = front().await;
    let thinking = json!({ "type": "adaptive", "display": "omitted" });
    let told = ask(&front, &json!({ "model": "calls", "thinking": thinking })).await.json();
    assert_eq!(told["content"][0]["thinking"], "");
    assert!(told["content"][0]["signature"].as_str().unwrap().starts_with("oratory-"));
    let more = json!({ "model": "calls", "thinking": thinking, "stream": true });
    let events = ask(&front, &more).await.events();
    assert!(!events.iter().any(|(_, data)| data["delta"]["type"] == "thinking_delta"));
    assert!(events.iter().any(|(_, data)| data["delta"]["type"] == "signature_delta"));
}

#[tokio::test]
async fn a_conversation_with_everything_in_it_is_read() {
    let messages = json!([
        { "role": "user", "content": [{ "type": "text", "text": "Add.", "cache_control": { "type": "ephemeral" } }] },
        { "role": "assistant", "content": [
            { "type": "thinking", "thinking": "Hm.", "signature": "somebody's" },
            { "type": "redacted_thinking", "data": "xyz" },
            { "type": "tool_use", "id": "c", "name": "add", "input": { "a": 1 } }
        ] },
        { "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": "c", "is_error": true, "content": [{ "type": "text", "text": "no" }] },
            { "type": "document", "title": "T", "source": { "type": "text", "media_type": "text/plain", "data": "D" } },
            { "type": "text", "text": "And now?" }
        ] }
    ]);
    let more = json!({
        "messages": messages,
        "system": [
            { "type": "text", "text": "x-anthropic-billing-header: cc_version=2; cch=1234;" },
            { "type": "text", "text": "Be brief." }
        ],
        "tools": [tool("add"), { "type": "web_search_20250305", "name": "web_search" }],
        "tool_choice": { "type": "auto", "disable_parallel_tool_use": true },
        "thinking": { "type": "enabled", "budget_tokens": 2048 },
        "context_management": {
            "edits": [{ "type": "clear_thinking_20251015", "keep": "all" }, { "type": "compact_20260112" }]
        },
        "output_config": { "effort": "high" },
        "metadata": { "user_id": "u" },
        "service_tier": "auto",
        "temperature": 1.0, "top_k": 5, "top_p": 0.9
    });
    let front = front().await;
    let response = ask(&front, &more).await;
    assert_eq!(response.status, 200, "{}", response.body);
    assert_eq!(response.json()["content"][0]["text"], "T\n\nD\n\nAnd now?");
    // What is left out by rule is said.
    assert!(
        response.head.contains("x-oratory-left-out: tools[1] (web_search_20250305)"),
        "{}",
        response.head
    );
    let uncompacted = "x-oratory-left-out: context_management.edits[1] (compact_20260112)";
    assert!(response.head.contains(uncompacted), "{}", response.head);
    assert_eq!(response.json()["context_management"], json!({ "applied_edits": [] }));
    // "Be brief." and the rest, but no header that changes with every request.
    let counted = front.post("/v1/messages/count_tokens", &body(&more)).await.json();
    let without = json!({ "messages": [{ "role": "user", "content": "one two" }] });
    assert_eq!(
        front.post("/v1/messages/count_tokens", &body(&without)).await.json(),
        json!({ "input_tokens": 2 })
    );
    let mut fewer = more.clone();
    fewer["system"] = json!("Be brief.");
    assert_eq!(front.post("/v1/messages/count_tokens", &body(&fewer)).await.json(), counted);
    fewer["tools"] = json!([]);
    let less = front.post("/v1/messages/count_tokens", &body(&fewer)).await.json();
    assert!(less["input_tokens"].as_u64() < counted["input_tokens"].as_u64(), "{less} {counted}");
}

#[tokio::test]
async fn mistakes_are_named_in_its_own_envelope() {
    let front = front().await;
    let said = |content: Value| json!({ "messages": [{ "role": "user", "content": content }] });
    for (more, words) in [
        (json!({ "max_tokens": null }), "`max_tokens` is missing"),
        (json!({ "max_tokens": 0 }), "`max_tokens` is 0"),
        (json!({ "max_tokens": -1 }), "`max_tokens` is -1; it must be a whole number"),
        (json!({ "messages": [] }), "`messages` is empty"),
        (json!({ "messages": [7] }), "`messages[0]` is 7"),
        (
            json!({ "messages": [{ "role": "robot", "content": "x" }] }),
            "`messages[0].role` is \"robot\"",
        ),
        (json!({ "messages": [{ "role": "assistant", "content": "x" }] }), "end with the user's"),
        (
            said(json!([{ "type": "image", "source": {} }])),
            "`messages[0].content[0].source.type` must be",
        ),
        (
            said(json!([{ "type": "video", "source": {} }])),
            "`messages[0].content[0].type` is \"video\"",
        ),
        (
            said(json!([{ "type": "tool_result", "content": "x" }])),
            "`messages[0].content[0].tool_use_id` is missing",
        ),
        (said(json!(7)), "`messages[0].content` is 7; it must be a text or a list of blocks"),
        (json!({ "temperature": 1.5 }), "`temperature` is 1.5; it must lie between 0 and 1"),
        (json!({ "tools": [{ "name": "x" }] }), "`tools[0].input_schema` is missing"),
        (json!({ "tools": [{ "name": "a b", "input_schema": {} }] }), "`tools[0].name` is \"a b\""),
        (json!({ "tool_choice": { "type": "any" } }), "`tools` offers none"),
        (
            json!({ "tools": [tool("x")], "tool_choice": { "type": "tool", "name": "y" } }),
            "`tool_choice` names \"y\"",
        ),
        (
            json!({ "tools": [tool("x")], "tool_choice": { "type": "some" } }),
            "`tool_choice.type` is \"some\"",
        ),
        (json!({ "thinking": { "type": "enabled" } }), "`thinking.budget_tokens` is missing"),
        (
            json!({ "output_config": { "format": { "type": "json_schema" } } }),
            "`output_config.format.schema` is missing",
        ),
        (json!({ "mcp_servers": [{ "url": "x" }] }), "cannot honour `mcp_servers`"),
        (json!({ "container": "c" }), "cannot honour `container`"),
    ] {
        let (status, kind, message) = told(&front, &more).await;
        assert_eq!((status, &*kind), (400, "invalid_request_error"), "{more}: {message}");
        assert!(message.contains(words), "{more}: {message}");
    }
    let (status, kind, message) = told(&front, &json!({ "model": "claude-x" })).await;
    assert_eq!((status, &*kind), (404, "not_found_error"), "{message}");
    let (status, kind, message) = told(&front, &json!({ "model": "rate-limited" })).await;
    assert_eq!((status, &*kind), (429, "rate_limit_error"), "{message}");
    let (status, _, message) = told(
        &front,
        &json!({ "model": "narrow", "messages": [{ "role": "user", "content": "1 2 3 4" }] }),
    )
    .await;
    assert_eq!(status, 400);
    assert!(
        message.starts_with(
            "prompt is too long: the prompt takes 4 tokens; the model's context holds 3"
        ),
        "{message}"
    );
}

#[tokio::test]
async fn a_failure_in_mid_stream_is_an_event_of_its_own() {
    let more = json!({ "model": "cuts-off", "stream": true });
    let events = ask(&front().await, &more).await.events();
    let (name, data) = events.last().unwrap();
    assert_eq!(name, "error");
    assert_eq!(data["error"]["type"], "api_error", "{data}");
    assert!(!events.iter().any(|(name, _)| name == "message_stop"));
}

#[tokio::test]
async fn the_door_and_the_lists_speak_its_words_too() {
    let front = front_with(Some("sesame"), oratory_http::Limits::default()).await;
    let response = ask(&front, &json!({})).await;
    assert_eq!(
        (response.status, &response.json()["error"]["type"]),
        (401, &json!("authentication_error"))
    );
    let get = |path: &str, headers: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-api-key: sesame\r\n{headers}\r\n"
        )
    };
    let version = "anthropic-version: 2023-06-01\r\n";
    let list = front.send(get("/v1/models?limit=1000", version).as_bytes()).await.json();
    assert_eq!(
        (&list["data"][0]["type"], &list["first_id"], &list["has_more"]),
        (&json!("model"), &json!("echo"), &json!(false))
    );
    let one =
        front.send(get(&["/v1/models", "home", "echo"].join("/"), version).as_bytes()).await.json();
    assert_eq!((&one["id"], &one["type"]), (&json!("echo"), &json!("model")));
    let none = front.send(get("/v1/models/nobody", version).as_bytes()).await;
    assert_eq!((none.status, &none.json()["error"]["type"]), (404, &json!("not_found_error")));
    let theirs = front.send(get("/v1/models", "").as_bytes()).await.json();
    assert_eq!(theirs["object"], "list");
    let wrong = front.send(get("/v1/messages", "").as_bytes()).await;
    assert_eq!((wrong.status, &wrong.json()["type"]), (405, &json!("error")));
}
