//! What each provider says, in its own words and frames: one answer that thinks, speaks and calls.
//!
//! Written after the providers' descriptions; no dialect of ours is used to write it.

use oratory_contract::Delivery;
use oratory_remote::Dialect;
use serde_json::{Value, json};

/// Returns the head of a success.
pub(crate) fn head(dialect: Dialect, delivery: Delivery, length: usize) -> String {
    let kind = match (dialect, delivery) {
        (_, Delivery::Whole) => "application/json",
        (Dialect::Ollama, _) => "application/x-ndjson",
        (Dialect::Bedrock, _) => "application/vnd.amazon.eventstream",
        _ => "text/event-stream",
    };
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n")
}

/// Returns a success with this body.
pub(crate) fn success(dialect: Dialect, delivery: Delivery, body: &[u8]) -> Vec<u8> {
    [head(dialect, delivery, body.len()).as_bytes(), body].concat()
}

/// Returns the answer in one piece.
pub(crate) fn whole(dialect: Dialect) -> Vec<u8> {
    let value = match dialect {
        Dialect::OpenAi | Dialect::Azure => json!({
            "id": "c1", "object": "chat.completion", "created": 1, "model": "echo",
            "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": {
                "role": "assistant", "reasoning_content": "Hm.", "content": "Well.",
                "tool_calls": [{ "id": "t1", "type": "function",
                    "function": { "name": "weather", "arguments": "{\"city\":\"Oslo\"}" } }],
            } }],
            "usage": { "prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17,
                "prompt_tokens_details": { "cached_tokens": 4 },
                "completion_tokens_details": { "reasoning_tokens": 2 } },
        }),
        Dialect::Responses => response("completed"),
        Dialect::Anthropic => json!({
            "id": "m1", "type": "message", "role": "assistant", "model": "echo",
            "content": [
                { "type": "thinking", "thinking": "Hm.", "signature": "c2ln" },
                { "type": "text", "text": "Well." },
                { "type": "tool_use", "id": "t1", "name": "weather", "input": { "city": "Oslo" } },
            ],
            "stop_reason": "tool_use", "stop_sequence": null,
            "usage": { "input_tokens": 5, "cache_creation_input_tokens": 1,
                "cache_read_input_tokens": 4, "output_tokens": 7 },
        }),
        Dialect::Gemini => json!({
            "candidates": [{ "index": 0, "finishReason": "STOP", "content": { "role": "model",
                "parts": [
                    { "text": "Hm.", "thought": true },
                    { "text": "Well." },
                    { "functionCall": { "id": "t1", "name": "weather", "args": { "city": "Oslo" } },
                        "thoughtSignature": "c2ln" },
                ] } }],
            "usageMetadata": { "promptTokenCount": 10, "cachedContentTokenCount": 4,
                "candidatesTokenCount": 5, "thoughtsTokenCount": 2, "totalTokenCount": 17 },
        }),
        Dialect::Ollama => json!({
            "model": "echo", "created_at": "2026-11-21T12:00:00Z",
            "message": { "role": "assistant", "content": "Well.", "thinking": "Hm.",
                "tool_calls": [{ "id": "t1",
                    "function": { "index": 0, "name": "weather", "arguments": { "city": "Oslo" } } }] },
            "done": true, "done_reason": "stop", "prompt_eval_count": 10, "eval_count": 7,
        }),
        Dialect::Bedrock => json!({
            "output": { "message": { "role": "assistant", "content": [
                { "reasoningContent": { "reasoningText": { "text": "Hm.", "signature": "c2ln" } } },
                { "text": "Well." },
                { "toolUse": { "toolUseId": "t1", "name": "weather", "input": { "city": "Oslo" } } },
            ] } },
            "stopReason": "tool_use", "metrics": { "latencyMs": 1 },
            "usage": { "inputTokens": 5, "outputTokens": 7, "totalTokens": 17,
                "cacheReadInputTokens": 4, "cacheWriteInputTokens": 1 },
        }),
    };
    value.to_string().into_bytes()
}

fn response(status: &str) -> Value {
    json!({
        "id": "r1", "object": "response", "status": status, "model": "echo", "error": null,
        "incomplete_details": null,
        "output": [
            { "type": "reasoning", "id": "rs1",
                "summary": [{ "type": "summary_text", "text": "Hm." }] },
            { "type": "message", "id": "m1", "role": "assistant", "status": "completed",
                "content": [{ "type": "output_text", "text": "Well.", "annotations": [] }] },
            { "type": "function_call", "id": "f1", "call_id": "t1", "name": "weather",
                "arguments": "{\"city\":\"Oslo\"}", "status": "completed" },
        ],
        "usage": { "input_tokens": 10, "output_tokens": 7, "total_tokens": 17,
            "input_tokens_details": { "cached_tokens": 4 },
            "output_tokens_details": { "reasoning_tokens": 2 } },
    })
}

