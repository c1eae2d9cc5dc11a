//! Answers that end otherwise than usual, or are written as no specification has it.
//!
//! All of these are written so by servers in use.

use oratory_contract::{Chunk, Delivery, FailureKind, Finish, Retry};
use oratory_fakes::Provider;
use oratory_privacy::RemotePlace;
use oratory_remote::Dialect;

use crate::canned::{frame, success};
use crate::dialects::place;
use crate::place::{Heard, asked, hear, sealed};

/// Has a place answer with this body, and hears what is made of it.
async fn heard(dialect: Dialect, delivery: Delivery, body: &[u8]) -> Heard {
    let provider = Provider::closing(success(dialect, delivery, body)).await;
    let mut asked = asked("hello", delivery);
    if dialect != Dialect::Responses {
        asked.limits.stop = vec!["no".to_owned(), "END".to_owned()];
    }
    match place(dialect, &provider).run(&"echo".into(), sealed(asked, "lab")).await {
        Ok(answer) => hear(answer).await,
        Err(failure) => Heard { texts: Vec::new(), rest: Vec::new(), end: Err(failure) },
    }
}

async fn whole(dialect: Dialect, body: &str) -> Heard {
    heard(dialect, Delivery::Whole, body.as_bytes()).await
}

async fn streamed(dialect: Dialect, events: &[&str]) -> Heard {
    let events: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    heard(dialect, Delivery::Stream, events.as_bytes()).await
}

#[tokio::test]
async fn an_answer_says_why_it_ends() {
    for (dialect, body, finish) in [
        (
            Dialect::OpenAi,
            r#"{"choices":[{"message":{"content":"a"},"finish_reason":"length"}]}"#,
            Finish::Length,
        ),
        (
            Dialect::OpenAi,
            r#"{"choices":[{"message":{"content":"a"},"finish_reason":"stop","stop_reason":"END"}]}"#,
            Finish::Text(1),
        ),
        (
            Dialect::OpenAi,
            r#"{"choices":[{"message":{"content":"a"},"finish_reason":"stop","stop_reason":151645}]}"#,
            Finish::Stop,
        ),
        (
            Dialect::OpenAi,
            r#"{"choices":[{"message":{"content":"a"},"finish_reason":null}]}"#,
            Finish::Stop,
        ),
        (
            Dialect::Anthropic,
            r#"{"content":[{"type":"text","text":"a"}],"stop_reason":"max_tokens"}"#,
            Finish::Length,
        ),
        (
            Dialect::Anthropic,
            r#"{"content":[{"type":"text","text":"a"}],"stop_reason":"stop_sequence","stop_sequence":"END"}"#,
            Finish::Text(1),
        ),
        (
            Dialect::Anthropic,
            r#"{"content":[{"type":"text","text":"a"},{"type":"new_block","x":1}],"stop_reason":"pause_turn"}"#,
            Finish::Stop,
        ),
        (
            Dialect::Gemini,
            r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"MAX_TOKENS"}]}"#,
            Finish::Length,
        ),
        (
            Dialect::Ollama,
            r#"{"message":{"content":"a"},"done":true,"done_reason":"length"}"#,
            Finish::Length,
        ),
        (
            Dialect::Bedrock,
            r#"{"output":{"message":{"content":[{"text":"a"}]}},"stopReason":"max_tokens"}"#,
            Finish::Length,
        ),
        (
            Dialect::Bedrock,
            r#"{"output":{"message":{"content":[{"text":"a"}]}},"stopReason":"stop_sequence","additionalModelResponseFields":{"stop_sequence":"END"}}"#,
            Finish::Text(1),
        ),
        (
            Dialect::Responses,
            r#"{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}]}"#,
            Finish::Length,
        ),
    ] {
        let heard = whole(dialect, body).await;
        assert_eq!(heard.texts, ["a"], "{body}");
        assert_eq!(heard.end.unwrap().finish, finish, "{body}");
    }
}

