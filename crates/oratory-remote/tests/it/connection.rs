//! How many talk to a place at once, and what becomes of the connection when a caller leaves.

use futures_util::StreamExt;
use oratory_contract::{At, Delivery, FailureKind, Retry};
use oratory_fakes::Provider;

use crate::place::{ask, config, hear, open, until};

#[tokio::test]
async fn a_caller_who_leaves_is_noticed_by_the_provider_and_frees_the_room() {
    let provider = Provider::start().await;
    let mut config = config(provider.url());
    config.concurrency = 1;
    let place = open(config);
    let mut answer = ask(&place, "slow", "hello", Delivery::Stream).await.unwrap();
    answer.chunks.next().await.unwrap().unwrap();
    assert_eq!((provider.listeners(), provider.hung_up()), (1, 0));
    drop(answer);
    until("the provider sees the caller leave", || provider.hung_up() == 1).await;
    assert_eq!(provider.listeners(), 0);
    hear(ask(&place, "echo", "hello", Delivery::Stream).await.unwrap()).await.end.unwrap();
}

#[tokio::test]
async fn a_caller_who_leaves_before_the_first_word_is_noticed_too() {
    let provider = Provider::saying("").await;
    let place = open(config(provider.url()));
    for delivery in [Delivery::Whole, Delivery::Stream] {
        let asking = ask(&place, "echo", "hello", delivery);
        tokio::select! {
            _ = asking => panic!("nothing was said, yet there was an answer"),
            () = until("the provider hears the question", || provider.listeners() == 1) => {}
        }
        until("the provider sees the caller leave", || provider.listeners() == 0).await;
    }
}

#[tokio::test]
async fn one_request_more_than_the_place_takes_is_refused_at_once() {
    let provider = Provider::start().await;
    let mut config = config(provider.url());
    config.concurrency = 1;
    let place = open(config);
    let first = ask(&place, "slow", "hello", Delivery::Stream).await.unwrap();
    for delivery in [Delivery::Whole, Delivery::Stream] {
        let failure = ask(&place, "echo", "hello", delivery).await.unwrap_err();
        assert_eq!((failure.kind, &failure.at), (FailureKind::Overloaded, &At::Oratory));
        assert!(matches!(failure.retry, Retry::After(_)), "{:?}", failure.retry);
    }
    drop(first);
    assert_eq!(provider.received().len(), 1, "a refused request reached the provider");
}

#[tokio::test]
async fn one_connection_serves_request_after_request() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    for delivery in [Delivery::Whole, Delivery::Stream, Delivery::Stream, Delivery::Whole] {
        hear(ask(&place, "echo", "hello", delivery).await.unwrap()).await.end.unwrap();
    }
    assert_eq!(provider.connections(), 1);
}
