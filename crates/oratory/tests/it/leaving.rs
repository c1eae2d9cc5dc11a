//! What leaves the house, byte by byte, caught by a provider on a socket.

use oratory_fakes::Provider;
use serde_json::{Value, json};

use crate::house::House;

fn settings(address: &str, more: &str) -> String {
    format!(
        "[places.cloud]\nurl = \"{address}\"\nmodels = [\"echo\", \"cuts-off\", \"rate-limited\"]\nclearance = \"internal\"\n{more}"
    )
}

fn ask(model: &str, content: &str, stream: bool) -> Value {
    json!({
        "model": format!("cloud/{model}"), "stream": stream,
        "messages": [{ "role": "user", "content": content }],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn private_spans_leave_masked_and_come_back_whole() {
    let provider = Provider::start().await;
    let address = format!("http://{}/v1", provider.address());
    let house = House::new().settings(&settings(&address, "masked_clearance = \"confidential\"\n"));
    let server = house.serve();
    let text = "Mail ada@example.org about card 4111 1111 1111 1111 today";
    let whole = server.chat(&ask("echo", text, false));
    assert_eq!(whole.status, 200);
    assert_eq!(whole.header("x-oratory-labels"), Some("confidential+pii"));
    assert_eq!(whole.json()["choices"][0]["message"]["content"], text);
    let events = server.chat(&ask("echo", text, true)).events();
    let said: String = events[..events.len() - 1]
        .iter()
        .map(|event| serde_json::from_str::<Value>(event).unwrap())
        .filter_map(|event| event["choices"][0]["delta"]["content"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(said, text);
    let sent = provider.received().join("\n");
    assert!(sent.contains("Mail <EMAIL_1> about card <CARD_1> today"), "{sent}");
    for private in ["ada@", "4111"] {
        assert!(!sent.contains(private), "{private} left the house: {sent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_leave_does_not_even_connect() {
    let provider = Provider::start().await;
    let address = format!("http://{}/v1", provider.address());
    let house = House::new().settings(&settings(&address, ""));
    let server = house.serve();
    let key = ["gh", "p_Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d"].concat();
    for private in ["mail ada@example.org", &format!("use {key}")] {
        let response = server.chat(&ask("echo", private, false));
        assert_eq!(response.status, 403);
        let message = response.json()["error"]["message"].to_string();
        assert!(message.contains("policy keeps this request from cloud"), "{message}");
        assert!(!message.contains("ada@") && !message.contains(&key), "{message}");
    }
    assert_eq!(provider.received(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_elsewhere_are_told_in_our_words() {
    let provider = Provider::start().await;
    let address = format!("http://{}/v1", provider.address());
    let house = House::new().settings(&settings(&address, ""));
    let server = house.serve();
    let limited = server.chat(&ask("rate-limited", "hello", false));
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("7")));
    let events = server.chat(&ask("cuts-off", "hello", true)).events();
    let last: Value = serde_json::from_str(events.last().unwrap()).unwrap();
    assert!(last["error"]["message"].as_str().unwrap().contains("broke off"), "{last}");
}
