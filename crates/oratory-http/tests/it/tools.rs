//! Tools, thinking and token chances, on the wire as OpenAI's clients read them.
//!
//! A scripted model stands in for a real one.

use serde_json::{Value, json};

use crate::front::front;

fn body(more: &Value) -> String {
    let mut body = json!({
        "model": "calls",
        "messages": [
            { "role": "user", "content": "x" },
            { "role": "assistant", "content": null, "reasoning_content": "Hm.", "tool_calls": [
                { "id": "c", "type": "function", "function": { "name": "f", "arguments": "{}" } }
            ] },
            { "role": "tool", "tool_call_id": "c", "name": "f", "content": "7" }
        ],
        "tools": [{ "type": "function", "function": { "name": "add", "parameters": { "type": "object" } } }],
        "logprobs": true
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body.to_string()
}

#[tokio::test]
async fn a_whole_answer_holds_calls_thinking_and_chances() {
    let front = front().await;
    let response = front.chat(&body(&json!({}))).await;
    assert_eq!(response.status, 200, "{}", response.body);
    let answer: Value = serde_json::from_str(&response.body).unwrap();
    let rated = json!({ "token": "Well", "logprob": -0.5, "bytes": b"Well" });
    let mut token = rated.clone();
    token["top_logprobs"] = json!([rated]);
    assert_eq!(
        answer["choices"],
        json!([{
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "Well",
                "reasoning_content": "Hm.",
                "tool_calls": [{
                    "id": "call_1",
                    "type": "function",
                    "function": { "name": "add", "arguments": "{\"a\":1}" }
                }],
                "refusal": null
            },
            "logprobs": { "content": [token], "refusal": null },
            "finish_reason": "tool_calls"
        }])
    );
}

#[tokio::test]
async fn a_streamed_answer_holds_them_as_they_come() {
    let front = front().await;
    let response = front.chat(&body(&json!({ "stream": true, "logprobs": false }))).await;
    let events = response.body.split("\n\n").filter_map(|event| event.split_once("data: "));
    let deltas: Vec<Value> = events
        .filter_map(|(_, data)| serde_json::from_str::<Value>(data.trim()).ok())
        .map(|event| event["choices"][0].clone())
        .map(|choice| json!([choice["delta"], choice["finish_reason"]]))
        .collect();
    let function = json!({ "name": "add", "arguments": "{\"a\":" });
    let first = json!({ "index": 0, "id": "call_1", "type": "function", "function": function });
    let second = json!({ "index": 0, "function": { "arguments": "1}" } });
    assert_eq!(
        deltas,
        [
            json!([{ "role": "assistant", "content": null }, null]),
            json!([{ "reasoning_content": "Hm." }, null]),
            json!([{ "content": "Well" }, null]),
            json!([{ "tool_calls": [first] }, null]),
            json!([{ "tool_calls": [second] }, null]),
            json!([{}, "tool_calls"]),
        ]
    );
    assert!(response.body.ends_with("data: [DONE]\n\n") || response.body.contains("[DONE]"));
}

#[tokio::test]
async fn chances_come_with_the_text_they_are_about() {
    let front = front().await;
    let response = front.chat(&body(&json!({ "stream": true, "logprobs": true }))).await;
    let events = response.events();
    let told = events.iter().map(|(_, event)| &event["choices"][0]);
    let told: Vec<_> = told.filter(|choice| choice["delta"]["content"] == "Well").collect();
    assert_eq!(told.len(), 1, "{}", response.body);
    assert_eq!(told[0]["logprobs"]["content"][0]["token"], "Well");
}