#[tokio::test]
async fn an_answer_that_a_filter_stops_is_a_failure_and_not_asked_again() {
    for (dialect, body) in [
        (
            Dialect::OpenAi,
            r#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#,
        ),
        (Dialect::Anthropic, r#"{"content":[],"stop_reason":"refusal"}"#),
        (Dialect::Gemini, r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#),
        (Dialect::Gemini, r#"{"candidates":[{"finishReason":"SAFETY"}]}"#),
        (
            Dialect::Bedrock,
            r#"{"output":{"message":{"content":[]}},"stopReason":"guardrail_intervened"}"#,
        ),
        (
            Dialect::Responses,
            r#"{"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]}"#,
        ),
    ] {
        let failure = whole(dialect, body).await.end.unwrap_err();
        assert_eq!((failure.kind, failure.retry), (FailureKind::Upstream, Retry::Never), "{body}");
        assert!(failure.message.contains("filter"), "{failure}");
    }
}

#[tokio::test]
async fn an_answer_without_an_answer_is_senseless() {
    for (dialect, body) in [
        (Dialect::OpenAi, r#"{"choices":[]}"#),
        (Dialect::Anthropic, r#"{"id":"m1"}"#),
        (Dialect::Gemini, "{}"),
        (Dialect::Ollama, r#"{"message":{"content":"a"},"done":false}"#),
        (Dialect::Bedrock, r#"{"output":{}}"#),
        (Dialect::Responses, r#"{"status":"in_progress","output":[]}"#),
    ] {
        let failure = whole(dialect, body).await.end.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Upstream, "{body}");
        assert!(failure.message.contains("makes no sense"), "{failure}");
    }
}

/// Returns the calls in an answer: their tools and what those are given.
fn calls(heard: &Heard) -> Vec<(String, String)> {
    let mut calls: Vec<(String, String)> = Vec::new();
    for chunk in &heard.rest {
        let Chunk::Call(part) = chunk else { continue };
        if let Some(head) = &part.begins {
            assert!(!head.id.is_empty(), "a call has a name of its own");
            calls.push((head.name.clone(), String::new()));
        }
        calls[part.index as usize].1.push_str(&part.arguments);
    }
    calls
}

#[tokio::test]
async fn calls_are_heard_however_servers_write_them() {
    let object = r#"{"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}}]}}]}"#;
    let two = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}},{"index":1,"id":"","function":{"name":"g","arguments":"{}"}}]}}]}"#;
    let named_again = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"","arguments":""}}]},"finish_reason":"stop"}]}"#;
    let one = streamed(Dialect::OpenAi, &[object, named_again, "[DONE]"]).await;
    assert_eq!(calls(&one), [("f".to_owned(), "{\"x\":1}".to_owned())]);
    assert_eq!(one.end.unwrap().finish, Finish::Calls, "some servers call that a stop");
    let heard = streamed(Dialect::OpenAi, &[two, "[DONE]"]).await;
    let expected = [("f", "{}"), ("g", "{}")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(calls(&heard), expected);
    let part = r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"f","args":{"x":1}}}]},"finishReason":"STOP"}]}"#;
    let heard = streamed(Dialect::Gemini, &[part]).await;
    let expected = [("f", "{}"), ("f", "{\"x\":1}")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(calls(&heard), expected);
    assert_eq!(heard.end.unwrap().finish, Finish::Calls);
}

#[tokio::test]
async fn thoughts_are_heard_however_servers_write_them() {
    for delta in [
        r#"{"reasoning_content":"Hm.","content":"a"}"#,
        r#"{"reasoning":"Hm.","content":"a"}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]},{"type":"text","text":"a"}]}"#,
    ] {
        let event = format!("{{\"choices\":[{{\"delta\":{delta}}}]}}");
        let heard = streamed(Dialect::OpenAi, &[&event, "[DONE]"]).await;
        assert_eq!(heard.texts, ["a"], "{delta}");
        assert_eq!(heard.rest, [Chunk::Thinking("Hm.".to_owned())], "{delta}");
    }
}

#[tokio::test]
async fn token_chances_are_heard_in_every_dialect_that_has_them() {
    let rated = r#"{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[{"token":"a","logprob":-0.5,"bytes":[97]},{"token":"b","logprob":-1.0,"bytes":[98]}]}"#;
    let plain = r#"{"token":"a","logprob":-0.5,"top_logprobs":[{"token":"a","logprob":-0.5},{"token":"b","logprob":-1.0}]}"#;
    for (dialect, body) in [
        (Dialect::OpenAi, format!(r#"{{"choices":[{{"message":{{"content":"a"}},"finish_reason":"stop","logprobs":{{"content":[{rated}]}}}}]}}"#)),
        (Dialect::Responses, format!(r#"{{"status":"completed","output":[{{"type":"message","content":[{{"type":"output_text","text":"a","logprobs":[{rated}]}}]}}]}}"#)),
        (Dialect::Ollama, format!(r#"{{"message":{{"content":"a"}},"done":true,"logprobs":[{plain}]}}"#)),
        (Dialect::Gemini, r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP","logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-0.5}],"topCandidates":[{"candidates":[{"token":"a","logProbability":-0.5},{"token":"b","logProbability":-1.0}]}]}}]}"#.to_owned()),
    ] {
        let heard = whole(dialect, &body).await;
        heard.end.unwrap();
        let [Chunk::Chances(chances)] = &heard.rest[..] else { panic!("{:?}", heard.rest) };
        let [chance] = &chances[..] else { panic!("{chances:?}") };
        assert_eq!((&chance.token.bytes[..], chance.token.logprob), (&b"a"[..], -0.5), "{body}");
        let top: Vec<_> = chance.top.iter().map(|rated| (&rated.bytes[..], rated.logprob)).collect();
        assert_eq!(top, [(&b"a"[..], -0.5), (&b"b"[..], -1.0)], "{body}");
    }
}

#[tokio::test]
async fn a_signed_stream_that_ends_with_its_reason_needs_no_figures() {
    let events = [
        frame("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#),
        frame("someNewEvent", "{}"),
        frame("messageStop", r#"{"stopReason":"end_turn"}"#),
    ];
    let heard = heard(Dialect::Bedrock, Delivery::Stream, &events.concat()).await;
    assert_eq!(heard.texts, ["a"]);
    assert_eq!(heard.end.unwrap().finish, Finish::Stop);
}
