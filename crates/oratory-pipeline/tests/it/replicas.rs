//! One model at several places: conversations stay where they began, and spill where it is full.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use oratory_contract::{FailureKind, Message, Retry, Role, Tier, Wanted};
use oratory_pipeline::{Pipeline, Told};

use crate::cases::{Ticks, asked};
use crate::moody::{Does, Hands, Moody, pipeline};

fn place(name: &str, does: Does) -> Arc<Moody> {
    Arc::new(Moody::new(name, Tier::Onprem, move |_| does))
}

/// Asks for a further turn of a conversation.
async fn turn(pipeline: &Pipeline, opening: &str, turns: usize) -> Told {
    let mut asked = asked("large", &[opening.to_owned()]);
    for number in 0..turns {
        asked.messages.push(Message::new(Role::Assistant, format!("Well, {number}.")));
        asked.messages.push(Message::new(Role::User, format!("And then, {number}?")));
    }
    asked.model = Wanted::parse("large");
    pipeline.answer(asked).await.unwrap()
}

async fn hear_out(mut told: Told) -> String {
    while told.answer.chunks.next().await.is_some() {}
    told.decision.place
}

#[tokio::test]
async fn a_conversation_stays_with_its_replica_and_conversations_are_spread() {
    let names = ["one", "two", "three", "four"];
    let places = names.map(|name| place(name, Does::Answers));
    let all: Vec<_> = places.iter().collect();
    let before = pipeline(&all, Arc::new(Hands::default()), None);
    let after_a_restart = pipeline(&all, Arc::new(Hands::default()), None);
    let mut moved = 0;
    for conversation in 0..40 {
        let opening = format!("hello {conversation}");
        let at = hear_out(turn(&before, &opening, 0).await).await;
        assert_eq!(hear_out(turn(&before, &opening, 1).await).await, at);
        assert_eq!(hear_out(turn(&after_a_restart, &opening, 2).await).await, at);
        let fewer = pipeline(&all[..3], Arc::new(Hands::default()), None);
        let then = hear_out(turn(&fewer, &opening, 3).await).await;
        assert!(then == at || at == "four", "it moved though its place is still there");
        moved += usize::from(then != at);
    }
    let calls = places.each_ref().map(|place| place.calls());
    assert!(calls.iter().all(|calls| *calls > 12), "{calls:?}");
    assert!((1..=20).contains(&moved), "{moved}");
}

#[tokio::test]
async fn a_replica_without_room_or_with_far_more_to_do_is_passed_over() {
    let small = ["one", "two"]
        .map(|name| Arc::new(Moody::new(name, Tier::Onprem, |_| Does::Begins).room(1)));
    let full = pipeline(&[&small[0], &small[1]], Arc::new(Hands::default()), None);
    let held = [turn(&full, "hello", 0).await, turn(&full, "hello", 1).await];
    assert_eq!(small.each_ref().map(|place| place.calls()), [1, 1]);
    drop(held);
    let own = |told: &Told| told.decision.place.clone();
    let first = own(&turn(&full, "hello", 2).await);
    assert_eq!(own(&turn(&full, "hello", 3).await), first, "it is back at its place");

    let wide = ["one", "two"].map(|name| place(name, Does::Begins));
    let loaded = pipeline(&[&wide[0], &wide[1]], Arc::new(Hands::default()), None);
    let mut held = Vec::new();
    for number in 0..12 {
        held.push(turn(&loaded, "hello", number).await);
    }
    let mut calls = wide.each_ref().map(|place| place.calls());
    calls.sort_unstable();
    assert!(calls[0] >= 3 && calls[1] > calls[0], "its own place has more, but not all: {calls:?}");
}

#[tokio::test]
async fn a_replica_that_is_down_costs_nobody_an_answer() {
    let down = Does::Fails(FailureKind::Unreachable, Retry::After(Duration::from_secs(5)));
    let (dead, alive) = (place("dead", down), place("alive", Does::Answers));
    let pipeline = pipeline(&[&dead, &alive], Arc::new(Hands::default()), None);
    for conversation in 0..30 {
        assert_eq!(hear_out(turn(&pipeline, &format!("{conversation}"), 0).await).await, "alive");
    }
    assert_eq!((dead.calls(), alive.calls()), (3, 30), "after three failures it rests");
}

const SOON: Option<Duration> = Some(Duration::from_millis(20));

/// Returns two replicas of which the first that is asked does one thing and the other another.
fn pair(first: Does, second: Does) -> [Arc<Moody>; 2] {
    let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    ["one", "two"].map(|name| {
        let asked = asked.clone();
        Arc::new(Moody::new(name, Tier::Onprem, move |_| {
            match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => first,
                _ => second,
            }
        }))
    })
}

#[tokio::test]
async fn a_slow_beginning_is_hedged_and_the_loser_is_dropped() {
    let places = pair(Does::Hangs, Does::Answers);
    let pipeline = pipeline(&[&places[0], &places[1]], Arc::new(Ticks::default()), SOON);
    let told = turn(&pipeline, "hello", 0).await;
    assert!(told.decision.reason.contains("; hedged"), "{}", told.decision.reason);
    let winner = hear_out(told).await;
    assert_eq!(places.each_ref().map(|place| place.calls()), [1, 1]);
    let loser = places.iter().find(|place| place.name() != winner).unwrap();
    assert_eq!(loser.under_way(), 0, "its call has ended");
}

#[tokio::test]
async fn a_quick_answer_is_not_hedged_and_neither_is_any_unless_it_is_wanted() {
    let places = pair(Does::Begins, Does::Begins);
    let both = [&places[0], &places[1]];
    let told = turn(&pipeline(&both, Arc::new(Ticks::default()), SOON), "hello", 0).await;
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(!told.decision.reason.contains("hedged"));
    assert_eq!(places[0].calls() + places[1].calls(), 1);

    let places = pair(Does::Hangs, Does::Answers);
    let never = pipeline(&[&places[0], &places[1]], Arc::new(Ticks::default()), None);
    let waits = turn(&never, "hello", 0);
    assert!(tokio::time::timeout(Duration::from_millis(100), waits).await.is_err());
    assert_eq!(places[0].calls() + places[1].calls(), 1);
}

#[tokio::test]
async fn nothing_goes_farther_away_for_speed_alone() {
    let near = place("near", Does::Hangs);
    let far = Arc::new(Moody::new("far", Tier::Cloud, |_| Does::Answers));
    let pipeline = pipeline(&[&near, &far], Arc::new(Ticks::default()), SOON);
    let waits = turn(&pipeline, "hello", 0);
    assert!(tokio::time::timeout(Duration::from_millis(100), waits).await.is_err());
    assert_eq!((near.calls(), far.calls()), (1, 0));
}

#[tokio::test]
async fn a_hedge_that_fails_leaves_the_first_its_time() {
    let down = Does::Fails(FailureKind::Invalid, Retry::Never);
    let late = pair(Does::Hangs, down);
    let pipeline = pipeline(&[&late[0], &late[1]], Arc::new(Ticks::default()), SOON);
    let waits = turn(&pipeline, "hello", 0);
    assert!(tokio::time::timeout(Duration::from_millis(100), waits).await.is_err());
    assert_eq!(late.each_ref().map(|place| place.calls()), [1, 1]);
}
