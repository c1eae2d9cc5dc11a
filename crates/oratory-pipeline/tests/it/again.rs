//! A place that fails is asked once more where that may help, and never stormed.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use oratory_contract::{Failure, FailureKind, Retry, Tier};
use oratory_pipeline::Pipeline;

use crate::cases::asked;
use crate::moody::{Does, Hands, Moody, pipeline};

const HICCUP: Does = Does::Fails(FailureKind::Upstream, Retry::Now);

fn busy(seconds: u64) -> Does {
    Does::Fails(FailureKind::Overloaded, Retry::After(Duration::from_secs(seconds)))
}

/// Asks, hears the answer out and returns why it went where it did.
async fn ask(pipeline: &Pipeline, text: &str) -> Result<String, Failure> {
    let mut told = pipeline.answer(asked("large", &[text.to_owned()])).await?;
    while let Some(chunk) = told.answer.chunks.next().await {
        chunk?;
    }
    Ok(told.decision.reason)
}

/// Asks a place once and returns what became of it, how often it was called and how long was waited.
async fn alone(
    does: impl Fn(usize) -> Does + Send + Sync + 'static,
) -> (Result<String, Failure>, usize, Vec<Duration>) {
    let (lab, clock) = (Arc::new(Moody::new("lab", Tier::Cloud, does)), Arc::new(Hands::default()));
    let told = ask(&pipeline(&[&lab], clock.clone(), None), "hello").await;
    let slept = clock.slept.lock().unwrap().clone();
    (told, lab.calls(), slept)
}

#[tokio::test]
async fn a_hiccup_is_asked_once_more_after_a_moment_and_said_so() {
    let (told, calls, slept) = alone(|call| if call == 0 { HICCUP } else { Does::Answers }).await;
    assert!(told.unwrap().ends_with("; lab was asked once more"));
    assert!(calls == 2 && slept.len() == 1 && slept[0] <= Duration::from_millis(100), "{slept:?}");
}

#[tokio::test]
async fn a_place_that_goes_on_failing_is_asked_three_times_and_no_more() {
    let (told, calls, slept) = alone(|_| HICCUP).await;
    assert_eq!((told.unwrap_err().kind, calls, slept.len()), (FailureKind::Upstream, 3, 2));
}

#[tokio::test]
async fn a_short_pause_that_a_place_asks_for_is_kept_and_a_long_one_is_told() {
    let (told, calls, slept) = alone(|call| if call == 0 { busy(3) } else { Does::Answers }).await;
    assert!(told.is_ok() && calls == 2);
    assert!((3000..=3100).contains(&slept[0].as_millis()), "{slept:?}");
    let (told, calls, slept) = alone(|_| busy(20)).await;
    assert_eq!((told.unwrap_err().kind, calls, slept.len()), (FailureKind::Overloaded, 1, 0));
}

#[tokio::test]
async fn what_would_fail_again_is_asked_once() {
    for (kind, retry) in [
        (FailureKind::Invalid, Retry::Now),
        (FailureKind::Unpaid, Retry::Never),
        (FailureKind::Upstream, Retry::Never),
    ] {
        let (told, calls, _) = alone(move |_| Does::Fails(kind, retry)).await;
        assert_eq!((told.unwrap_err().kind, calls), (kind, 1));
    }
}

