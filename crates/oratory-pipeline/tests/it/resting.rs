//! A place that fails again and again is left alone for a while, and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oratory_contract::{Failure, FailureKind, Retry, Sensitivity, Tier};
use oratory_fakes::{Drawers, Ledger, Remote, Script};
use oratory_pipeline::{Clock, Config, DEFAULT_POLICY, Pipeline, Policy, Portfolio, Site};

use crate::cases::asked;

/// Stands still until it is moved.
#[derive(Default)]
struct Hands(AtomicU64);

impl Clock for Hands {
    fn unix_ms(&self) -> u64 {
        1_763_683_200_000 + self.0.load(Ordering::Relaxed)
    }

    fn ticks_us(&self) -> u64 {
        self.0.load(Ordering::Relaxed) * 1000
    }
}

/// Two places, the nearer of which breaks off before its first word.
struct House {
    pipeline: Pipeline,
    clock: Arc<Hands>,
    near: Arc<Remote>,
}

fn house() -> House {
    let place = |name, tier, script| {
        Arc::new(Remote::new(name, tier, Sensitivity::Internal, None, &[script]))
    };
    let near = place("near", Tier::Onprem, Script::Crashes);
    let far = place("far", Tier::Cloud, Script::Echo);
    let portfolio = Portfolio::new(vec![Site::Remote(near.clone()), Site::Remote(far)]);
    let cards = portfolio.sites().iter().map(|site| site.card().clone()).collect();
    let clock = Arc::new(Hands::default());
    let pipeline = Pipeline::new(Config {
        policy: Arc::new(Policy::load(DEFAULT_POLICY, cards).unwrap()),
        portfolio,
        records: Arc::new(Ledger::default()),
        cache: None,
        budgets: None,
        prices: Arc::new(|_, _| None),
        spent: None,
        clock: clock.clone(),
        near: None,
        hedge: None,
        unlabelled: Sensitivity::Public,
        custom: Arc::default(),
        vault: Arc::new(Drawers::default()),
        routing: Arc::default(),
    });
    House { pipeline, clock, near }
}

impl House {
    async fn ask(&self, model: &str) -> Result<(), Failure> {
        self.pipeline.answer(asked(model, &["hello".to_owned()])).await.map(drop)
    }
}

#[tokio::test]
async fn a_place_that_keeps_failing_is_passed_over_and_tried_again_later() {
    let house = house();
    for _ in 0..5 {
        house.ask("").await.unwrap();
    }
    assert_eq!(house.near.received().len(), 3, "after three failures it rests");
    // Asked for by name, it is said to rest, and for how long.
    let failure = house.ask("near/crashes").await.unwrap_err();
    assert!(failure.message.contains("crashes at near is not asked just now"), "{failure}");
    assert!(matches!(failure.retry, Retry::After(_)), "{failure:?}");
    house.clock.0.fetch_add(2_000, Ordering::Relaxed);
    house.ask("").await.unwrap();
    house.ask("").await.unwrap();
    assert_eq!(house.near.received().len(), 4, "one request tried it again");
}

#[tokio::test]
async fn a_place_that_is_the_only_one_is_not_hammered() {
    let house = house();
    for _ in 0..10 {
        assert_ne!(house.ask("near/crashes").await.unwrap_err().kind, FailureKind::Ours);
    }
    assert_eq!(house.near.received().len(), 3);
}
