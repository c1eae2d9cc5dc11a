//! What leaves the house, byte by byte, caught by a provider on a socket.

use oratory_fakes::Provider;
use serde_json::{Value, json};

use crate::house::House;

fn settings(address: &str, more: &str) -> String {
    format!(
        "[places.cloud]\nurl = \"{address}\"\nmodels = [\"echo\", \"cuts-off\", \"rate-limited\"]\nclearance = \"internal\"\n{more}"
    )
}

/// Returns a text without the numbers of its surrogates, which begin anywhere.
fn unnumbered(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_inclusive('_') {
        let digits = part.chars().take_while(char::is_ascii_digit).count();
        let is_number = digits > 0 && part[digits..].starts_with('>');
        out.push_str(if is_number { "#" } else { &part[..digits] });
        out.push_str(&part[digits..]);
    }
    out
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
    let numbered = unnumbered(&sent);
    assert!(numbered.contains("Mail <EMAIL_#> about card <CARD_#> today"), "{sent}");
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
        assert!(response.header("x-request-id").is_some(), "the record can be found");
        let message = response.json()["error"]["message"].to_string();
        assert!(message.contains("policy keeps this request from cloud"), "{message}");
        assert!(!message.contains("ada@") && !message.contains(&key), "{message}");
    }
    assert_eq!(provider.received(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn long_text_is_looked_through_to_its_end() {
    let provider = Provider::start().await;
    let address = format!("http://{}/v1", provider.address());
    let house = House::new().settings(&settings(&address, "masked_clearance = \"confidential\"\n"));
    let server = house.serve();
    let text = format!("{} ada@example.org", "All is well here. ".repeat(20_000));
    let response = server.chat(&ask("echo", &text, false));
    assert_eq!(response.status, 200);
    assert_eq!(response.json()["choices"][0]["message"]["content"], text);
    assert!(unnumbered(&provider.received().join("")).contains("<EMAIL_#>"));
    assert!(!provider.received().join("").contains("ada@"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_stated_does_not_leave_by_being_masked() {
    let provider = Provider::start().await;
    let address = format!("http://{}/v1", provider.address());
    let house = House::new().settings(&settings(&address, "masked_clearance = \"confidential\"\n"));
    let mut arguments = vec!["ask", "--model", "cloud/echo", "--label", "confidential"];
    arguments.push("Patient Miller is ill, ada@example.org");
    let output = house.run(&arguments);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(provider.received(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_waits_for_a_place_to_list_its_models() {
    let provider = Provider::start().await;
    let settings = format!(
        "[places.lab]\nurl = \"http://{}/v1\"\ntier = \"onprem\"\nclearance = \"internal\"\n",
        provider.address()
    );
    let house = House::new().settings(&settings);
    let output = house.run(&["ask", "--model", "echo", "hello"]);
    assert_eq!(crate::house::printed(&output), "hello\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_quotes_the_key_or_the_request_is_not_quoted_in_the_log() {
    let key = ["sk-", "quoted-by-the-provider-0123456789"].concat();
    let body = format!("{{\"error\":{{\"message\":\"bad key {key} for MARKER\"}}}}");
    let answer = format!(
        "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let provider = Provider::saying(answer).await;
    let settings = format!(
        "[places.cloud]\nurl = \"http://{}/v1\"\nclearance = \"internal\"\nkey = \"{key}\"\n",
        provider.address()
    );
    let house = House::new().settings(&settings);
    let output = house.run(&["ask", "--log", "trace", "--model", "cloud/m", "MARKER"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!told.contains(&key), "{told}");
    // Once, to the person who asked; the log has its own lines.
    let log = told.split("oratory: ").next().unwrap();
    assert!(!log.contains("MARKER"), "{log}");
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
