//! What came in a dialect's own words is passed on to places of that dialect alone, and whatever a
//! place is not told is named.

use oratory_contract::{
    Asked, Delivery, Dry, Effort, Extras, FailureKind, Mirostat, Shortening, TooLong, Tool, Words,
    Xtc,
};
use oratory_fakes::Provider;
use oratory_privacy::RemotePlace;
use oratory_remote::{Access, Config, Dialect, Key, Place};
use serde_json::{Value, json};

use crate::canned::{success, whole};
use crate::dialects::place;
use crate::place::{asked, config, open, sealed};

const SAME: [(Dialect, Words); 5] = [
    (Dialect::OpenAi, Words::Chat),
    (Dialect::Azure, Words::Chat),
    (Dialect::Responses, Words::Responses),
    (Dialect::Anthropic, Words::Messages),
    (Dialect::Ollama, Words::Ollama),
];

/// Returns head and body of what a place was sent.
async fn sent(place: &Place, provider: &Provider, asked: Asked) -> (String, Value) {
    let before = provider.received().len();
    place.run(&"echo".into(), sealed(asked, "lab")).await.expect("it is answered");
    let request = provider.received().remove(before);
    let (head, body) = request.split_once("\r\n\r\n").expect("a request has a body");
    (head.to_lowercase(), serde_json::from_str(body).expect("it is JSON"))
}

async fn provider(dialect: Dialect) -> Provider {
    Provider::saying(success(dialect, Delivery::Whole, &whole(dialect))).await
}

fn extras(words: Words) -> Extras {
    let fields = json!({ "novel": { "deep": [1, null] }, "model": "mine", "stream": true,
        "options": { "num_ctx": 7 } });
    let tool = json!({ "type": "search_20990101", "name": "search", "uses": 3 });
    Extras {
        words: Some(words),
        fields: fields.to_string(),
        tools: vec![tool.to_string()],
        headers: vec![
            ("anthropic-beta".to_owned(), "novel-2099".to_owned()),
            ("x-api-key".to_owned(), "mine".to_owned()),
            ("authorization".to_owned(), "mine".to_owned()),
        ],
        ..Extras::default()
    }
}

#[tokio::test]
async fn the_same_words_are_passed_on_and_change_nothing_that_is_said_here() {
    for (dialect, words) in SAME {
        let provider = provider(dialect).await;
        let key = Some(Key::from("ours".to_owned()));
        let access = Access { dialect, key, ..Access::default() };
        let place = open(Config { access, ..config(provider.url()) });
        assert!(place.speaks(words), "{}", dialect.as_str());
        let mut asked = asked("hello", Delivery::Whole);
        asked.sampling.temperature = Some(0.5);
        asked.extras = extras(words);
        let (head, body) = sent(&place, &provider, asked).await;
        assert_eq!(body["novel"], json!({ "deep": [1, null] }), "{body}");
        assert_eq!((&body["model"], body["stream"] == true), (&json!("echo"), false), "{body}");
        assert_eq!(body["options"]["num_ctx"], 7, "{body}");
        if dialect == Dialect::Ollama {
            assert_eq!(body["options"]["temperature"], 0.5, "{body}");
        }
        assert_eq!(body["tools"][0]["uses"], 3, "{body}");
        assert!(head.contains("anthropic-beta: novel-2099"), "{head}");
        assert_eq!(head.matches("ours").count(), 1, "{head}");
    }
}

#[tokio::test]
async fn other_words_are_not_passed_on() {
    for dialect in Dialect::ALL {
        for (_, words) in SAME {
            if SAME.contains(&(dialect, words)) {
                continue;
            }
            let provider = provider(dialect).await;
            let place = place(dialect, &provider);
            assert!(!place.speaks(words));
            let mut asked = asked("hello", Delivery::Whole);
            asked.extras = extras(words);
            let (head, body) = sent(&place, &provider, asked).await;
            assert!(!body.to_string().contains("novel"), "{body}");
            assert!(!body.to_string().contains("search"), "{body}");
            assert!(!head.contains("novel"), "{head}");
        }
    }
}

