//! Conversations that the model cannot hold: an error, or shorter where the client asks for that, in
//! every dialect, and always said.
//!
//! The model is `mini` with a short context.

use serde_json::{Value, json};

use crate::house::{House, Response, Server};

/// A house whose conversations are short.
fn house() -> House {
    House::new().settings("[home]\ncontext = 512\n")
}

/// Returns a conversation of so many exchanges, each about fifty tokens long, and a question.
fn long(exchanges: usize) -> Vec<Value> {
    let mut messages = Vec::new();
    for at in 0..exchanges {
        let words = format!("{at} ").repeat(20);
        messages.push(json!({ "role": "user", "content": words }));
        messages.push(json!({ "role": "assistant", "content": words }));
    }
    messages.push(json!({ "role": "user", "content": "What is your name?" }));
    messages
}

fn ask(server: &Server, path: &str, body: &Value, more: &Value) -> Response {
    let mut body = body.clone();
    body["model"] = json!("mini");
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.post(path, &body.to_string())
}

/// How each dialect asks for it: the path, the body, and the word.
fn cases(messages: &[Value]) -> [(&'static str, Value, Value); 3] {
    [
        (
            "/v1/chat/completions",
            json!({ "messages": messages, "max_tokens": 8 }),
            json!({ "truncation": "auto" }),
        ),
        (
            "/v1/responses",
            json!({ "input": messages, "max_output_tokens": 8 }),
            json!({ "truncation": "auto" }),
        ),
        (
            "/api/chat",
            json!({ "messages": messages, "stream": false, "options": { "num_predict": 8 } }),
            json!({ "truncate": true }),
        ),
    ]
}

/// Returns how many messages an answer's head says were left out.
fn left_out(response: &Response) -> Option<u32> {
    let told = response.header("x-oratory-left-out")?;
    told.strip_suffix(" messages")?.parse().ok()
}

#[test]
fn what_a_model_cannot_hold_is_an_error_unless_the_client_wants_it_shorter() {
    let house = house();
    let server = house.serve();
    let whole = long(30);
    for (path, body, word) in cases(&whole) {
        let refused = ask(&server, path, &body, &json!({}));
        assert_eq!(refused.status, 400, "{path}");
        let words = refused.text();
        assert!(words.contains("tokens") && words.contains("512"), "{path}: {words}");
        let answered = ask(&server, path, &body, &word);
        assert_eq!(answered.status, 200, "{path}");
        let gone = left_out(&answered).unwrap_or_else(|| panic!("{path}: {}", answered.head));
        // Whole exchanges, not all of them, and no more than need be.
        assert!(gone.is_multiple_of(2) && (30..58).contains(&gone), "{path}: {gone}");
        let told = answered.json();
        if path == "/v1/responses" {
            assert_eq!(told["truncation"], "auto");
            assert_eq!(told["oratory"]["left_out_messages"], gone);
        }
    }
    // What fits is whole.
    for (path, body, word) in cases(&long(2)) {
        let answered = ask(&server, path, &body, &word);
        assert_eq!((answered.status, answered.header("x-oratory-left-out")), (200, None), "{path}");
    }
    let (path, body, word) = &cases(&whole)[0];
    let answered = ask(&server, path, body, word);
    let said = format!("; left out, as was asked: {} messages", left_out(&answered).unwrap());
    let id = answered.header("x-request-id").unwrap().to_owned();
    answered.json();
    drop(server);
    // The next start takes over what was waiting for the database.
    drop(house.serve());
    let path = Some(house.path().join("oratory.db"));
    let config = oratory_store::Config { path, ..oratory_store::Config::default() };
    let record =
        oratory_store::Store::open(config).record(&serde_json::from_value(json!(id)).unwrap());
    let reason = record.unwrap().unwrap().reason;
    assert!(reason.ends_with(&said), "{reason}");
}

#[test]
fn streams_say_it_too_and_what_no_cut_can_help_stays_an_error() {
    let house = house();
    let server = house.serve();
    let body =
        json!({ "messages": long(30), "max_tokens": 8, "stream": true, "truncation": "auto" });
    let answered = ask(&server, "/v1/chat/completions", &body, &json!({}));
    assert!(left_out(&answered).is_some_and(|gone| gone > 20), "{}", answered.head);
    assert!(answered.events().last().is_some_and(|last| last == "[DONE]"));
    // The last turn and the instructions are never cut.
    let words = "word ".repeat(2000);
    for messages in [
        json!([{ "role": "user", "content": words }]),
        json!([{ "role": "user", "content": "Hi" }, { "role": "user", "content": words }]),
        json!([
            { "role": "system", "content": words }, { "role": "user", "content": "Hi" },
            { "role": "assistant", "content": "Hi" }, { "role": "user", "content": "Hi" },
        ]),
    ] {
        for (path, body, word) in cases(messages.as_array().unwrap()) {
            let refused = ask(&server, path, &body, &word);
            assert_eq!(refused.status, 400, "{path}");
            let told = refused.text();
            assert!(told.contains("context"), "{path}: {told}");
        }
    }
}

#[test]
fn an_answer_to_a_shorter_conversation_is_not_kept_for_the_whole_one() {
    let house = house();
    let server = house.serve();
    let likeliest = json!({ "messages": long(30), "max_tokens": 8, "temperature": 0 });
    let shorter = json!({ "truncation": "auto" });
    let path = "/v1/chat/completions";
    let first = ask(&server, path, &likeliest, &shorter);
    let gone = left_out(&first).unwrap();
    let text = first.json()["choices"][0]["message"]["content"].clone();
    // Given again, it says the same.
    let again = ask(&server, path, &likeliest, &shorter);
    assert_eq!(left_out(&again), Some(gone));
    assert_eq!(again.json()["choices"][0]["message"]["content"], text);
    assert_eq!(ask(&server, path, &likeliest, &json!({})).status, 400);
}

#[test]
fn old_results_of_tools_are_left_out_as_anthropic_s_clients_ask() {
    let house = House::new();
    let server = house.serve();
    let mut messages = vec![json!({ "role": "user", "content": "Look it up." })];
    for at in 0..4 {
        let id = format!("toolu_{at}");
        let call = json!({ "type": "tool_use", "id": id, "name": "look", "input": { "at": at } });
        let thought = json!({ "type": "thinking", "thinking": "Hm.", "signature": "s" });
        messages.push(json!({ "role": "assistant", "content": [thought, call] }));
        let found = format!("{at} ").repeat(60);
        let result = json!({ "type": "tool_result", "tool_use_id": id, "content": found });
        messages.push(json!({ "role": "user", "content": [result] }));
    }
    let tool = json!({ "name": "look", "input_schema": { "type": "object" } });
    let body = json!({ "messages": messages, "max_tokens": 4, "tools": [tool] });
    let edit = |trigger: Value| {
        let keep = json!({ "type": "tool_uses", "value": 1 });
        let edit = json!({ "type": "clear_tool_uses_20250919", "trigger": trigger, "keep": keep });
        json!({ "context_management": { "edits": [edit] } })
    };
    let wanted = edit(json!({ "type": "input_tokens", "value": 100 }));
    let count = |more: &Value| ask(&server, "/v1/messages/count_tokens", &body, more).json();
    let (whole, edited) = (count(&json!({})), count(&wanted));
    let (whole, less) = (&whole["input_tokens"], &edited["input_tokens"]);
    assert_eq!(&edited["context_management"]["original_input_tokens"], whole);
    assert!(whole.as_u64().unwrap() > less.as_u64().unwrap() + 100, "{whole} {less}");
    let told = ask(&server, "/v1/messages", &body, &wanted);
    assert_eq!(told.header("x-oratory-left-out"), Some("3 results of tools"));
    let told = told.json();
    let applied = &told["context_management"]["applied_edits"][0];
    assert_eq!(applied["cleared_tool_uses"], 3);
    let saved = whole.as_u64().unwrap() - less.as_u64().unwrap();
    assert_eq!(applied["cleared_input_tokens"], saved);
    let usage = &told["usage"];
    let read = usage["input_tokens"].as_u64().unwrap()
        + usage["cache_read_input_tokens"].as_u64().unwrap();
    assert_eq!(read, less.as_u64().unwrap());
    // Below the trigger nothing goes, and that is said, too.
    let patient = edit(json!({ "type": "tool_uses", "value": 4 }));
    let told = ask(&server, "/v1/messages", &body, &patient);
    assert_eq!(told.header("x-oratory-left-out"), None);
    assert_eq!(told.json()["context_management"], json!({ "applied_edits": [] }));
    let mut streams = wanted;
    streams["stream"] = json!(true);
    let streamed = ask(&server, "/v1/messages", &body, &streams);
    let delta =
        streamed.events().into_iter().find(|event| event.contains("message_delta")).unwrap();
    assert!(delta.contains("\"cleared_tool_uses\":3"), "{delta}");
}
