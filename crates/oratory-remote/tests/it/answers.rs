//! Answers that arrive, and requests as the provider reads them.

use oratory_contract::{Delivery, Done, Finish, Usage};
use oratory_fakes::Provider;
use oratory_privacy::RemotePlace;

use crate::place::{ask, asked, config, hear, open, sealed};

const DONE: Done = Done {
    finish: Finish::Stop,
    usage: Usage { input: 3, cached: 0, output: 2, reasoning: None, microjoules: None },
};

#[tokio::test]
async fn a_whole_answer_comes_in_one_piece_with_its_usage() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    let answer = ask(&place, "echo", "hello there", Delivery::Whole).await.unwrap();
    assert_eq!((answer.place.as_str(), answer.model.as_str()), ("lab", "echo"));
    let heard = hear(answer).await;
    assert_eq!(heard.texts, ["hello there"]);
    assert_eq!(heard.end.unwrap(), DONE);
}

#[tokio::test]
async fn a_streamed_answer_comes_word_by_word_with_its_usage() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    let heard = hear(ask(&place, "echo", "hello there", Delivery::Stream).await.unwrap()).await;
    assert_eq!(heard.texts, ["hello ", "there"]);
    assert_eq!(heard.end.unwrap(), DONE);
}

#[tokio::test]
async fn what_was_asked_for_reaches_the_provider_and_nothing_else_does() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    let mut asked = asked("hello", Delivery::Stream);
    asked.sampling.temperature = Some(0.5);
    asked.sampling.seed = Some(7);
    asked.limits.max_tokens = Some(9);
    asked.limits.stop = vec!["end".to_owned()];
    let answer = place.run(&"echo".into(), sealed(asked, "lab")).await.unwrap();
    hear(answer).await.end.unwrap();
    let received = provider.received();
    let (head, body) = received[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{head}");
    assert_eq!(
        body,
        concat!(
            r#"{"model":"echo","messages":[{"role":"user","content":"hello"}],"max_tokens":9,"#,
            r#""stop":["end"],"temperature":0.5,"seed":7,"stream":true,"#,
            r#""stream_options":{"include_usage":true}}"#
        )
    );
    let mut names: Vec<_> =
        head.lines().skip(1).filter_map(|line| line.split(':').next()).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "content-type", "host"], "{head}");
}
