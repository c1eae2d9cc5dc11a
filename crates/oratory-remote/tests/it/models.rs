//! Which models a place is said to have, while its server comes and goes.

use std::time::Duration;

use oratory_contract::Readiness;
use oratory_fakes::Provider;
use oratory_privacy::RemotePlace;
use oratory_remote::Place;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::place::{config, open, until};

fn readiness(place: &Place) -> Vec<(String, Readiness)> {
    let models = place.models();
    models.iter().map(|model| (model.name.to_string(), model.readiness.clone())).collect()
}

fn all_ready(place: &Place) -> bool {
    let models = readiness(place);
    !models.is_empty() && models.iter().all(|(_, readiness)| *readiness == Readiness::Ready)
}

fn none_ready(place: &Place) -> bool {
    let unavailable = |readiness: &_| matches!(readiness, Readiness::Unavailable(_));
    readiness(place).iter().all(|(_, readiness)| unavailable(readiness))
}

/// Lets the place's clock run on; sockets keep their own pace.
async fn a_minute_passes() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn models_nobody_named_are_asked_for_and_known_to_be_gone_and_back() {
    let provider = Provider::start().await;
    let address = provider.address();
    let mut config = config(provider.url());
    config.models = Vec::new();
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let place = Place::open(config, &tasks, stop.clone()).unwrap();
    until("the models are listed", || all_ready(&place)).await;
    let names: Vec<_> = readiness(&place).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["echo", "slow", "late", "cuts-off", "rate-limited", "crashes", "calls", "narrow"]
    );

    drop(provider);
    a_minute_passes().await;
    until("the models are unavailable", || none_ready(&place)).await;
    let Readiness::Unavailable(why) = &readiness(&place)[0].1 else { panic!("it is ready") };
    assert!(why.contains(&address.to_string()), "{why}");

    let _again = Provider::start_at(address).await;
    a_minute_passes().await;
    until("the models are back", || all_ready(&place)).await;

    stop.cancel();
    tasks.close();
    tokio::time::timeout(Duration::from_secs(5), tasks.wait()).await.expect("the asking ends");
}

#[tokio::test]
async fn models_somebody_named_are_taken_on_trust() {
    let provider = Provider::start().await;
    let place = open(config(provider.url()));
    assert_eq!(readiness(&place), [("echo".to_owned(), Readiness::Ready)]);
    a_minute_passes().await;
    assert_eq!(provider.received(), [""; 0], "nobody needed to ask");
}