#[tokio::test]
async fn nothing_is_asked_again_past_the_requests_own_time() {
    let lab = Arc::new(Moody::new("lab", Tier::Cloud, |_| busy(3)));
    let clock = Arc::new(Hands::default());
    let mut asked = asked("large", &["hello".to_owned()]);
    asked.limits.time = Duration::from_secs(2);
    let failure = pipeline(&[&lab], clock.clone(), None).answer(asked).await.unwrap_err();
    assert_eq!((failure.kind, lab.calls()), (FailureKind::Overloaded, 1));
    assert!(clock.slept.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_replica_comes_before_waiting_and_waiting_before_a_farther_place() {
    let clock = Arc::new(Hands::default());
    let fails = |name| Arc::new(Moody::new(name, Tier::Onprem, |_| HICCUP));
    let (one, other) = (fails("one"), fails("other"));
    let far = Arc::new(Moody::new("far", Tier::Cloud, |_| Does::Answers));
    ask(&pipeline(&[&one, &other, &far], clock.clone(), None), "hello").await.unwrap();
    let calls = one.calls() + other.calls();
    assert_eq!((calls, far.calls(), clock.slept.lock().unwrap().len()), (4, 1, 2));
    assert_eq!((one.calls(), other.calls()), (2, 2), "they take turns");

    let near = Arc::new(Moody::new("near", Tier::Onprem, |_| busy(4)));
    let far = Arc::new(Moody::new("far", Tier::Cloud, |_| Does::Answers));
    clock.slept.lock().unwrap().clear();
    ask(&pipeline(&[&near, &far], clock.clone(), None), "hello").await.unwrap();
    assert!(clock.slept.lock().unwrap().is_empty(), "nobody waits 4 s where another may answer");

    let once = |call| if call == 0 { HICCUP } else { Does::Answers };
    let near = Arc::new(Moody::new("near", Tier::Onprem, once));
    let far = Arc::new(Moody::new("far", Tier::Cloud, |_| Does::Answers));
    ask(&pipeline(&[&near, &far], clock, None), "hello").await.unwrap();
    assert_eq!((near.calls(), far.calls()), (2, 0), "what is near is not left for one hiccup");
}

#[tokio::test]
async fn a_place_that_fails_every_other_time_is_asked_a_tenth_more_and_ten_times() {
    let lab = Arc::new(Moody::new("lab", Tier::Cloud, |call| {
        if call % 2 == 0 { HICCUP } else { Does::Answers }
    }));
    let pipeline = pipeline(&[&lab], Arc::new(Hands::default()), None);
    let mut answered = 0;
    for _ in 0..200 {
        answered += usize::from(ask(&pipeline, "hello").await.is_ok());
    }
    // Without a budget, every request would be answered and half of all calls would be more.
    let more = lab.calls() - 200;
    assert!((20..=30).contains(&more), "{more}");
    assert_eq!(answered, lab.calls() / 2);
}

#[tokio::test]
async fn a_model_that_breaks_off_each_time_rests() {
    let lab = Arc::new(Moody::new("lab", Tier::Cloud, |_| Does::BreaksOff));
    let pipeline = pipeline(&[&lab], Arc::new(Hands::default()), None);
    for _ in 0..3 {
        assert_eq!(ask(&pipeline, "hello").await.unwrap_err().message, "no luck");
    }
    let failure = ask(&pipeline, "hello").await.unwrap_err();
    assert!(failure.message.contains("large at lab is not asked just now"), "{failure}");
    assert_eq!(lab.calls(), 3);
}

#[tokio::test]
async fn a_place_at_its_limit_is_left_alone_and_another_asked() {
    let place = |name| Arc::new(Moody::new(name, Tier::Cloud, |_| Does::Answers));
    let (full, free) = (place("full"), place("free"));
    *full.rests.lock().unwrap() = Some(Duration::from_secs(30));
    let both = pipeline(&[&full, &free], Arc::new(Hands::default()), None);
    for number in 0..8 {
        ask(&both, &format!("hello {number}")).await.unwrap();
    }
    assert_eq!((full.calls(), free.calls()), (0, 8));
    let alone = pipeline(&[&full], Arc::new(Hands::default()), None);
    let failure = ask(&alone, "hello").await.unwrap_err();
    assert!(failure.message.contains("its limit is reached"), "{failure}");
    let told = (failure.kind, failure.retry);
    assert_eq!(told, (FailureKind::Overloaded, Retry::After(Duration::from_secs(30))));
    assert_eq!(full.calls(), 0);
}
