//! Mistakes in a request are told in a person's words, in few of them, and by name.

use serde_json::{Value, json};

use crate::front::{Front, body_of, front};

fn with(field: &str, value: Value) -> String {
    let mut body = json!({ "messages": [{ "role": "user", "content": "x" }] });
    body[field] = value;
    body.to_string()
}

async fn told(front: &Front, body: &str) -> (u16, String, String) {
    let told = front.chat(body).await.told();
    assert!(told.2.chars().count() < 500, "{} letters", told.2.len());
    for word in ["struct", "u32", "f32", "i64", "sequence", "Question", "visitor"] {
        assert!(!told.2.contains(word), "{word}: {}", told.2);
    }
    told
}

#[tokio::test]
async fn a_mistake_is_named_and_what_belongs_there_is_said() {
    let front = front().await;
    for (body, param, words) in [
        ("[]".to_owned(), "body", "a JSON object"),
        ("7".to_owned(), "body", "a JSON object"),
        ("{}".to_owned(), "messages", "is missing"),
        (r#"{"messages"#.to_owned(), "body", "not JSON"),
        (r#"{"messages":"hi"}"#.to_owned(), "messages", "a list of messages"),
        (r#"{"messages":[7]}"#.to_owned(), "messages[0]", "is 7; it must be an object"),
        (r#"{"messages":[{}]}"#.to_owned(), "messages[0].role", "is missing"),
        (with("max_tokens", json!(-1)), "max_tokens", "is -1; it must be a whole number"),
        (with("max_tokens", json!("many")), "max_tokens", "the text \"many\""),
        (with("temperature", json!([])), "temperature", "is a list; it must be a number"),
        (with("stop", json!([7])), "stop[0]", "a text"),
        (with("stop", json!(vec!["x"; 17])), "stop", "at most 16"),
        (with("stream", json!("yes")), "stream", "true or false"),
        (r#"{"messages":[],"messages":[]}"#.to_owned(), "messages", "twice"),
    ] {
        let (status, at, message) = told(&front, &body).await;
        assert_eq!((status, &*at), (400, param), "{body}: {message}");
        assert!(message.contains(words), "{body}: {message}");
    }
}

#[tokio::test]
async fn what_is_quoted_is_short() {
    let front = front().await;
    let long = "y".repeat(300_000);
    let role = |role: &str| json!({ "messages": [{ "role": role, "content": "x" }] }).to_string();
    let content = |content: Value| {
        json!({ "messages": [{ "role": "user", "content": content }] }).to_string()
    };
    for body in [
        with("temperature", json!(long)),
        with("model", json!(long)),
        with("max_tokens", json!([{ &long: 1 }])),
        role(&long),
        content(json!([{ "type": long }])),
        content(json!([{ "type": "text", "text": [long] }])),
    ] {
        let (status, ..) = told(&front, &body).await;
        assert!(status == 400 || status == 404, "{status}");
    }
    let path = format!("/v1/chat/{}", "y".repeat(3000));
    assert!(front.get(&path).await.told().2.len() < 500);
}

#[tokio::test]
async fn what_would_change_the_answer_is_refused_by_name() {
    let front = front().await;
    for (field, value) in [
        ("functions", json!([{}])),
        ("function_call", json!({ "name": "x" })),
        ("audio", json!({ "voice": "x" })),
        ("modalities", json!(["text", "audio"])),
        ("n", json!(33)),
    ] {
        let (status, param, message) = told(&front, &with(field, value)).await;
        assert_eq!((status, &*param), (400, field), "{message}");
    }
    assert_eq!(front.ledger.records(), []);
}

#[tokio::test]
async fn what_asks_for_nothing_or_only_hints_is_let_through() {
    let front = front().await;
    for (field, value) in [
        ("tools", json!([])),
        ("tool_choice", json!("auto")),
        ("function_call", json!("none")),
        ("logprobs", json!(false)),
        ("top_logprobs", json!(0)),
        ("logit_bias", json!({})),
        ("web_search_options", json!(null)),
        ("audio", json!(null)),
        ("repetition_penalty", json!(1)),
        ("repeat_penalty", json!(1.0)),
        ("reasoning_effort", json!("high")),
        ("verbosity", json!("low")),
        ("prediction", json!({ "type": "content", "content": "x" })),
        ("parallel_tool_calls", json!(true)),
        ("store", json!(true)),
        ("metadata", json!({ "a": "b" })),
        ("user", json!("u")),
        ("service_tier", json!("auto")),
        ("prompt_cache_key", json!("k")),
        ("stream_options", json!({ "include_obfuscation": true })),
    ] {
        let response = front.chat(&with(field, value)).await;
        assert_eq!(response.status, 200, "{field}: {}", response.body);
    }
}

#[tokio::test]
async fn wishes_that_make_no_sense_are_refused_by_name() {
    let front = front().await;
    let tool = |name: &str| json!([{ "type": "function", "function": { "name": name } }]);
    for (field, value, param, words) in [
        ("tools", json!([{ "type": "function" }]), "tools[0].function", "is missing"),
        ("tools", tool("a b"), "tools[0].function.name", "letters, digits"),
        ("tool_choice", json!("required"), "tool_choice", "offers none"),
        ("tool_choice", json!("maybe"), "tool_choice", "auto, none or required"),
        ("tool_choice", json!(7), "tool_choice", "neither a word"),
        ("response_format", json!({ "type": "xml" }), "response_format.type", "json_schema"),
        (
            "response_format",
            json!({ "type": "json_schema" }),
            "response_format.json_schema.schema",
            "missing",
        ),
        ("reasoning_effort", json!("wild"), "reasoning_effort", "minimal"),
        ("logit_bias", json!({ "cat": 1 }), "logit_bias", "the number of a token"),
        ("logit_bias", json!({ "1": 1000 }), "logit_bias", "between -100 and 100"),
        ("top_logprobs", json!(21), "top_logprobs", "more than 20"),
    ] {
        let (status, found, message) = told(&front, &with(field, value)).await;
        assert_eq!((status, &*found), (400, param), "{message}");
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(front.ledger.records(), []);
}

#[tokio::test]
async fn a_long_body_is_answered_like_a_short_one() {
    let front = front().await;
    let response = front.chat(&body_of(500_000)).await;
    assert_eq!(response.status, 200);
    assert!(response.body.contains(&"x".repeat(500_000)));
    let broken = body_of(500_000).replace("messages", "massages");
    assert_eq!(told(&front, &broken).await.1, "messages");
}