#[tokio::test]
async fn what_is_private_in_a_header_is_stopped_at_the_gate() {
    let provider = Provider::saying("").await;
    let place = place(Dialect::Anthropic, &provider);
    let mut asked = asked("hello", Delivery::Whole);
    let secret = ["sk", "-", "abcdefghijklmnopqrstuvwxyz"].concat();
    let headers = vec![("anthropic-beta".to_owned(), secret)];
    asked.extras = Extras { words: Some(Words::Messages), headers, ..Extras::default() };
    let failure = place.run(&"echo".into(), sealed(asked, "lab")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert_eq!(provider.connections(), 0);
}

type Change = fn(&mut Asked);

/// Everything that some dialect leaves out, by the name under which it says so.
const WISHES: [(&str, Change); 18] = [
    ("temperature", |asked| asked.sampling.temperature = Some(0.25)),
    ("top_p", |asked| asked.sampling.top_p = Some(0.25)),
    ("top_k", |asked| asked.sampling.top_k = Some(7)),
    ("min_p", |asked| asked.sampling.min_p = Some(0.25)),
    ("typical_p", |asked| asked.sampling.typical_p = Some(0.25)),
    ("top_n_sigma", |asked| asked.sampling.top_n_sigma = Some(1.5)),
    ("seed", |asked| asked.sampling.seed = Some(7)),
    ("frequency_penalty", |asked| asked.sampling.frequency_penalty = Some(0.25)),
    ("presence_penalty", |asked| asked.sampling.presence_penalty = Some(0.25)),
    ("repetition_penalty", |asked| asked.sampling.repeat_penalty = Some(1.25)),
    ("repeat_last_n", |asked| {
        asked.sampling.repeat_penalty = Some(1.25);
        asked.sampling.penalty_window = Some(64);
    }),
    ("xtc", |asked| asked.sampling.xtc = Some(Xtc { probability: 0.5, threshold: 0.1 })),
    ("dry", |asked| {
        asked.sampling.dry = Some(Dry { multiplier: 0.5, base: 1.5, allowed: 2 });
    }),
    ("mirostat", |asked| {
        asked.sampling.mirostat = Some(Mirostat { version: 2, tau: 5.0, eta: 0.1 });
    }),
    ("thinking", |asked| asked.effort = Some(Effort::High)),
    ("strict", |asked| asked.tools.offered[0].strict = true),
    ("truncation", |asked| {
        asked.at_home.shortening = Shortening { too_long: TooLong::Cut, ..Shortening::default() };
    }),
    ("context_management", |asked| asked.at_home.shortening.thoughts = Some(1)),
];

#[tokio::test]
async fn every_wish_is_said_or_named_as_left_out() {
    for (dialect, words) in SAME
        .map(|(dialect, words)| (dialect, Some(words)))
        .into_iter()
        .chain(Dialect::ALL.map(|dialect| (dialect, None)))
    {
        let provider = provider(dialect).await;
        let place = place(dialect, &provider);
        let mut plain = asked("hello", Delivery::Whole);
        plain.extras.words = words;
        plain.tools.offered = vec![Tool {
            name: "add".to_owned(),
            description: None,
            parameters: "{\"type\":\"object\",\"properties\":{}}".to_owned(),
            strict: false,
        }];
        let without = sent(&place, &provider, plain.clone()).await.1;
        for (name, change) in WISHES {
            let mut wished = plain.clone();
            change(&mut wished);
            let named = place.leaves_out(&"echo".into(), &wished).contains(&name);
            // A window says nothing without a penalty, which is another wish.
            let mut base = plain.clone();
            if name == "repeat_last_n" {
                base.sampling.repeat_penalty = Some(1.25);
            }
            let base = match name {
                "repeat_last_n" => sent(&place, &provider, base).await.1,
                _ => without.clone(),
            };
            let said = sent(&place, &provider, wished).await.1 != base;
            assert_ne!(said, named, "{} {words:?}: {name}", dialect.as_str());
        }
        assert_eq!(place.leaves_out(&"echo".into(), &plain), Vec::<&str>::new());
    }
}
