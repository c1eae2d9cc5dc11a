//! Bodies that are no request in any dialect: each is told so in the words of its own.
//!
//! What is wrong with single fields is each dialect's matter.

use serde_json::json;

use crate::front::{front, front_with};

const PATHS: [&str; 12] = [
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/responses",
    "/v1/embeddings",
    "/v1/rerank",
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/api/chat",
    "/api/generate",
    "/api/embed",
    "/api/embeddings",
    "/api/show",
];

#[tokio::test]
async fn every_dialect_tells_what_is_wrong_in_its_own_envelope() {
    let front = front().await;
    let deep = format!("{{\"messages\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies: [(&[u8], &str); 9] = [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"{\"model\":\"\xc3\x28\"}", "`model`"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"7", "must be a JSON object"),
        (b"{\"model\":7}", "`model` is 7; it must be a text"),
        // Where it stands is told, or that it is too deep.
        (deep.as_bytes(), ""),
    ];
    for path in PATHS {
        for (body, words) in bodies {
            let response = front.post_bytes(path, "", body).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert_eq!(response.status, 400, "{path} {shown}: {}", response.body);
            let told = response.json();
            let message = match path {
                path if path.starts_with("/api") => told["error"].as_str(),
                _ => told["error"]["message"].as_str(),
            };
            let message = message.unwrap_or_else(|| panic!("{path} {shown}: {}", response.body));
            assert_eq!(told["type"] == "error", path.starts_with("/v1/messages"), "{path}");
            let unread = words == "`model`" && message.contains("not JSON");
            // A rerank or a show of nothing is missing something first.
            assert!(message.contains(words) || unread, "{path} {shown}: {message}");
            for word in ["struct", "u32", "sequence", "Question", "visitor", "untagged"] {
                assert!(!message.contains(word), "{path} {shown}: {message}");
            }
        }
    }
    assert_eq!(front.ledger.records(), []);
}

#[tokio::test]
async fn the_door_tells_it_in_their_words_too() {
    let front = front_with(Some("sesame"), oratory_http::Limits::default()).await;
    for path in PATHS {
        let response = front.post(path, &json!({})).await;
        assert_eq!(response.status, 401, "{path}");
        let told = response.json();
        assert_eq!(told["error"].is_string(), path.starts_with("/api"), "{path}: {told}");
    }
}
