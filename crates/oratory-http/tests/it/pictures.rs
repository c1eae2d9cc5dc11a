//! Pictures and sounds, as clients of every dialect send them.
//!
//! A scripted model says what has come through to it, and where it stands.

use serde_json::{Value, json};

use crate::front::{Front, Response, front};

const CHAT: &str = "/v1/chat/completions";
const RESPONSES: &str = "/v1/responses";
const MESSAGES: &str = "/v1/messages";

/// Three bytes.
const FILE: &str = "Zm9v";

fn said(content: &Value) -> Value {
    json!({ "model": "sees", "messages": [{ "role": "user", "content": content }] })
}

fn input(content: &Value) -> Value {
    json!({ "model": "sees", "input": [{ "role": "user", "content": content }] })
}

async fn told(front: &Front, path: &str, body: &Value, at: &str) -> String {
    let response = front.post(path, body).await;
    assert_eq!(response.status, 200, "{}", response.body);
    let told = response.json();
    told.pointer(at).and_then(Value::as_str).unwrap_or_else(|| panic!("{told}")).to_owned()
}

#[tokio::test]
async fn every_dialect_says_where_a_picture_stands() {
    let front = front().await;
    let address = format!("data:image/png;base64,{FILE}");
    let parts = json!([
        { "type": "text", "text": "what is" },
        { "type": "image_url", "image_url": { "url": address, "detail": "high" } },
        { "type": "text", "text": "this" },
        { "type": "image_url", "image_url": { "url": address } },
        { "type": "input_audio", "input_audio": { "data": FILE, "format": "wav" } }
    ]);
    let two = "pictures of 3 bytes in message 0 at 7, pictures of 3 bytes in message 0 at 11";
    let chat = told(&front, CHAT, &said(&parts), "/choices/0/message/content").await;
    assert_eq!(chat, format!("{two}, sounds of 3 bytes in message 0 at 11"));
    let parts = json!([
        { "type": "input_text", "text": "what is" },
        { "type": "input_image", "image_url": address, "detail": "auto" },
        { "type": "input_text", "text": "this" },
        { "type": "input_image", "image_url": address }
    ]);
    let at = "/output/0/content/0/text";
    assert_eq!(told(&front, RESPONSES, &input(&parts), at).await, two);
    let image = json!({ "type": "image", "source": {
        "type": "base64", "media_type": "image/png", "data": FILE } });
    let text = json!({ "type": "text", "text": "see" });
    let mut body = said(&json!([text, image]));
    body["max_tokens"] = json!(50);
    let one = "pictures of 3 bytes in message 0 at 3";
    assert_eq!(told(&front, MESSAGES, &body, "/content/0/text").await, one);
    let content = json!({ "model": "sees", "stream": false, "messages": [
        { "role": "user", "content": "what is this", "images": [FILE, FILE] }] });
    let both = "pictures of 3 bytes in message 0 at 0, pictures of 3 bytes in message 0 at 0";
    assert_eq!(told(&front, "/api/chat", &content, "/message/content").await, both);
    let prompt = json!({ "model": "sees", "stream": false, "prompt": "what", "images": [FILE] });
    let one = "pictures of 3 bytes in message 0 at 0";
    assert_eq!(told(&front, "/api/generate", &prompt, "/response").await, one);
}

#[tokio::test]
async fn what_a_tool_shows_is_seen_too() {
    let front = front().await;
    let image = json!({ "type": "image", "source": { "type": "base64", "data": FILE } });
    let body = json!({ "model": "sees", "max_tokens": 50, "messages": [
        { "role": "user", "content": "draw" },
        { "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "x", "input": {} }] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "a", "is_error": true,
            "content": [{ "type": "text", "text": "half" }, image] }] }
    ] });
    let said = "pictures of 3 bytes in message 2 at 11";
    assert_eq!(told(&front, MESSAGES, &body, "/content/0/text").await, said);
}

#[tokio::test]
async fn capabilities_are_listed() {
    let shown = front().await.post("/api/show", &json!({ "model": "sees" })).await.json();
    assert_eq!(shown["capabilities"], json!(["completion", "tools", "vision", "audio"]));
}

fn refused(response: &Response, words: &str) {
    assert_eq!(response.status, 400, "{}", response.body);
    let told = response.json();
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains(words), "{message:?} does not say {words:?}");
}

#[tokio::test]
async fn mistakes_are_named_by_field() {
    let front = front().await;
    let picture = |address: &str| json!([{ "type": "image_url", "image_url": { "url": address } }]);
    let field = "`messages[0].content[0].image_url.url`";
    for (address, words) in [
        ("https://example.org/cat.png", "is an address, and nothing is fetched here"),
        ("file:///etc/passwd", "is no picture; send the picture itself"),
        ("data:image/png;base64", "has no comma"),
        ("data:image/svg+xml,%3Csvg", "send it in base64"),
        ("data:image/png;base64,Zm9*", "is not base64: the trouble begins at letter 4"),
        ("data:image/png;base64,", "is empty"),
    ] {
        let response = front.post(CHAT, &said(&picture(address))).await;
        refused(&response, words);
        refused(&response, field);
    }
    let sound = |format: &str| {
        said(&json!([{ "type": "input_audio", "input_audio": { "data": FILE, "format": format } }]))
    };
    refused(&front.post(CHAT, &sound("mp3")).await, "sounds are read as wav alone");
    let kind = said(&json!([{ "type": "file", "file": {} }]));
    refused(&front.post(CHAT, &kind).await, "reads text, pictures and sounds, not \"file\"");
    let bare = said(&json!([{ "type": "image_url" }]));
    refused(&front.post(CHAT, &bare).await, "image_url` is missing");
    let blind = json!({ "model": "echo", "messages": [
        { "role": "user", "content": picture(&format!("data:image/png;base64,{FILE}")) }] });
    let response = front.post(CHAT, &blind).await;
    refused(&response, "echo cannot read pictures: no projector file (mmproj) for that");
    let address = json!({ "type": "image", "source": { "type": "url", "url": "https://x.org/a" } });
    let mut body = said(&json!([address]));
    body["max_tokens"] = json!(50);
    let response = front.post(MESSAGES, &body).await;
    refused(&response, "`messages[0].content[0].source.url` is an address, and nothing is fetched");
    let many = json!([{ "type": "input_image", "file_id": "file-1" }]);
    refused(&front.post(RESPONSES, &input(&many)).await, "no files are kept here");
}
