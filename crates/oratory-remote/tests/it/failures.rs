//! What a caller is told when the provider refuses, breaks off, talks nonsense or says nothing.

use std::time::Duration;

use oratory_contract::{At, Delivery, FailureKind, Retry};
use oratory_fakes::Provider;
use oratory_privacy::RemotePlace;

use crate::place::{ask, asked, config, failure, hear, open, sealed};

const BOTH: [Delivery; 2] = [Delivery::Whole, Delivery::Stream];

fn whole(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

#[tokio::test]
async fn a_stream_that_is_cut_gives_its_words_and_then_says_so() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    let heard = hear(ask(&place, "cuts-off", "hello", Delivery::Stream).await.unwrap()).await;
    assert_eq!(heard.texts, ["this ", "stops "]);
    let failure = heard.end.unwrap_err();
    assert_eq!((failure.kind, &failure.at), (FailureKind::Unreachable, &At::Remote("lab".into())));
    assert!(failure.message.contains("the answer from lab broke off"), "{failure}");
}

#[tokio::test]
async fn a_stream_that_closes_politely_but_unfinished_is_cut_too() {
    let event = "data: {\"choices\":[{\"delta\":{\"content\":\"so \"}}]}\n\n";
    let provider = Provider::saying(whole("200 OK", "", event)).await;
    let place = open(config(provider.url()));
    let heard = hear(ask(&place, "echo", "hello", Delivery::Stream).await.unwrap()).await;
    assert_eq!(heard.texts, ["so "]);
    assert_eq!(heard.end.unwrap_err().kind, FailureKind::Unreachable);
}

#[tokio::test]
async fn a_whole_answer_that_is_cut_is_no_answer() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    let failure = failure(&place, "cuts-off", Delivery::Whole).await;
    assert_eq!(failure.kind, FailureKind::Unreachable);
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    for delivery in BOTH {
        let failure = failure(&place, "rate-limited", delivery).await;
        assert_eq!(failure.kind, FailureKind::Overloaded);
        assert_eq!(failure.at, At::Remote("lab".into()));
        assert_eq!(failure.retry, Retry::After(Duration::from_secs(7)));
        assert_eq!(failure.message, "lab answered 429: too many");
    }
}

#[tokio::test]
async fn the_providers_own_error_is_passed_on_in_its_words() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    for delivery in BOTH {
        let failure = failure(&place, "crashes", delivery).await;
        assert_eq!((failure.kind, failure.retry), (FailureKind::Upstream, Retry::Now));
        assert_eq!(failure.message, "lab answered 500: the model crashed");
    }
}

#[tokio::test]
async fn an_error_in_mid_stream_is_passed_on_after_the_words() {
    let events = "data: {\"choices\":[{\"delta\":{\"content\":\"so \"}}]}\n\n\
                  data: {\"error\":{\"message\":\"out of memory\"}}\n\n\
                  data: {\"choices\":[{\"delta\":{\"content\":\"lost\"}}]}\n\ndata: [DONE]\n\n";
    let provider = Provider::saying(whole("200 OK", "", events)).await;
    let place = open(config(provider.url()));
    let heard = hear(ask(&place, "echo", "hello", Delivery::Stream).await.unwrap()).await;
    assert_eq!(heard.texts, ["so "]);
    let failure = heard.end.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Upstream);
    assert!(failure.message.contains("out of memory"), "{failure}");
}

#[tokio::test]
async fn a_place_where_nobody_listens_is_named_with_its_address() {
    let provider = Provider::start().await;
    let address = provider.address();
    drop(provider);
    let place = open(config(format!("http://{address}/v1")));
    for delivery in BOTH {
        let failure = failure(&place, "echo", delivery).await;
        assert_eq!(failure.kind, FailureKind::Unreachable);
        let start = format!("lab at http://{address}/v1 cannot be reached: ");
        assert!(failure.message.starts_with(&start), "{failure}");
        assert!(failure.hint.unwrap().contains("`url`"));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_hint_says_so() {
    let elsewhere = Provider::start().await;
    let location = format!("location: {}/chat/completions\r\n", elsewhere.url());
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let provider = Provider::saying(whole(status, &location, "")).await;
        let place = open(config(provider.url()));
        for delivery in BOTH {
            let failure = failure(&place, "echo", delivery).await;
            assert_eq!(failure.kind, FailureKind::Upstream, "{status}");
            assert!(failure.hint.unwrap().contains("redirects are not followed"), "{status}");
        }
    }
    assert_eq!(elsewhere.received(), [""; 0], "the request went where no policy let it");
}

#[tokio::test]
async fn silence_is_a_timeout_before_the_first_word_and_after_it() {
    let event = "data: {\"choices\":[{\"delta\":{\"content\":\"so \"}}]}\n\n";
    let more_to_come = event.len() + 1;
    let begun = format!("HTTP/1.1 200 OK\r\ncontent-length: {more_to_come}\r\n\r\n{event}");
    for said in ["", begun.as_str()] {
        let provider = Provider::saying(said).await;
        let mut config = config(provider.url());
        config.first = Duration::from_millis(100);
        config.silence = Duration::from_millis(100);
        let place = open(config);
        let failure = failure(&place, "echo", Delivery::Stream).await;
        assert_eq!(failure.kind, FailureKind::Timeout, "after {said:?}");
        assert!(failure.message.starts_with("lab said nothing for"), "{failure}");
        assert_eq!(provider.received().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_may_not_take_longer_than_the_request_allows() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    for delivery in BOTH {
        let mut asked = asked("hello", delivery);
        asked.limits.time = Duration::from_millis(150);
        let answer = place.run(&"slow".into(), sealed(asked, "lab")).await;
        let failure = match answer {
            Ok(answer) => hear(answer).await.end.unwrap_err(),
            Err(failure) => failure,
        };
        assert_eq!(failure.kind, FailureKind::Timeout, "{delivery:?}");
    }
}

#[tokio::test]
async fn what_is_no_chat_completion_is_the_providers_fault() {
    for body in ["<html>hello</html>", "{\"choices\":[]}", "[1,2"] {
        let provider = Provider::saying(whole("200 OK", "", body)).await;
        let failure = failure(&open(config(provider.url())), "echo", Delivery::Whole).await;
        assert_eq!(failure.kind, FailureKind::Upstream, "{body}");
        assert!(failure.message.contains("makes no sense"), "{failure}");
    }
    for event in ["data: <html>\n\n", "data: {\"choices\":\n\n"] {
        let provider = Provider::saying(whole("200 OK", "", event)).await;
        let failure = failure(&open(config(provider.url())), "echo", Delivery::Stream).await;
        assert_eq!(failure.kind, FailureKind::Upstream, "{event}");
    }
    let provider = Provider::saying("SSH-2.0-OpenSSH_9.2\r\n").await;
    let failure = failure(&open(config(provider.url())), "echo", Delivery::Whole).await;
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.message.contains("did not answer"), "{failure}");
}
