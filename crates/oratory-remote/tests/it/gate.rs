//! The egress gate: the last look at the bytes, whatever came before it.
//!
//! Requests here are sealed as they are, as if every earlier step had failed.

use std::sync::Arc;

use oratory_contract::{At, Clearance, Delivery, FailureKind, Labels, Retry, Sensitivity};
use oratory_fakes::{Book, Provider};
use oratory_privacy::{Custom, Description, RemotePlace};
use oratory_remote::Config;
use sha2::{Digest, Sha256};

use crate::place::{ask, asked, config, hear, open, sealed};

// Put together here, so that no scanner takes this file for a leak.
fn private(text: &str) -> String {
    let email = ["ada", "@", "example", ".org"].concat();
    let card = ["4111 1111", " 1111 1111"].concat();
    let key = ["sk", "-", "abcdefghijklmnopqrstuvwxyz"].concat();
    text.replace("EMAIL", &email).replace("CARD", &card).replace("KEY", &key)
}

async fn let_through(as_is: Sensitivity, text: &str) -> bool {
    let provider = Provider::start().await;
    let mut config = config(provider.url());
    config.clearance = Clearance { as_is, masked: Some(Sensitivity::Secret) };
    let place = open(config);
    let text = private(text);
    for delivery in [Delivery::Whole, Delivery::Stream] {
        let Ok(answer) = ask(&place, "echo", &text, delivery).await.map_err(|failure| {
            assert_eq!((failure.kind, &failure.at), (FailureKind::Refused, &At::Oratory));
            assert_eq!(failure.retry, Retry::Never);
            assert!(failure.message.contains("egress gate"), "{failure}");
            assert!(failure.message.contains("cleared up to"), "{failure}");
            assert!(!format!("{failure} {failure:?}").contains(&text), "it tells the secret");
        }) else {
            assert_eq!(provider.received(), [""; 0], "bytes left although they were refused");
            assert_eq!(provider.connections(), 0);
            return false;
        };
        hear(answer).await.end.expect("what is let through is answered");
    }
    assert_eq!(provider.received().len(), 2);
    true
}

#[tokio::test]
async fn private_text_does_not_leave_for_a_place_cleared_for_less() {
    assert!(!let_through(Sensitivity::Public, "write to EMAIL").await);
    assert!(!let_through(Sensitivity::Internal, "write to EMAIL").await);
    assert!(!let_through(Sensitivity::Internal, "pay with CARD").await);
    assert!(let_through(Sensitivity::Confidential, "write to EMAIL, pay with CARD").await);
    assert!(let_through(Sensitivity::Public, "nothing private").await);
}

#[tokio::test]
async fn names_and_addresses_do_not_leave_for_a_place_cleared_for_less() {
    assert!(!let_through(Sensitivity::Public, "My name is Sarah Miller.").await);
    assert!(!let_through(Sensitivity::Internal, "She lives at 14 Larkspur Road, Otley.").await);
    assert!(!let_through(Sensitivity::Internal, "He was diagnosed with breast cancer.").await);
    assert!(let_through(Sensitivity::Confidential, "My name is Sarah Miller.").await);
    assert!(let_through(Sensitivity::Public, "What is the capital of France?").await);
    assert!(let_through(Sensitivity::Public, "Dear <PERSON_1>, see you at <ADDRESS_1>.").await);
}

#[tokio::test]
async fn a_key_never_leaves_whatever_the_place_is_cleared_for() {
    for level in Sensitivity::ALL {
        assert!(!let_through(level, "use KEY").await, "{level}");
    }
}

#[tokio::test]
async fn private_text_that_json_escapes_does_not_leave_either() {
    assert!(!let_through(Sensitivity::Public, "a\n\"EMAIL\"\t").await);
}

#[tokio::test]
async fn stop_texts_and_model_names_are_looked_at_as_well() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    let key = private("KEY");
    let mut in_stop = asked("hello", Delivery::Whole);
    in_stop.limits.stop = vec![key.clone()];
    let refused = place.run(&"echo".into(), sealed(in_stop, "lab")).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    let as_model = sealed(asked("hello", Delivery::Whole), "lab");
    let refused = place.run(&key.into(), as_model).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert_eq!(provider.received(), [""; 0]);
}

#[tokio::test]
async fn what_was_sealed_for_another_place_is_refused() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    let masked = sealed(asked("hello", Delivery::Whole), "attic");
    let failure = place.run(&"echo".into(), masked).await.unwrap_err();
    assert_eq!((failure.kind, &failure.at), (FailureKind::Refused, &At::Oratory));
    assert_eq!(failure.message, "masked for attic, not for lab");
    assert_eq!(provider.received(), [""; 0]);
}

#[tokio::test]
async fn what_leaves_is_written_down_first_with_its_digest() {
    let provider = Provider::start().await;
    let book = Arc::new(Book::default());
    let place = open(Config { departures: book.clone(), ..config(provider.url()) });
    for delivery in [Delivery::Whole, Delivery::Stream] {
        hear(ask(&place, "echo", "hello", delivery).await.unwrap()).await.end.unwrap();
    }
    let noted = book.noted();
    let received = provider.received();
    assert_eq!((noted.len(), received.len()), (2, 2));
    for (departure, request) in noted.iter().zip(&received) {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        assert_eq!(departure.digest[..], Sha256::digest(body)[..]);
        assert_eq!(departure.bytes, body.len() as u64);
        assert_eq!(departure.to, format!("POST {}/chat/completions", provider.url()));
        assert_eq!(departure.cargo.as_ref().unwrap().form, "as it is");
    }
}

#[tokio::test]
async fn lists_of_models_are_written_down_too() {
    let provider = Provider::start().await;
    let book = Arc::new(Book::default());
    let config = Config { departures: book.clone(), models: vec![], ..config(provider.url()) };
    open(config).listed().await;
    let noted = book.noted();
    assert_eq!(noted[0].to, format!("GET {}/models", provider.url()));
    assert_eq!((noted[0].cargo.as_ref(), noted[0].bytes), (None, 0));
}

#[tokio::test]
async fn what_cannot_be_written_down_does_not_leave() {
    let provider = Provider::start().await;
    let full: Arc<Book> = Arc::new(Book::full());
    let place = open(Config { departures: full.clone(), ..config(provider.url()) });
    for delivery in [Delivery::Whole, Delivery::Stream] {
        let refused = ask(&place, "echo", "hello", delivery).await.unwrap_err();
        assert_eq!((refused.kind, &refused.at), (FailureKind::Refused, &At::Oratory));
    }
    let place = open(Config { departures: full, models: vec![], ..config(provider.url()) });
    place.listed().await;
    assert_eq!(provider.connections(), 0);
}

#[tokio::test]
async fn an_organisations_own_terms_do_not_leave() {
    let provider = Provider::start().await;
    let description = Description {
        name: "project".to_owned(),
        labels: Labels::of(Sensitivity::Secret),
        terms: vec!["blue heron".to_owned()],
        patterns: vec!["ACME-[0-9]{4}".to_owned()],
    };
    let custom = Arc::new(Custom::new(&[description]).unwrap());
    let place = open(Config { custom, ..config(provider.url()) });
    for text in ["Is Blue Heron late?", "see ACME-1234", "Is Blue He\u{200b}ron late?"] {
        assert!(ask(&place, "echo", text, Delivery::Whole).await.is_err(), "{text} left");
    }
    assert!(ask(&place, "echo", "herons are blue", Delivery::Whole).await.is_ok());
}
