//! Every field of every dialect in which a client can put text.
//!
//! A body without its model; the probe says which is asked.

use serde_json::{Value, json};

pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    pub(super) body: fn(&str) -> Value,
    pub(super) headers: fn(&str) -> Vec<(&'static str, String)>,
    /// Whether the text is cut in two.
    pub(super) cuts: bool,
    /// Whether the events are tried with it too.
    pub(super) is_usual: bool,
}

const fn field(name: &'static str, path: &'static str, body: fn(&str) -> Value) -> Field {
    Field { name, path, body, headers: |_| Vec::new(), cuts: false, is_usual: false }
}

const fn usual(name: &'static str, path: &'static str, body: fn(&str) -> Value) -> Field {
    Field { is_usual: true, ..field(name, path, body) }
}

const fn cut(name: &'static str, path: &'static str, body: fn(&str) -> Value) -> Field {
    Field { cuts: true, ..field(name, path, body) }
}

const fn header(name: &'static str, headers: fn(&str) -> Vec<(&'static str, String)>) -> Field {
    Field { headers, ..field(name, CHAT, |_| hello()) }
}

/// Returns a text in two, cut where a character ends.
pub(super) fn halves(text: &str) -> (&str, &str) {
    text.split_at(text.floor_char_boundary(text.len() / 2))
}

fn hello() -> Value {
    json!({ "messages": [user("hello")] })
}

fn user(text: &str) -> Value {
    json!({ "role": "user", "content": text })
}

fn with(field: &str, value: Value) -> Value {
    let mut body = hello();
    body[field] = value;
    body
}

/// Signs that a header may carry.
fn plain(text: &str) -> String {
    text.chars().map(|sign| if sign.is_ascii_graphic() { sign } else { '-' }).collect()
}

const CHAT: &str = "/v1/chat/completions";
const COMPLETIONS: &str = "/v1/completions";
const RESPONSES: &str = "/v1/responses";
const MESSAGES: &str = "/v1/messages";
const COUNT: &str = "/v1/messages/count_tokens";
const OLLAMA: &str = "/api/chat";
const GENERATE: &str = "/api/generate";

fn anthropic(mut body: Value) -> Value {
    body["max_tokens"] = json!(50);
    body
}

