//! What nobody here reads goes to a place of the same dialect as it came, and nowhere else.

use oratory_fakes::Provider;
use serde_json::{Value, json};

use crate::house::{House, Response, Server};

fn settings(provider: &Provider) -> String {
    let place = |name: &str, kind: &str| {
        format!(
            "[places.{name}]\nurl = \"{}\"\nkind = \"{kind}\"\nmodels = [\"echo\"]\n\
             clearance = \"internal\"\nmasked_clearance = \"confidential\"\n",
            provider.url()
        )
    };
    place("same", "openai") + &place("other", "gemini")
}

fn body(model: &str, note: &str) -> Value {
    json!({
        "model": model, "messages": [{ "role": "user", "content": "hello" }],
        "novel": { "note": note, "list": [1, null, true] }, "seed": 7, "typical_p": 0.5,
    })
}

fn ask(server: &Server, body: &Value, headers: &str) -> Response {
    let body = body.to_string();
    server.send(&format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    ))
}

fn last(provider: &Provider) -> Value {
    let request = provider.received().pop().unwrap();
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_of_the_same_dialect_receives_what_nobody_here_knows() {
    let provider = Provider::start().await;
    let server = House::new().settings(&settings(&provider)).serve();
    let strict = "x-oratory-strict: true\r\nopenai-beta: novel=v1\r\nx-other: no\r\n";
    let answered = ask(&server, &body("same/echo", "as it is"), strict);
    assert_eq!(answered.status, 200, "{}", answered.head);
    assert_eq!(answered.header("x-oratory-left-out"), None);
    let sent = last(&provider);
    assert_eq!(sent["novel"], json!({ "note": "as it is", "list": [1, null, true] }), "{sent}");
    assert_eq!((&sent["typical_p"], &sent["seed"]), (&json!(0.5), &json!(7)), "{sent}");
    let head = provider.received().pop().unwrap().to_lowercase();
    assert!(head.contains("openai-beta: novel=v1"), "{head}");
    assert!(!head.contains("x-other") && !head.contains("x-oratory"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_of_another_dialect_does_not_and_the_answer_says_so() {
    let provider = Provider::start().await;
    let server = House::new().settings(&settings(&provider)).serve();
    // The fake speaks no such dialect; what it was sent counts.
    let asked = ask(&server, &body("other/echo", "as it is"), "");
    assert_ne!(asked.status, 400, "{}", asked.head);
    assert!(!provider.received().pop().unwrap().contains("novel"));
    let before = provider.received().len();
    let refused = ask(&server, &body("other/echo", "x"), "x-oratory-strict: true\r\n");
    assert_eq!(refused.status, 400);
    assert_eq!(provider.received().len(), before);
    let told = refused.json();
    assert_eq!(told["error"]["param"], "novel", "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_private_in_it_leaves_masked_or_not_at_all() {
    let provider = Provider::start().await;
    let server = House::new().settings(&settings(&provider)).serve();
    let answered = ask(&server, &body("same/echo", "write to ada@example.org"), "");
    assert_eq!(answered.header("x-oratory-labels"), Some("confidential+pii"));
    let sent = last(&provider);
    let note = sent["novel"]["note"].as_str().unwrap();
    assert!(note.starts_with("write to <EMAIL_") && !note.contains('@'), "{sent}");
    let before = provider.received().len();
    let secret = ["gh", "p_Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d"].concat();
    assert_eq!(ask(&server, &body("same/echo", &secret), "").status, 403);
    assert_eq!(provider.received().len(), before);
}
