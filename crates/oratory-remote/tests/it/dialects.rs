//! What each dialect makes of a request and of an answer, byte for byte.
//!
//! The request has something of everything; it is compared with what is committed in `golden`.

use std::path::{Path, PathBuf};

use oratory_contract::{
    Asked, Call, CallHead, CallPart, Chunk, Delivery, Done, Effort, Finish, Form, Message, Role,
    Several, Tool, ToolChoice, Usage,
};
use oratory_fakes::Provider;
use oratory_privacy::RemotePlace;
use oratory_remote::{Access, Config, Dialect, Place};

use crate::canned::{events, success, whole};
use crate::place::{asked, config, hear, open, sealed};

const BOTH: [Delivery; 2] = [Delivery::Whole, Delivery::Stream];

/// Opens a place of this dialect.
pub(crate) fn place(dialect: Dialect, provider: &Provider) -> Place {
    let access = Access { dialect, ..Access::default() };
    open(Config { access, ..config(provider.url()) })
}

fn body(dialect: Dialect, delivery: Delivery) -> Vec<u8> {
    match delivery {
        Delivery::Whole => whole(dialect),
        Delivery::Stream => events(dialect).concat(),
    }
}

/// Returns a request with something of everything that this dialect has words for.
fn rich(dialect: Dialect, delivery: Delivery) -> Asked {
    let mut asked = asked("Is it warm in Oslo?", delivery);
    let call = |id: &str, city: &str| Call {
        id: id.to_owned(),
        name: "weather".to_owned(),
        arguments: format!("{{\"city\":\"{city}\"}}"),
    };
    let result = |id: &str, text: &str| Message {
        answers: Some(id.to_owned()),
        ..Message::new(Role::Tool, text)
    };
    let calls = vec![call("one of the caller's", "Bergen"), call("another", "Oslo")];
    let called = Message { calls, ..Message::new(Role::Assistant, "Let me see.") };
    asked.messages.insert(0, Message::new(Role::System, "Be brief."));
    asked.messages.extend([
        called,
        result("one of the caller's", "{\"degrees\":4}"),
        result("another", "warm"),
        Message::new(Role::Assistant, "It is."),
        Message::new(Role::User, "And now?"),
    ]);
    asked.tools.offered = vec![Tool {
        name: "weather".to_owned(),
        description: Some("Tells the weather.".to_owned()),
        parameters: "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}"
            .to_owned(),
        strict: false,
    }];
    let one = matches!(dialect, Dialect::Gemini | Dialect::Bedrock | Dialect::Ollama);
    asked.tools.several = if one { Several::Allowed } else { Several::No };
    if dialect != Dialect::Ollama {
        asked.tools.choice = ToolChoice::Auto;
    }
    asked.form = Form::Schema(
        "{\"type\":\"object\",\"properties\":{\"warm\":{\"type\":\"boolean\"}},\
          \"required\":[\"warm\"],\"additionalProperties\":false}"
            .to_owned(),
    );
    asked.effort = Some(Effort::Low);
    asked.limits.max_tokens = Some(99);
    if dialect != Dialect::Responses {
        asked.limits.stop = vec!["END".to_owned()];
    }
    asked.sampling.temperature = Some(0.7);
    asked.sampling.top_p = Some(0.9);
    asked.sampling.seed = Some(7);
    asked.sampling.frequency_penalty = Some(0.1);
    asked.sampling.presence_penalty = Some(0.2);
    if !matches!(dialect, Dialect::Anthropic | Dialect::Bedrock) {
        asked.sampling.chances = Some(2);
    }
    asked
}

/// Models that are asked otherwise than others in the same dialect.
const SPECIAL: [(Dialect, &str, &str); 4] = [
    (Dialect::OpenAi, "gpt-5-mini", "openai-thinks"),
    (Dialect::Anthropic, "claude-opus-4-8", "anthropic-thinks-by-itself"),
    (Dialect::Gemini, "gemini-2.5-flash", "gemini-early"),
    (Dialect::Bedrock, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock-claude"),
];

#[tokio::test]
async fn everything_asked_is_written_in_the_dialects_words() {
    let mut otherwise = Vec::new();
    for dialect in Dialect::ALL {
        for (delivery, kind) in [(Delivery::Whole, "whole"), (Delivery::Stream, "stream")] {
            let found = written(dialect, delivery, "echo:1").await;
            otherwise.extend(differs(&format!("{}-{kind}.txt", dialect.as_str()), &found));
        }
    }
    for (dialect, model, name) in SPECIAL {
        let found = written(dialect, Delivery::Stream, model).await;
        otherwise.extend(differs(&format!("{name}.txt"), &found));
    }
    assert!(otherwise.is_empty(), "tests/golden is otherwise now; look at {otherwise:#?}");
}

/// Returns what a rich request is on the wire.
async fn written(dialect: Dialect, delivery: Delivery, model: &str) -> String {
    let answer = success(dialect, delivery, &body(dialect, delivery));
    let provider = Provider::saying(answer).await;
    let place = place(dialect, &provider);
    let asked = rich(dialect, delivery);
    assert_eq!(place.lacks(&asked), None, "{}", dialect.as_str());
    let answer = place.run(&model.into(), sealed(asked, "lab")).await.expect("it is answered");
    hear(answer).await.end.expect("the answer ends well");
    let received = provider.received();
    let (head, body) = received[0].split_once("\r\n\r\n").expect("a request has a body");
    let target = head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1");
    let value: serde_json::Value = serde_json::from_str(body).expect("it is JSON");
    format!("{target}\n{value:#}\n")
}

/// Compares with what is committed; what was found instead is kept for a person to look at.
fn differs(name: &str, found: &str) -> Option<PathBuf> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let committed = std::fs::read_to_string(&golden).unwrap_or_default();
    if committed == found {
        return None;
    }
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&kept, found).expect("the folder can be written");
    Some(kept)
}

