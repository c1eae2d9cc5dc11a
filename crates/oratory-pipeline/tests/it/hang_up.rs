//! Callers who leave early, and a house with no room for another record.

use std::sync::Arc;

use futures_util::StreamExt;
use oratory_contract::{FailureKind, Outcome, Sensitivity};
use oratory_fakes::{Drawers, Home, Ledger, Script};
use oratory_pipeline::{Config, DEFAULT_POLICY, Pipeline, Policy, Portfolio, Site};

use crate::cases::{Ticks, asked};

fn pipeline(script: Script, ledger: &Ledger) -> Pipeline {
    let portfolio = Portfolio::new(vec![Site::Local(Arc::new(Home::new(&[script])))]);
    let cards = portfolio.sites().iter().map(|site| site.card().clone()).collect();
    Pipeline::new(Config {
        policy: Arc::new(Policy::load(DEFAULT_POLICY, cards).unwrap()),
        portfolio,
        records: Arc::new(ledger.clone()),
        cache: None,
        prices: Arc::new(|_, _| None),
        spent: None,
        clock: Arc::new(Ticks::default()),
        near: None,
        hedge: None,
        unlabelled: Sensitivity::Internal,
        budgets: None,
        custom: Arc::default(),
        vault: Arc::new(Drawers::default()),
        routing: Arc::default(),
    })
}

#[tokio::test]
async fn a_caller_who_leaves_is_recorded_as_such() {
    let ledger = Ledger::default();
    let pipeline = pipeline(Script::Slow, &ledger);
    let mut told = pipeline.answer(asked("", &["hi".to_owned()])).await.unwrap();
    let _ = told.answer.chunks.next().await;
    assert_eq!(ledger.records(), []);
    let id = told.decision.id;
    drop(told);
    let records = ledger.records();
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].id, &records[0].outcome), (id, &Outcome::HungUp));
}

#[tokio::test]
async fn a_caller_who_leaves_before_the_first_word_is_recorded_too() {
    let ledger = Ledger::default();
    let pipeline = pipeline(Script::Slow, &ledger);
    let waiting = pipeline.answer(asked("", &["hi".to_owned()]));
    let _ = tokio::time::timeout(std::time::Duration::from_millis(1), waiting).await;
    assert_eq!(ledger.records()[0].outcome, Outcome::HungUp);
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_started() {
    let pipeline = pipeline(Script::Echo, &Ledger::with_room(0));
    let failure = pipeline.answer(asked("", &["hi".to_owned()])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Overloaded);
}