/// Returns the events of the answer, framed one by one.
pub(crate) fn events(dialect: Dialect) -> Vec<Vec<u8>> {
    match dialect {
        Dialect::OpenAi | Dialect::Azure => chat(),
        Dialect::Responses => responses(),
        Dialect::Anthropic => messages(),
        Dialect::Gemini => gemini(),
        Dialect::Ollama => ollama(),
        Dialect::Bedrock => converse(),
    }
}

/// Returns an event that only the dialect's words make something of.
pub(crate) fn nonsense(dialect: Dialect) -> Vec<u8> {
    match dialect {
        Dialect::Ollama => b"{\"message\":\n".to_vec(),
        Dialect::Bedrock => frame("contentBlockDelta", "{\"delta\":"),
        _ => b"data: {\"choices\":\n\n".to_vec(),
    }
}

/// Returns bytes that are no frames of the dialect at all.
pub(crate) fn unframed(dialect: Dialect) -> Vec<u8> {
    match dialect {
        Dialect::Bedrock => vec![0x2a; 64],
        _ => b"<html>no stream</html>\n\n".to_vec(),
    }
}

fn data(value: &Value) -> Vec<u8> {
    format!("data: {value}\n\n").into_bytes()
}

fn chat() -> Vec<Vec<u8>> {
    let choice = |delta: Value, finish: Value| {
        data(&json!({ "id": "c1", "object": "chat.completion.chunk", "model": "echo",
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] }))
    };
    let call = |function: Value, id: Value| {
        let call = json!({ "index": 0, "id": id, "type": "function", "function": function });
        choice(json!({ "tool_calls": [call] }), Value::Null)
    };
    vec![
        choice(json!({ "role": "assistant", "reasoning_content": "Hm." }), Value::Null),
        choice(json!({ "content": "Well." }), Value::Null),
        call(json!({ "name": "weather", "arguments": "" }), json!("t1")),
        call(json!({ "arguments": "{\"city\":" }), Value::Null),
        call(json!({ "arguments": "\"Oslo\"}" }), Value::Null),
        choice(json!({}), json!("tool_calls")),
        data(&json!({ "choices": [], "usage": { "prompt_tokens": 10, "completion_tokens": 7,
            "prompt_tokens_details": { "cached_tokens": 4 },
            "completion_tokens_details": { "reasoning_tokens": 2 } } })),
        b"data: [DONE]\n\n".to_vec(),
    ]
}

fn named(value: &Value) -> Vec<u8> {
    let name = value["type"].as_str().unwrap_or_default();
    format!("event: {name}\ndata: {value}\n\n").into_bytes()
}

fn responses() -> Vec<Vec<u8>> {
    let call = json!({ "type": "function_call", "id": "f1", "call_id": "t1", "name": "weather",
        "arguments": "", "status": "in_progress" });
    let arguments = |delta: &str| {
        named(&json!({ "type": "response.function_call_arguments.delta", "item_id": "f1",
            "output_index": 2, "delta": delta, "sequence_number": 6 }))
    };
    vec![
        named(&json!({ "type": "response.created", "sequence_number": 0,
            "response": { "id": "r1", "status": "in_progress", "output": [] } })),
        named(&json!({ "type": "response.reasoning_summary_text.delta", "item_id": "rs1",
            "output_index": 0, "summary_index": 0, "delta": "Hm.", "sequence_number": 1 })),
        named(&json!({ "type": "response.output_item.added", "output_index": 1,
            "item": { "type": "message", "id": "m1", "content": [] }, "sequence_number": 2 })),
        named(&json!({ "type": "response.output_text.delta", "item_id": "m1", "output_index": 1,
            "content_index": 0, "delta": "Well.", "logprobs": [], "sequence_number": 3 })),
        named(&json!({ "type": "response.output_text.done", "item_id": "m1", "output_index": 1,
            "content_index": 0, "text": "Well.", "sequence_number": 4 })),
        named(&json!({ "type": "response.output_item.added", "output_index": 2, "item": call,
            "sequence_number": 5 })),
        arguments("{\"city\":"),
        arguments("\"Oslo\"}"),
        named(&json!({ "type": "response.completed", "response": response("completed"),
            "sequence_number": 8 })),
    ]
}

