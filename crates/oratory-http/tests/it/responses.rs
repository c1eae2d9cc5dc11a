//! Responses, on the wire as OpenAI's clients write and read them.
//!
//! Scripted models stand in for real ones.

use serde_json::{Value, json};

use crate::front::{Front, Response, front};

async fn ask(front: &Front, more: &Value) -> Response {
    let mut body = json!({ "model": "echo", "input": "one two" });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    front.post("/v1/responses", &body).await
}

fn tool() -> Value {
    json!({ "type": "function", "name": "add", "parameters": { "type": "object" }, "strict": true })
}

#[tokio::test]
async fn a_response_has_exactly_these_bytes() {
    let response = ask(&front().await, &json!({})).await;
    assert_eq!(response.status, 200, "{}", response.body);
    let expected = r#"{"id":"resp_ID","object":"response","created_at":1,"status":"completed","background":false,"error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"model":"echo","output":[{"id":"msg_ID_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"one two","annotations":[],"logprobs":[]}]}],"parallel_tool_calls":true,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"service_tier":"default","store":true,"temperature":null,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":null,"truncation":"disabled","usage":{"input_tokens":3,"input_tokens_details":{"cached_tokens":0},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":5},"user":null,"metadata":{}}"#;
    assert_eq!(response.plain(), expected);
}

#[tokio::test]
async fn a_stream_tells_every_item_from_its_beginning_to_its_end() {
    let more = json!({ "model": "calls", "tools": [tool()], "stream": true });
    let events = ask(&front().await, &more).await.events();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.reasoning_text.delta",
            "response.reasoning_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    for (number, (name, data)) in events.iter().enumerate() {
        assert_eq!((&data["type"], &data["sequence_number"]), (&json!(name), &json!(number)));
    }
    let delta = &events[10].1;
    let item = events[8].1["item"]["id"].clone();
    assert_eq!(
        *delta,
        json!({
            "item_id": item, "output_index": 1, "content_index": 0, "delta": "Well",
            "logprobs": [], "type": "response.output_text.delta", "sequence_number": 10
        })
    );
    let last = &events.last().unwrap().1["response"];
    assert_eq!(last["status"], "completed");
    // What was told bit by bit is what is told at the end.
    let done: Vec<Value> = events
        .iter()
        .filter(|(name, _)| name == "response.output_item.done")
        .map(|(_, data)| data["item"].clone())
        .collect();
    assert_eq!(last["output"], json!(done));
    assert_eq!(done[2]["arguments"], "{\"a\":1}");
    assert_eq!(
        (&done[2]["call_id"], &done[2]["type"]),
        (&json!("call_1"), &json!("function_call"))
    );
    assert_eq!(done[0]["content"], json!([{ "type": "reasoning_text", "text": "Hm." }]));
}

#[tokio::test]
async fn one_that_a_limit_cuts_off_is_incomplete_and_one_that_breaks_has_failed() {
    let front = front().await;
    for stream in [false, true] {
        let response = ask(&front, &json!({ "max_output_tokens": 1, "stream": stream })).await;
        let told = match stream {
            false => response.json(),
            true => {
                let events = response.events();
                let (name, data) = events.last().unwrap().clone();
                assert_eq!(name, "response.incomplete");
                data["response"].clone()
            }
        };
        assert_eq!(told["status"], "incomplete");
        assert_eq!(told["incomplete_details"], json!({ "reason": "max_output_tokens" }));
        assert_eq!(told["output"][0]["status"], "incomplete");
    }
    let events = ask(&front, &json!({ "model": "cuts-off", "stream": true })).await.events();
    let (name, data) = events.last().unwrap();
    assert_eq!((&**name, &data["response"]["status"]), ("response.failed", &json!("failed")));
    assert!(data["response"]["error"]["message"].as_str().unwrap().contains("broke off"));
}