fn expected(parts: &[&str]) -> Vec<Chunk> {
    let call = |begins, arguments: &str| {
        Chunk::Call(CallPart { index: 0, begins, arguments: arguments.to_owned() })
    };
    let head = CallHead { id: "t1".to_owned(), name: "weather".to_owned() };
    let begin = [Chunk::Thinking("Hm.".to_owned()), call(Some(head), "")];
    begin.into_iter().chain(parts.iter().map(|part| call(None, part))).collect()
}

#[tokio::test]
async fn thoughts_words_calls_and_usage_are_heard_in_every_dialect() {
    for dialect in Dialect::ALL {
        for delivery in BOTH {
            let provider =
                Provider::saying(success(dialect, delivery, &body(dialect, delivery))).await;
            let asked = asked("Is it warm in Oslo?", delivery);
            let place = place(dialect, &provider);
            let answer = place.run(&"echo".into(), sealed(asked, "lab")).await.unwrap();
            let heard = hear(answer).await;
            let whole_calls = matches!(dialect, Dialect::Gemini | Dialect::Ollama);
            let parts: &[&str] = match delivery {
                Delivery::Stream if !whole_calls => &["{\"city\":", "\"Oslo\"}"],
                _ => &["{\"city\":\"Oslo\"}"],
            };
            let what = format!("{} {delivery:?}", dialect.as_str());
            assert_eq!(heard.texts, ["Well."], "{what}");
            assert_eq!(heard.rest, expected(parts), "{what}");
            let cached = if dialect == Dialect::Ollama { 0 } else { 4 };
            // The others count thoughts among the rest and do not say how many they were.
            let apart = [Dialect::OpenAi, Dialect::Azure, Dialect::Responses, Dialect::Gemini];
            let reasoning = apart.contains(&dialect).then_some(2);
            let usage = Usage { input: 10, cached, output: 7, reasoning, microjoules: None };
            assert_eq!(heard.end.unwrap(), Done { finish: Finish::Calls, usage }, "{what}");
        }
    }
}

#[tokio::test]
async fn what_a_dialect_has_no_words_for_is_named() {
    let provider = Provider::saying("").await;
    let lacks = |dialect, change: fn(&mut Asked)| {
        let mut asked = asked("hello", Delivery::Whole);
        change(&mut asked);
        place(dialect, &provider).lacks(&asked)
    };
    let chances = |asked: &mut Asked| asked.sampling.chances = Some(0);
    assert_eq!(lacks(Dialect::Anthropic, chances), Some("token chances"));
    assert_eq!(lacks(Dialect::OpenAi, chances), None);
    let stop = |asked: &mut Asked| asked.limits.stop = vec!["END".to_owned()];
    assert_eq!(lacks(Dialect::Responses, stop), Some("stop texts"));
    let must = |asked: &mut Asked| asked.tools.choice = ToolChoice::Required;
    assert_eq!(lacks(Dialect::Ollama, must), Some("tools that must be called"));
    for dialect in Dialect::ALL {
        let grammar = |asked: &mut Asked| asked.form = Form::Grammar("start: \"a\"".to_owned());
        assert_eq!(lacks(dialect, grammar), Some("regular expressions and grammars"));
        assert_eq!(lacks(dialect, |_| ()), None);
    }
}

#[tokio::test]
async fn models_are_listed_as_each_dialect_lists_them() {
    for (dialect, path, body) in [
        (Dialect::OpenAi, "/v1/models", r#"{"object":"list","data":[{"id":"one"},{"id":"two"}]}"#),
        (
            Dialect::Anthropic,
            "/v1/models?limit=1000",
            r#"{"data":[{"type":"model","id":"one"},{"type":"model","id":"two"}],"has_more":false}"#,
        ),
        (
            Dialect::Gemini,
            "/v1/models?pageSize=1000",
            r#"{"models":[{"name":"models/one","supportedGenerationMethods":["generateContent"]},{"name":"models/embeds","supportedGenerationMethods":["embedContent"]},{"name":"models/two","supportedGenerationMethods":["generateContent","countTokens"]}]}"#,
        ),
        (
            Dialect::Ollama,
            "/v1/api/tags",
            r#"{"models":[{"name":"one","size":1},{"name":"two","size":2}]}"#,
        ),
    ] {
        let provider = Provider::saying(success(dialect, Delivery::Whole, body.as_bytes())).await;
        let access = Access { dialect, ..Access::default() };
        let place = open(Config { access, models: vec![], ..config(provider.url()) });
        place.listed().await;
        let names: Vec<_> = place.models().iter().map(|model| model.name.to_string()).collect();
        assert_eq!(names, ["one", "two"], "{}", dialect.as_str());
        assert!(provider.received()[0].starts_with(&format!("GET {path} HTTP/1.1\r\n")));
    }
}