fn messages() -> Vec<Vec<u8>> {
    let start = |index: u64, block: Value| {
        named(&json!({ "type": "content_block_start", "index": index, "content_block": block }))
    };
    let delta = |index: u64, delta: Value| {
        named(&json!({ "type": "content_block_delta", "index": index, "delta": delta }))
    };
    let json = |text: &str| json!({ "type": "input_json_delta", "partial_json": text });
    vec![
        named(&json!({ "type": "message_start", "message": { "id": "m1", "type": "message",
            "role": "assistant", "content": [], "model": "echo", "stop_reason": null,
            "usage": { "input_tokens": 5, "cache_creation_input_tokens": 1,
                "cache_read_input_tokens": 4, "output_tokens": 1 } } })),
        start(0, json!({ "type": "thinking", "thinking": "", "signature": "" })),
        named(&json!({ "type": "ping" })),
        delta(0, json!({ "type": "thinking_delta", "thinking": "Hm." })),
        delta(0, json!({ "type": "signature_delta", "signature": "c2ln" })),
        named(&json!({ "type": "content_block_stop", "index": 0 })),
        start(1, json!({ "type": "text", "text": "" })),
        delta(1, json!({ "type": "text_delta", "text": "Well." })),
        start(2, json!({ "type": "tool_use", "id": "t1", "name": "weather", "input": {} })),
        delta(2, json("")),
        delta(2, json("{\"city\":")),
        delta(2, json("\"Oslo\"}")),
        named(&json!({ "type": "message_delta", "usage": { "output_tokens": 7 },
            "delta": { "stop_reason": "tool_use", "stop_sequence": null } })),
        named(&json!({ "type": "message_stop" })),
    ]
}

fn gemini() -> Vec<Vec<u8>> {
    let part = |part: Value| {
        data(&json!({ "candidates": [{ "index": 0,
            "content": { "role": "model", "parts": [part] } }] }))
    };
    vec![
        part(json!({ "text": "Hm.", "thought": true })),
        part(json!({ "text": "Well." })),
        part(json!({ "functionCall": { "id": "t1", "name": "weather",
            "args": { "city": "Oslo" } } })),
        data(&json!({
            "candidates": [{ "index": 0, "finishReason": "STOP",
                "content": { "role": "model", "parts": [{ "text": "" }] } }],
            "usageMetadata": { "promptTokenCount": 10, "cachedContentTokenCount": 4,
                "candidatesTokenCount": 5, "thoughtsTokenCount": 2 },
        })),
    ]
}

fn ollama() -> Vec<Vec<u8>> {
    let line = |message: Value| {
        format!("{}\n", json!({ "model": "echo", "message": message, "done": false })).into_bytes()
    };
    let end = json!({ "model": "echo", "message": { "role": "assistant", "content": "" },
        "done": true, "done_reason": "stop", "prompt_eval_count": 10, "eval_count": 7 });
    vec![
        line(json!({ "role": "assistant", "content": "", "thinking": "Hm." })),
        line(json!({ "role": "assistant", "content": "Well." })),
        line(json!({ "role": "assistant", "content": "", "tool_calls": [{ "id": "t1",
            "function": { "name": "weather", "arguments": { "city": "Oslo" } } }] })),
        format!("{end}\n").into_bytes(),
    ]
}

fn converse() -> Vec<Vec<u8>> {
    let delta = |index: u64, delta: Value| {
        let event = json!({ "contentBlockIndex": index, "delta": delta });
        frame("contentBlockDelta", &event.to_string())
    };
    let start = json!({ "contentBlockIndex": 2,
        "start": { "toolUse": { "toolUseId": "t1", "name": "weather" } } });
    vec![
        frame("messageStart", "{\"role\":\"assistant\"}"),
        delta(0, json!({ "reasoningContent": { "text": "Hm." } })),
        delta(0, json!({ "reasoningContent": { "signature": "c2ln" } })),
        frame("contentBlockStop", "{\"contentBlockIndex\":0}"),
        delta(1, json!({ "text": "Well." })),
        frame("contentBlockStart", &start.to_string()),
        delta(2, json!({ "toolUse": { "input": "{\"city\":" } })),
        delta(2, json!({ "toolUse": { "input": "\"Oslo\"}" } })),
        frame("messageStop", "{\"stopReason\":\"tool_use\"}"),
        frame(
            "metadata",
            "{\"usage\":{\"inputTokens\":5,\"outputTokens\":7,\"totalTokens\":17,\
            \"cacheReadInputTokens\":4,\"cacheWriteInputTokens\":1},\"metrics\":{\"latencyMs\":1}}",
        ),
    ]
}

/// Returns one frame of AWS's event stream.
pub(crate) fn frame(name: &str, payload: &str) -> Vec<u8> {
    let kind = if name.ends_with("Exception") { "exception" } else { "event" };
    let mut headers = Vec::new();
    for (header, value) in [
        (format!(":{kind}-type"), name),
        (":content-type".to_owned(), "application/json"),
        (":message-type".to_owned(), kind),
    ] {
        headers.push(header.len() as u8);
        headers.extend(header.as_bytes());
        headers.push(7);
        headers.extend((value.len() as u16).to_be_bytes());
        headers.extend(value.as_bytes());
    }
    let length = (12 + headers.len() + payload.len() + 4) as u32;
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend((headers.len() as u32).to_be_bytes());
    frame.extend(crc32(&frame).to_be_bytes());
    frame.extend(headers);
    frame.extend(payload.as_bytes());
    frame.extend(crc32(&frame).to_be_bytes());
    frame
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
