//! Chat, generate and lists, on the wire as Ollama's clients write and read them.
//!
//! Scripted models stand in for real ones.

use serde_json::{Value, json};

use crate::front::{Front, Response, front};

fn body(more: &Value) -> Value {
    let mut body =
        json!({ "model": "echo:latest", "messages": [{ "role": "user", "content": "one two" }] });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

async fn chat(front: &Front, more: &Value) -> Response {
    front.post("/api/chat", &body(more)).await
}

#[tokio::test]
async fn a_chat_streams_lines_unless_told_otherwise() {
    let front = front().await;
    let response = chat(&front, &json!({})).await;
    assert_eq!(response.status, 200, "{}", response.body);
    assert!(response.head.contains("content-type: application/x-ndjson"), "{}", response.head);
    let expected = r#"{"model":"echo:latest","created_at":"NOW","message":{"role":"assistant","content":"one "},"done":false}
{"model":"echo:latest","created_at":"NOW","message":{"role":"assistant","content":"two"},"done":false}
{"model":"echo:latest","created_at":"NOW","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":1,"prompt_eval_count":3,"eval_count":2}
"#;
    assert_eq!(response.plain(), expected);
    let whole = chat(&front, &json!({ "stream": false, "options": { "num_predict": 1 } })).await;
    let expected = r#"{"model":"echo:latest","created_at":"NOW","message":{"role":"assistant","content":"one "},"done":true,"done_reason":"length","total_duration":1,"prompt_eval_count":3,"eval_count":1}"#;
    assert_eq!(whole.plain(), expected);
}

#[tokio::test]
async fn calls_thinking_chances_and_times_are_told() {
    let front = front().await;
    let tools = json!([{ "type": "function", "function": { "name": "add", "description": "d", "parameters": { "type": "object" } } }]);
    let call = json!([{ "id": "call_1", "function": { "index": 0, "name": "add", "arguments": { "a": 1 } } }]);
    let more = json!({ "model": "calls", "tools": tools, "think": true, "logprobs": true, "stream": false });
    let told = chat(&front, &more).await.json();
    assert_eq!(
        told["message"],
        json!({ "role": "assistant", "content": "Well", "thinking": "Hm.", "tool_calls": call })
    );
    assert_eq!(
        told["logprobs"],
        json!([{ "token": "Well", "logprob": -0.5, "bytes": b"Well" , "top_logprobs": [{ "token": "Well", "logprob": -0.5, "bytes": b"Well" }] }])
    );
    assert_eq!(
        (told["load_duration"].as_u64(), told["prompt_eval_duration"].as_u64()),
        (Some(5_000_000), Some(2_000_000))
    );
    let more = json!({ "model": "calls", "tools": tools, "think": "low" });
    let lines = chat(&front, &more).await.lines();
    let messages: Vec<&Value> = lines.iter().map(|line| &line["message"]).collect();
    assert_eq!(messages[0]["thinking"], "Hm.");
    assert_eq!(messages[1]["content"], "Well");
    assert_eq!(messages[2]["tool_calls"], call);
    assert_eq!(lines.last().unwrap()["load_duration"], 5_000_000);
    assert_eq!(lines.len(), 4);
}

#[tokio::test]
async fn generate_answers_goes_on_and_keeps() {
    let front = front().await;
    let ask = async |more: Value| {
        let mut body = json!({ "model": "echo", "stream": false });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        front.post("/api/generate", &body).await
    };
    let told =
        ask(json!({ "prompt": "one two", "system": "s", "options": { "stop": ["two"] } })).await;
    assert_eq!(told.json()["response"], "one ");
    let told = ask(json!({ "prompt": "raw text", "raw": true })).await.json();
    assert_eq!((&told["response"], &told["done_reason"]), (&json!("raw text"), &json!("stop")));
    let loaded = ask(json!({})).await;
    assert_eq!(
        loaded.plain(),
        r#"{"model":"echo","created_at":"NOW","response":"","done":true,"done_reason":"load"}"#
    );
    let unloaded = ask(json!({ "keep_alive": 0 })).await.json();
    assert_eq!(unloaded["done_reason"], "unload");
    let unknown = ask(json!({ "keep_alive": 0, "model": "nobody" })).await;
    assert_eq!(unknown.status, 404);
    let empty = chat(&front, &json!({ "messages": [], "keep_alive": "5m" })).await.json();
    assert_eq!(
        (&empty["message"], &empty["done_reason"]),
        (&json!({ "role": "assistant", "content": "" }), &json!("load"))
    );
    for (more, words) in [
        (json!({ "suffix": "x" }), "cannot honour `suffix`"),
        (json!({ "template": "x" }), "cannot honour `template`"),
        (json!({ "context": [1, 2] }), "cannot honour `context`"),
        (json!({ "images": ["a!"] }), "`images[0]` is not base64: the trouble begins at letter 2"),
        (json!({ "images": [7] }), "`images[0]` is 7; it must be a picture in base64"),
        (json!({ "images": ["Zm9v"] }), "echo cannot read pictures"),
        (json!({ "images": ["Zm9v"], "raw": true }), "`images` and `raw`"),
        (json!({ "raw": true, "system": "x" }), "`system` and `raw`"),
    ] {
        let mut more = more;
        more["prompt"] = json!("x");
        let told = ask(more.clone()).await;
        assert_eq!(told.status, 400, "{more}");
        assert!(told.json()["error"].as_str().unwrap().contains(words), "{more}: {}", told.body);
    }
}

#[tokio::test]
async fn mistakes_are_named_in_its_own_envelope() {
    let front = front().await;
    for (more, status, words) in [
        (json!({ "model": "nobody" }), 404, "there is no model \"nobody\""),
        (
            json!({ "messages": "x" }),
            400,
            "`messages` is the text \"x\"; it must be a list of messages",
        ),
        (json!({ "messages": [{ "role": "robot" }] }), 400, "`messages[0].role` is \"robot\""),
        (
            json!({ "messages": [{ "role": "assistant", "images": ["Zm9v"] }] }),
            400,
            "`messages[0].images[0]` stands in a turn of the assistant's",
        ),
        (json!({ "format": "xml" }), 400, "`format` is \"xml\""),
        (json!({ "format": 7 }), 400, "`format` is neither"),
        (json!({ "think": "wild" }), 400, "`think` is \"wild\""),
        (json!({ "keep_alive": "soon" }), 400, "`keep_alive` is \"soon\""),
        (json!({ "options": { "top_p": 7 } }), 400, "`options.top_p` is 7"),
        (json!({ "options": { "mirostat": 3 } }), 400, "`options.mirostat` is 3"),
        (json!({ "options": { "num_predict": 0 } }), 400, "`options.num_predict` is 0"),
        (
            json!({ "tools": [{ "type": "function", "function": { "name": "a b" } }] }),
            400,
            "`tools[0].function.name`",
        ),
        (json!({ "model": "rate-limited" }), 503, "too many"),
        (
            json!({ "model": "narrow", "messages": [{ "role": "user", "content": "1 2 3 4" }] }),
            400,
            "the input length exceeds the context length: the prompt takes 4 tokens; the model's context holds 3",
        ),
    ] {
        let told = chat(&front, &more).await;
        assert_eq!(told.status, status, "{more}: {}", told.body);
        assert!(told.json()["error"].as_str().unwrap().contains(words), "{more}: {}", told.body);
    }
    let lines = chat(&front, &json!({ "model": "cuts-off" })).await.lines();
    assert!(lines.last().unwrap()["error"].as_str().unwrap().contains("broke off"), "{lines:?}");
    for (path, words) in [("/api/pull", "models.over_http"), ("/api/push", "is not served")] {
        let told = front.post(path, &json!({ "model": "x" })).await;
        assert_eq!(told.status, 403);
        assert!(told.json()["error"].as_str().unwrap().contains(words), "{}", told.body);
    }
    assert!(front.get("/api/nothing").await.json()["error"].is_string());
}

#[tokio::test]
async fn what_changes_no_answer_is_let_through() {
    let front = front().await;
    for (field, value) in [
        (
            "options",
            json!({ "num_ctx": 8192, "num_gpu": 1, "num_thread": 4, "num_keep": 5, "use_mmap": true, "seed": -1 }),
        ),
        ("keep_alive", json!("5m")),
        ("keep_alive", json!(-1)),
        ("format", json!("")),
        ("truncate", json!(true)),
        ("think", json!(null)),
    ] {
        let told = chat(&front, &json!({ field: value })).await;
        assert_eq!(told.status, 200, "{field}: {}", told.body);
    }
}

#[tokio::test]
async fn vectors_come_in_both_its_forms() {
    let front = front().await;
    let body = json!({ "model": "counts", "input": ["two words", "one"] });
    let told = front.post("/api/embed", &body).await.json();
    assert_eq!(told["embeddings"], json!([[9.0, 2.0], [3.0, 1.0]]));
    assert_eq!(told["prompt_eval_count"], 3);
    let body = json!({ "model": "counts", "prompt": "two words" });
    let told = front.post("/api/embeddings", &body).await;
    assert_eq!(told.body, r#"{"embedding":[9.0,2.0]}"#);
    let told = front.post("/api/embed", &json!({ "model": "counts", "input": [1, 2] })).await;
    assert_eq!(told.status, 400, "{}", told.body);
}

#[tokio::test]
async fn models_are_listed_shown_and_known_by_their_usual_tag() {
    let front = front().await;
    let tags = front.get("/api/tags").await.json();
    let first = &tags["models"][0];
    assert_eq!((&first["name"], &first["model"]), (&json!("echo"), &json!("echo")));
    assert_eq!(first["digest"].as_str().unwrap().len(), 64);
    let shown = front.post("/api/show", &json!({ "model": "echo:latest" })).await.json();
    assert_eq!(shown["capabilities"], json!(["completion", "tools"]));
    assert_eq!(shown["model_info"]["oratory.context_length"], 2048);
    assert_eq!(front.post("/api/show", &json!({ "name": "nobody" })).await.status, 404);
    assert_eq!(front.get("/api/ps").await.json(), json!({ "models": [] }));
    assert_eq!(front.get("/api/version").await.json()["oratory"], "test");
    let head = b"HEAD / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert_eq!(front.send(head).await.status, 200);
}