#[tokio::test]
async fn a_conversation_goes_on_from_a_response_and_is_forgotten_on_request() {
    let front = front().await;
    let secret = "x-oratory-label: secret\r\n";
    let body = json!({ "model": "echo", "input": "one two" }).to_string();
    let first = front.post_bytes("/v1/responses", secret, body.as_bytes()).await.json();
    let id = first["id"].as_str().unwrap();
    let second = ask(&front, &json!({ "previous_response_id": id, "input": "three" })).await;
    // A conversation that was secret stays so.
    assert!(second.head.contains("x-oratory-labels: secret"), "{}", second.head);
    let second = second.json();
    assert_eq!(second["previous_response_id"], id);
    assert_eq!(second["output"][0]["content"][0]["text"], "three");
    // All that was said before is part of it: three words fit into this model, but not five.
    let narrow = json!({ "model": "narrow", "previous_response_id": id, "input": "three" });
    let told = ask(&front, &narrow).await.told();
    assert!(told.2.contains("takes 5 tokens"), "{told:?}");
    let shown = front.get(&format!("/v1/responses/{id}")).await;
    assert_eq!(shown.json(), first);
    let forget = format!(
        "DELETE /v1/responses/{id} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    );
    assert_eq!(
        front.send(forget.as_bytes()).await.json(),
        json!({ "id": id, "object": "response", "deleted": true })
    );
    assert_eq!(front.send(forget.as_bytes()).await.status, 404);
    let gone = ask(&front, &json!({ "previous_response_id": id })).await.told();
    assert_eq!((gone.0, &*gone.1), (400, "previous_response_id"), "{gone:?}");
    let unkept = ask(&front, &json!({ "store": false })).await.json();
    assert_eq!(
        front.get(&format!("/v1/responses/{}", unkept["id"].as_str().unwrap())).await.status,
        404
    );
}

#[tokio::test]
async fn what_coding_clients_send_is_read() {
    let input = json!([
        { "role": "developer", "content": "Be brief." },
        { "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "Add." }] },
        { "type": "reasoning", "summary": [], "encrypted_content": "xyz" },
        { "type": "reasoning", "summary": [], "content": [{ "type": "reasoning_text", "text": "Hm." }] },
        { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "Yes." }] },
        { "type": "function_call", "call_id": "c", "name": "add", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "c", "output": "7" },
        { "type": "custom_tool_call", "call_id": "d", "name": "patch", "input": "x" },
        { "type": "custom_tool_call_output", "call_id": "d", "output": "done" },
        { "role": "user", "content": "And now?" }
    ]);
    let more = json!({
        "input": input, "store": false, "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "k", "instructions": "Think.", "parallel_tool_calls": false,
        "tools": [tool(), { "type": "web_search" }, { "type": "custom", "name": "patch" }],
        "tool_choice": { "type": "allowed_tools", "mode": "auto", "tools": [{ "type": "function", "name": "add" }] },
        "reasoning": { "effort": "low", "summary": "auto" },
        "text": { "verbosity": "low", "format": { "type": "json_schema", "name": "n", "schema": { "type": "object" } } }
    });
    let response = ask(&front().await, &more).await;
    assert_eq!(response.status, 200, "{}", response.body);
    assert!(
        response.head.contains("x-oratory-left-out: tools[1] (web_search)"),
        "{}",
        response.head
    );
    let told = response.json();
    assert_eq!(told["output"][0]["content"][0]["text"], "And now?");
    assert_eq!(told["text"]["format"]["name"], "n");
    assert_eq!(told["tools"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn mistakes_are_named() {
    let front = front().await;
    let item = |item: Value| json!({ "input": [item] });
    for (more, param, words) in [
        (json!({ "input": null }), "input", "is empty"),
        (json!({ "input": 7 }), "input", "must be a text or a list of items"),
        (item(json!(7)), "input[0]", "is no item"),
        (item(json!({ "role": "robot", "content": "x" })), "input[0].role", "robot"),
        (item(json!({ "role": "user" })), "input[0].content", "is missing"),
        (
            item(json!({ "role": "user", "content": 7 })),
            "input[0].content",
            "a text or a list of parts",
        ),
        (
            item(json!({ "role": "user", "content": [{ "type": "input_image" }] })),
            "input[0].content[0].image_url",
            "is missing",
        ),
        (
            item(json!({ "role": "user", "content": [{ "type": "input_file" }] })),
            "input[0].content[0].type",
            "reads text and pictures",
        ),
        (item(json!({ "type": "item_reference", "id": "x" })), "input[0].type", "cannot read"),
        (item(json!({ "type": "function_call" })), "input[0].arguments", "is missing"),
        (json!({ "max_output_tokens": 0 }), "max_output_tokens", "at least 1"),
        (json!({ "background": true, "store": false }), "background", "`store` is false"),
        (json!({ "background": true, "stream": true }), "stream", "cannot honour"),
        (json!({ "conversation": "c" }), "conversation", "cannot honour"),
        (json!({ "truncation": "some" }), "truncation", "write auto or disabled"),
        (json!({ "tools": [{ "name": "x" }] }), "tools[0].type", "is missing"),
        (json!({ "tools": [{ "type": "function" }] }), "tools[0].name", "letters, digits"),
        (json!({ "tool_choice": "required" }), "tool_choice", "offers none"),
        (json!({ "tool_choice": 7 }), "tool_choice", "neither a word"),
        (
            json!({ "text": { "format": { "type": "json_schema" } } }),
            "text.format.schema",
            "is missing",
        ),
        (json!({ "reasoning": { "effort": "wild" } }), "reasoning_effort", "minimal"),
        (json!({ "temperature": 3 }), "temperature", "between 0 and 2"),
        (json!({ "stream": "yes" }), "stream", "true or false"),
    ] {
        let told = ask(&front, &more).await.told();
        assert_eq!((told.0, &*told.1), (400, param), "{more}: {}", told.2);
        assert!(told.2.contains(words), "{more}: {}", told.2);
    }
    assert_eq!(front.ledger.records(), []);
}

#[tokio::test]
async fn a_response_may_be_made_while_nobody_waits() {
    let front = front().await;
    let begun = ask(&front, &json!({ "background": true })).await.json();
    assert_eq!((&begun["status"], &begun["background"]), (&json!("in_progress"), &json!(true)));
    let path = format!("/v1/responses/{}", begun["id"].as_str().unwrap());
    let done = loop {
        let now = front.get(&path).await.json();
        if now["status"] != "in_progress" {
            break now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(done["status"], "completed", "{done}");
    assert_eq!(done["output"][0]["content"][0]["text"], "one two");
    let next = json!({ "model": "echo", "input": "three", "previous_response_id": begun["id"] });
    // What was asked, what was answered, and the new word.
    let count = front.post("/v1/responses/input_tokens", &next).await.json();
    assert_eq!(count["input_tokens"], 5);
    let failed = ask(&front, &json!({ "background": true, "model": "rate-limited" })).await.json();
    let path = format!("/v1/responses/{}", failed["id"].as_str().unwrap());
    let failed = loop {
        let now = front.get(&path).await.json();
        if now["status"] != "in_progress" {
            break now;
        }
    };
    assert_eq!(
        (&failed["status"], failed["error"]["message"].is_string()),
        (&json!("failed"), true)
    );
}

#[tokio::test]
async fn a_response_that_is_made_while_nobody_waits_can_be_called_off() {
    let front = front().await;
    let begun = ask(&front, &json!({ "background": true, "model": "slow" })).await.json();
    let path = format!("/v1/responses/{}", begun["id"].as_str().unwrap());
    let early = json!({ "previous_response_id": begun["id"] });
    let (status, param, words) = ask(&front, &early).await.told();
    assert_eq!((status, &*param), (400, "previous_response_id"), "{words}");
    let off = front.post(&format!("{path}/cancel"), &json!({})).await.json();
    assert_eq!(off["status"], "cancelled");
    assert_eq!(front.get(&path).await.json()["status"], "cancelled");
    // Again does no harm; one that was waited for cannot be called off.
    assert_eq!(front.post(&format!("{path}/cancel"), &json!({})).await.status, 200);
    let plain = ask(&front, &json!({})).await.json();
    let path = format!("/v1/responses/{}/cancel", plain["id"].as_str().unwrap());
    assert_eq!(front.post(&path, &json!({})).await.status, 400);
    assert_eq!(front.post("/v1/responses/none/cancel", &json!({})).await.status, 404);
}

#[tokio::test]
async fn what_a_response_was_asked_with_is_listed() {
    let front = front().await;
    let input = json!([
        { "role": "user", "content": "one" },
        { "role": "assistant", "content": "two", "id": "msg_two" },
        { "role": "user", "content": "three" },
    ]);
    let told = ask(&front, &json!({ "input": input })).await.json();
    let path = format!("/v1/responses/{}/input_items", told["id"].as_str().unwrap());
    let page = front.get(&path).await.json();
    let names = |page: &Value| -> Vec<String> {
        let data = page["data"].as_array().unwrap();
        data.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&page), ["item_2", "msg_two", "item_0"]);
    assert_eq!((&page["object"], &page["has_more"]), (&json!("list"), &json!(false)));
    let page = front.get(&format!("{path}?order=asc&limit=1&after=item_0")).await.json();
    assert_eq!((names(&page), &page["has_more"]), (vec!["msg_two".to_owned()], &json!(true)));
    for wrong in ["limit=0", "limit=x", "order=up", "after=nobody"] {
        let told = front.get(&format!("{path}?{wrong}")).await.told();
        assert_eq!((told.0, &*told.1), (400, wrong.split('=').next().unwrap()));
    }
    let text = ask(&front, &json!({})).await.json();
    let path = format!("/v1/responses/{}/input_items", text["id"].as_str().unwrap());
    assert_eq!(front.get(&path).await.json()["data"][0]["content"][0]["text"], "one two");
}

#[tokio::test]
async fn tokens_are_counted_without_an_answer() {
    let front = front().await;
    let body = json!({ "model": "echo", "input": "one two" });
    let told = front.post("/v1/responses/input_tokens", &body).await.json();
    assert_eq!(told["object"], "response.input_tokens");
    assert!(told["input_tokens"].as_u64() > Some(1), "{told}");
    let body = json!({ "model": "echo", "messages": [{ "role": "user", "content": "one two" }] });
    let chat = front.post("/v1/chat/completions/input_tokens", &body).await.json();
    assert_eq!(chat["input_tokens"], told["input_tokens"]);
}
