//! Several answers to one prompt, plain completions, and choices of tools, as OpenAI has them.
//!
//! Scripted models stand in for real ones.

use serde_json::{Value, json};

use crate::front::{Front, front};

fn chat(more: &Value) -> String {
    let mut body = json!({ "messages": [{ "role": "user", "content": "one two" }] });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body.to_string()
}

async fn complete(front: &Front, more: &Value) -> crate::front::Response {
    let mut body = json!({ "model": "echo", "prompt": "one two" });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    front.post("/v1/completions", &body).await
}

#[tokio::test]
async fn several_answers_stand_beside_each_other_and_the_prompt_is_counted_once() {
    let front = front().await;
    let told = front.chat(&chat(&json!({ "n": 3 }))).await.json();
    let choices = told["choices"].as_array().unwrap();
    let indices: Vec<_> = choices.iter().map(|choice| choice["index"].as_u64().unwrap()).collect();
    assert_eq!(indices, [0, 1, 2]);
    assert!(choices.iter().all(|choice| choice["message"]["content"] == "one two"));
    assert_eq!(
        (&told["usage"]["prompt_tokens"], &told["usage"]["completion_tokens"]),
        (&json!(3), &json!(6))
    );
    assert_eq!(front.ledger.records().len(), 3);
    let more = json!({ "n": 2, "stream": true, "stream_options": { "include_usage": true } });
    let events = front.chat(&chat(&more)).await.events();
    for index in 0..2 {
        let own = events.iter().filter_map(|(_, event)| {
            event["choices"].as_array()?.iter().find(|choice| choice["index"] == index)
        });
        let own: Vec<_> = own.collect();
        let text: String =
            own.iter().filter_map(|choice| choice["delta"]["content"].as_str()).collect();
        assert_eq!(text, "one two");
        assert_eq!(own[0]["delta"]["role"], "assistant");
        assert_eq!(own.last().unwrap()["finish_reason"], "stop");
    }
    let usage = &events[events.len() - 2].1["usage"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(3), &json!(4)));
    assert_eq!(events.last().unwrap().1, "[DONE]");
    let (status, param, _) = front.chat(&chat(&json!({ "n": 0 }))).await.told();
    assert_eq!((status, &*param), (400, "n"));
}

#[tokio::test]
async fn a_completion_has_exactly_these_bytes() {
    let front = front().await;
    let told = complete(&front, &json!({})).await;
    let expected = r#"{"id":"cmpl-ID","object":"text_completion","created":1,"model":"echo","choices":[{"text":"one two","index":0,"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":0}}}"#;
    assert_eq!(told.plain(), expected);
    let streamed = complete(&front, &json!({ "stream": true, "max_tokens": 1 })).await;
    let expected = r#"data: {"id":"cmpl-ID","object":"text_completion","created":1,"model":"echo","choices":[{"text":"one ","index":0,"logprobs":null,"finish_reason":null}]}

data: {"id":"cmpl-ID","object":"text_completion","created":1,"model":"echo","choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}]}

data: [DONE]

"#;
    assert_eq!(streamed.plain(), expected);
}

#[tokio::test]
async fn completions_take_several_prompts_tokens_and_tell_chances() {
    let front = front().await;
    let told = complete(&front, &json!({ "prompt": ["a b", "c"], "n": 2 })).await.json();
    let texts: Vec<_> =
        told["choices"].as_array().unwrap().iter().map(|choice| &choice["text"]).collect();
    assert_eq!(texts, ["a b", "a b", "c", "c"]);
    assert_eq!(
        (&told["usage"]["prompt_tokens"], &told["usage"]["completion_tokens"]),
        (&json!(6), &json!(6))
    );
    assert_eq!(complete(&front, &json!({ "prompt": [1, 2, 3] })).await.status, 200);
    // One may end long before another.
    let late = json!({ "model": "late", "prompt": ["a", "a b"] });
    let told = complete(&front, &late).await.json();
    assert_eq!(
        (&told["choices"][0]["text"], &told["choices"][1]["text"]),
        (&json!("a"), &json!("a b"))
    );
    let told = complete(&front, &json!({ "model": "calls", "logprobs": 1 })).await.json();
    assert_eq!(
        told["choices"][0]["logprobs"],
        json!({ "tokens": ["Well"], "token_logprobs": [-0.5], "top_logprobs": [{ "Well": -0.5 }], "text_offset": [0] })
    );
    for (more, param, words) in [
        (json!({ "prompt": [] }), "prompt", "is empty"),
        (json!({ "prompt": null }), "prompt", "a text, a list of texts, or tokens"),
        (json!({ "prompt": vec!["x"; 17], "n": 2 }), "prompt", "34 answers"),
        (json!({ "prompt": "" }), "", "nothing to go on with"),
        (json!({ "echo": true }), "echo", "cannot honour"),
        (json!({ "suffix": "x" }), "suffix", "cannot honour"),
        (json!({ "best_of": 3 }), "best_of", "cannot honour"),
        (json!({ "logprobs": 21 }), "logprobs", "more than 20"),
        (json!({ "max_tokens": 0 }), "max_tokens", "at least 1"),
    ] {
        let told = complete(&front, &more).await.told();
        assert_eq!((told.0, &*told.1), (400, param), "{more}: {}", told.2);
        assert!(told.2.contains(words), "{more}: {}", told.2);
    }
}

#[tokio::test]
async fn only_the_allowed_tools_are_offered() {
    let front = front().await;
    let tool = |name: &str| json!({ "type": "function", "function": { "name": name } });
    let choice = |mode: &str, name: &str| json!({ "type": "allowed_tools", "allowed_tools": { "mode": mode, "tools": [tool(name)] } });
    let asked = |choice: Value| {
        chat(
            &json!({ "model": "calls", "tools": [tool("one"), tool("two")], "tool_choice": choice }),
        )
    };
    let told = front.chat(&asked(choice("required", "two"))).await.json();
    assert_eq!(told["choices"][0]["message"]["tool_calls"][0]["function"]["name"], "two");
    for wrong in [choice("auto", "three"), choice("some", "two")] {
        assert_eq!(front.chat(&asked(wrong)).await.status, 400);
    }
}
