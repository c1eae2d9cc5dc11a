//! The provider's key: on the wire, and nowhere else.

use oratory_contract::Delivery;
use oratory_fakes::Provider;
use oratory_remote::{Key, Place};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::place::{ask, config, failure, open};

const KEY: &str = "open barley";

fn authorization(request: &str) -> Option<&str> {
    request.lines().find_map(|line| line.strip_prefix("authorization: "))
}

#[tokio::test]
async fn the_key_travels_in_its_header_and_is_printed_nowhere() {
    let provider = Provider::start().await;
    let mut config = config(provider.url());
    config.access.key = Some(Key::from(KEY.to_owned()));
    for shown in [format!("{config:?}"), format!("{config:#?}"), format!("{:?}", config.access)] {
        assert!(!shown.contains("barley"), "{shown}");
    }
    let place = open(config);
    ask(&place, "echo", "hello", Delivery::Whole).await.unwrap();
    assert_eq!(authorization(&provider.received()[0]), Some("Bearer open barley"));
    let failure = failure(&place, "crashes", Delivery::Whole).await;
    assert!(!format!("{failure} {failure:?}").contains("barley"), "{failure:?}");
}

#[tokio::test]
async fn without_a_key_no_header_is_sent() {
    let provider = Provider::start().await;
    ask(&open(config(provider.url())), "echo", "hello", Delivery::Whole).await.unwrap();
    assert_eq!(authorization(&provider.received()[0]), None);
}

#[tokio::test]
async fn a_place_that_cannot_be_opened_says_why_without_its_key() {
    for (url, key, why) in [
        ("ftp://example.org/v1", KEY, "neither http:// nor https://"),
        ("example.org/v1", KEY, "write it like \"http://127.0.0.1:8000/v1\""),
        ("http://127.0.0.1:1/v1", "open\nbarley", "its key holds characters no header may carry"),
    ] {
        let mut config = config(url.to_owned());
        config.access.key = Some(Key::from(key.to_owned()));
        let opened = Place::open(config, &TaskTracker::new(), CancellationToken::new());
        let error = opened.err().expect(url).to_string();
        assert!(error.contains(why) && error.contains(url), "{error}");
        assert!(!error.contains("barley"), "{error}");
    }
}