pub(super) const FIELDS: &[Field] = &[
    usual("openai: content", CHAT, |text| json!({ "messages": [user(text)] })),
    field(
        "openai: content in a sentence",
        CHAT,
        |text| json!({ "messages": [user(&format!("Please note: {text}. Thanks!"))] }),
    ),
    field(
        "openai: text part",
        CHAT,
        |text| json!({ "messages": [{ "role": "user", "content": [{ "type": "text", "text": text }] }] }),
    ),
    cut("openai: cut over two parts", CHAT, |text| {
        let (one, other) = halves(text);
        let part = |text: &str| json!({ "type": "text", "text": text });
        json!({ "messages": [{ "role": "user", "content": [part(one), part(other)] }] })
    }),
    cut("openai: cut over two messages", CHAT, |text| {
        let (one, other) = halves(text);
        json!({ "messages": [user(one), user(other)] })
    }),
    cut("openai: cut, with an answer in between", CHAT, |text| {
        let (one, other) = halves(text);
        let between = json!({ "role": "assistant", "content": "Go on." });
        json!({ "messages": [user(one), between, user(other)] })
    }),
    field(
        "openai: system",
        CHAT,
        |text| json!({ "messages": [{ "role": "system", "content": text }, user("hello")] }),
    ),
    field(
        "openai: developer",
        CHAT,
        |text| json!({ "messages": [{ "role": "developer", "content": text }, user("hello")] }),
    ),
    field(
        "openai: assistant",
        CHAT,
        |text| json!({ "messages": [user("hello"), { "role": "assistant", "content": text }, user("and?")] }),
    ),
    field("openai: thinking", CHAT, |text| {
        let said = json!({ "role": "assistant", "content": "ok", "reasoning_content": text });
        json!({ "messages": [user("hello"), said, user("and?")] })
    }),
    field(
        "openai: name of a speaker",
        CHAT,
        |text| json!({ "messages": [{ "role": "user", "name": text, "content": "hello" }] }),
    ),
    field("openai: arguments of a call", CHAT, |text| {
        let arguments = json!({ "to": text }).to_string();
        let call = json!({ "id": "call_1", "type": "function",
            "function": { "name": "send", "arguments": arguments } });
        let said = json!({ "role": "assistant", "tool_calls": [call] });
        json!({ "messages": [user("hello"), said,
            { "role": "tool", "tool_call_id": "call_1", "content": "done" }, user("and?")] })
    }),
    field("openai: result of a call", CHAT, |text| {
        let call = json!({ "id": "call_1", "type": "function",
            "function": { "name": "find", "arguments": "{}" } });
        let said = json!({ "role": "assistant", "tool_calls": [call] });
        json!({ "messages": [user("hello"), said,
            { "role": "tool", "tool_call_id": "call_1", "content": text }] })
    }),
    field("openai: description of a tool", CHAT, |text| {
        with(
            "tools",
            json!([{ "type": "function", "function": { "name": "send",
            "description": text, "parameters": { "type": "object" } } }]),
        )
    }),
    field("openai: schema of a tool", CHAT, |text| {
        with(
            "tools",
            json!([{ "type": "function", "function": { "name": "send",
            "parameters": { "type": "object", "properties": { "to": { "enum": [text] } } } } }]),
        )
    }),
    field("openai: schema of the answer", CHAT, |text| {
        with(
            "response_format",
            json!({ "type": "json_schema", "json_schema": { "name": "answer",
            "schema": { "type": "object", "properties": { "to": { "enum": [text] } } } } }),
        )
    }),
    usual("openai: stop", CHAT, |text| with("stop", json!(text))),
    field("openai: stop texts", CHAT, |text| with("stop", json!(["END", text]))),
    cut("openai: cut over two stop texts", CHAT, |text| {
        let (one, other) = halves(text);
        with("stop", json!([one, other]))
    }),
    field("openai: user", CHAT, |text| with("user", json!(text))),
    field("openai: metadata", CHAT, |text| with("metadata", json!({ "about": text }))),
    field("openai: prediction", CHAT, |text| {
        with("prediction", json!({ "type": "content", "content": text }))
    }),
    field("openai: safety_identifier", CHAT, |text| with("safety_identifier", json!(text))),
    field("openai: prompt_cache_key", CHAT, |text| with("prompt_cache_key", json!(text))),
    field("openai: an unknown field", CHAT, |text| with("x_note", json!(text))),
    field("openai: a name in an unknown field", CHAT, |text| with("x_note", json!({ text: 1 }))),
    field("openai: deep in an unknown field", CHAT, |text| {
        with("x_note", json!([{ "a": [text] }]))
    }),
    field("openai: an unknown option", CHAT, |text| with("stream_options", json!({ "x": text }))),
    cut("openai: cut over two unknown fields", CHAT, |text| {
        let (one, other) = halves(text);
        let mut body = with("x_note", json!(one));
        body["y_note"] = json!(other);
        body
    }),
    field("openai: a tool of an unknown type", CHAT, |text| {
        with("tools", json!([{ "type": "web", "name": "web", "about": text }]))
    }),
    field("openai: an unknown field's own name", CHAT, |text| with(text, json!(1))),
    header("header: one that is passed on", |text| vec![("openai-beta", plain(text))]),
    header("header: user-agent", |text| vec![("user-agent", plain(text))]),
    header("header: one of the client's own", |text| vec![("x-client-note", plain(text))]),
    header("header: organisation", |text| vec![("openai-organization", plain(text))]),
    header("header: purpose", |text| vec![("x-oratory-purpose", plain(text))]),
    header("header: cookie", |text| vec![("cookie", format!("who={}", plain(text)))]),
    header("header: a key for somebody else", |text| {
        vec![("authorization", format!("Bearer {}", plain(text)))]
    }),
    field("completions: prompt", COMPLETIONS, |text| json!({ "prompt": text })),
    field("completions: user", COMPLETIONS, |text| json!({ "prompt": "hello", "user": text })),
    usual("responses: input", RESPONSES, |text| json!({ "input": text })),
    field(
        "responses: items",
        RESPONSES,
        |text| json!({ "input": [{ "role": "user", "content": [{ "type": "input_text", "text": text }] }] }),
    ),
    cut("responses: cut over two items", RESPONSES, |text| {
        let (one, other) = halves(text);
        json!({ "input": [user(one), user(other)] })
    }),
    field(
        "responses: instructions",
        RESPONSES,
        |text| json!({ "input": "hello", "instructions": text }),
    ),
    field(
        "responses: metadata",
        RESPONSES,
        |text| json!({ "input": "hello", "metadata": { "about": text } }),
    ),
    field("responses: user", RESPONSES, |text| json!({ "input": "hello", "user": text })),
    field("embeddings: input", "/v1/embeddings", |text| json!({ "input": [text] })),
    field("rerank: query", "/v1/rerank", |text| json!({ "query": text, "documents": ["a"] })),
    field("rerank: documents", "/v1/rerank", |text| json!({ "query": "a", "documents": [text] })),
    usual("anthropic: content", MESSAGES, |text| anthropic(json!({ "messages": [user(text)] }))),
    field("anthropic: blocks", MESSAGES, |text| {
        let block = json!({ "type": "text", "text": text });
        anthropic(json!({ "messages": [{ "role": "user", "content": [block] }] }))
    }),
    cut("anthropic: cut over two blocks", MESSAGES, |text| {
        let (one, other) = halves(text);
        let block = |text: &str| json!({ "type": "text", "text": text });
        anthropic(
            json!({ "messages": [{ "role": "user", "content": [block(one), block(other)] }] }),
        )
    }),
    field("anthropic: system", MESSAGES, |text| {
        anthropic(json!({ "system": text, "messages": [user("hello")] }))
    }),
    field("anthropic: system blocks", MESSAGES, |text| {
        let block = json!({ "type": "text", "text": text });
        anthropic(json!({ "system": [block], "messages": [user("hello")] }))
    }),
    field("anthropic: stop_sequences", MESSAGES, |text| {
        anthropic(json!({ "stop_sequences": [text], "messages": [user("hello")] }))
    }),
    field("anthropic: metadata", MESSAGES, |text| {
        anthropic(json!({ "metadata": { "user_id": text }, "messages": [user("hello")] }))
    }),
    field("anthropic: result of a call", MESSAGES, |text| {
        let call = json!({ "type": "tool_use", "id": "toolu_1", "name": "find", "input": {} });
        let result = json!({ "type": "tool_result", "tool_use_id": "toolu_1", "content": text });
        anthropic(json!({ "messages": [user("hello"), { "role": "assistant", "content": [call] },
            { "role": "user", "content": [result] }] }))
    }),
    field("anthropic: counting", COUNT, |text| json!({ "messages": [user(text)] })),
    usual("ollama: content", OLLAMA, |text| json!({ "stream": false, "messages": [user(text)] })),
    field(
        "ollama: system",
        OLLAMA,
        |text| json!({ "stream": false, "messages": [{ "role": "system", "content": text }, user("hello")] }),
    ),
    field(
        "ollama: stop",
        OLLAMA,
        |text| json!({ "stream": false, "messages": [user("hello")], "options": { "stop": [text] } }),
    ),
    field("ollama: prompt", GENERATE, |text| json!({ "stream": false, "prompt": text })),
    field(
        "ollama: system of a prompt",
        GENERATE,
        |text| json!({ "stream": false, "prompt": "hello", "system": text }),
    ),
    field("ollama: embed", "/api/embed", |text| json!({ "input": text })),
];
