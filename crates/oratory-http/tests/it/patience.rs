//! Streams that have nothing to say for a while give signs of life, and end as they should.
//!
//! A scripted model takes its time before each word.

use serde_json::json;

use crate::front::front;

#[tokio::test]
async fn a_prompt_that_takes_long_is_waited_for_within_the_answer() {
    let front = front().await;
    let said = json!([{ "role": "user", "content": "one two" }]);
    let body = json!({ "model": "late", "stream": true, "max_tokens": 9, "messages": said });
    for path in ["/v1/chat/completions", "/v1/messages"] {
        let response = front.post(path, &body).await;
        assert_eq!(response.status, 200);
        let before = response.body.find(": still at it").expect("a sign of life");
        assert!(response.head.contains("x-request-id: "), "{}", response.head);
        let first = response.body.find("\"one \"").expect("the first word");
        assert!(before < first, "{}", response.body);
        let events = response.events();
        let pings = events.iter().filter(|(name, _)| name == "ping").count();
        let last = events.last().unwrap();
        match path {
            "/v1/messages" => {
                assert!(pings > 1, "{}", response.body);
                assert_eq!(last.0, "message_stop");
            }
            _ => assert_eq!(last.1, "[DONE]"),
        }
    }
    // A line without an answer would be none of Ollama's.
    let lines = front.post("/api/chat", &body).await.lines();
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn what_fails_after_that_is_told_within_the_answer() {
    let front = front().await;
    let said = json!([{ "role": "user", "content": "" }]);
    let body = json!({
        "model": "late", "stream": true, "max_tokens": 9, "messages": said, "input": ""
    });
    for path in ["/v1/chat/completions", "/v1/messages", "/v1/responses"] {
        let response = front.post(path, &body).await;
        assert_eq!(response.status, 200, "{}", response.body);
        assert!(response.body.contains(": still at it"), "{}", response.body);
        let events = response.events();
        let [(name, told)] = &events[..] else { panic!("{}", response.body) };
        let (expected, message) = match path {
            "/v1/messages" => ("error", &told["error"]["message"]),
            "/v1/responses" => ("error", &told["message"]),
            _ => ("", &told["error"]["message"]),
        };
        assert_eq!(name, expected);
        assert!(message.as_str().unwrap().contains("broke off"), "{told}");
    }
    // Whether it had begun or not, it is counted.
    let page = front.get("/metrics").await.body;
    assert!(page.contains("{outcome=\"unreachable\"} 3"), "{page}");
}
