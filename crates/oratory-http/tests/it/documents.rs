//! Documents that no detector can read, as clients of the three dialects send them: refused by
//! name, never left out in silence.
//!
//! Documents that are text are read like text; that is each dialect's matter.

use serde_json::{Value, json};

use crate::front::front;

/// The beginning of a PDF, in base64.
const PDF: &str = "JVBERi0xLjcK";

/// Where each dialect has documents: the path, the field that is named, and the body.
fn cases() -> Vec<(&'static str, &'static str, Value)> {
    let said = |content: Value| json!([{ "role": "user", "content": content }]);
    let chat = |part: Value| json!({ "model": "echo", "messages": said(json!([part])) });
    let data = format!("data:application/pdf;base64,{PDF}");
    let file = json!({ "filename": "a.pdf", "file_data": data });
    let source = |source: Value| json!({ "type": "document", "source": source });
    let based = json!({ "type": "base64", "media_type": "application/pdf", "data": PDF });
    let address = json!({ "type": "url", "url": "https://example.org/a.pdf" });
    let kept = json!({ "type": "file", "file_id": "file-1" });
    let within =
        json!({ "type": "tool_result", "tool_use_id": "1", "content": [source(based.clone())] });
    let input = |part: Value| json!({ "model": "echo", "input": said(json!([part])) });
    let responses = json!({ "type": "input_file", "filename": "a.pdf", "file_data": data });
    let messages =
        |part: Value| json!({ "model": "echo", "max_tokens": 9, "messages": said(json!([part])) });
    vec![
        (
            "/v1/chat/completions",
            "`messages[0].content[0]`",
            chat(json!({ "type": "file", "file": file })),
        ),
        (
            "/v1/chat/completions",
            "`messages[0].content[0]`",
            chat(json!({ "type": "file", "file": { "file_id": "file-1" } })),
        ),
        ("/v1/responses", "input[0].content[0]", input(responses)),
        (
            "/v1/responses",
            "input[0].content[0]",
            input(json!({ "type": "input_file", "file_id": "file-1" })),
        ),
        (
            "/v1/messages",
            "`messages[0].content[0].source.type` is \"base64\"",
            messages(source(based)),
        ),
        (
            "/v1/messages",
            "`messages[0].content[0].source.type` is \"url\"",
            messages(source(address)),
        ),
        (
            "/v1/messages",
            "`messages[0].content[0].source.type` is \"file\"",
            messages(source(kept)),
        ),
        (
            "/v1/messages",
            "`messages[0].content[0].content[0].source.type` is \"base64\"",
            messages(within),
        ),
        (
            "/v1/messages",
            "`messages[0].content[0].type` is \"container_upload\"",
            messages(json!({ "type": "container_upload", "file_id": "file-1" })),
        ),
        (
            "/v1/messages",
            "`messages[0].content[0].type` is \"web_search_tool_result\"",
            messages(
                json!({ "type": "web_search_tool_result", "tool_use_id": "1", "content": [] }),
            ),
        ),
    ]
}

#[tokio::test]
async fn a_document_that_nobody_can_read_is_refused_by_name() {
    let front = front().await;
    for (path, field, body) in cases() {
        let response = front.post(path, &body).await;
        assert_eq!(response.status, 400, "{path} {body}: {}", response.body);
        let told = response.json();
        let message = told["error"]["message"].as_str().unwrap();
        assert!(message.contains(field), "{path} {body}: {message}");
        assert!(!message.contains(PDF), "{path} {body}: {message}");
    }
    assert_eq!(front.ledger.records(), [], "nothing was asked of any model");
}
