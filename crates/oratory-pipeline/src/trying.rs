//! Step six: one model after the other is asked, until one begins to answer.
//!
//! Decides who is asked next; how one is asked is `one`'s, what is worth asking once more `again`'s.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use oratory_contract::{
    Answer, Asked, At, Chunk, Failure, FailureKind, LeftOut, Prepared, Retry, Tier,
};
use oratory_privacy::Found;

use crate::record::Diary;
use crate::replicas::{self, Key, State};
use crate::route::Choice;
use crate::{Pipeline, Site};

mod again;
mod hedge;
mod one;

use one::One;

/// How often a request asks places that it has asked before.
const AGAIN: u32 = 2;

/// An answer that has begun.
pub(crate) struct Begun {
    pub(crate) answer: Answer,
    pub(crate) left_out: LeftOut,
}

/// What everyone is asked with.
struct Asking<'a> {
    pipeline: &'a Pipeline,
    prepared: Prepared,
    found: &'a Arc<Found>,
    /// When the request's own time is over, by the clock's ticks.
    ends_us: u64,
}

/// Who is asked next, and after how long.
struct Next {
    at: usize,
    pause: Duration,
}

impl Pipeline {
    /// Tries the choices in order. Another is tried only while nothing has been said yet.
    pub(crate) async fn first_that_answers(
        &self,
        mut choices: Vec<Choice>,
        prepared: Prepared,
        found: &Arc<Found>,
        diary: &mut Diary,
    ) -> Result<Answer, Failure> {
        self.order_replicas(&mut choices, prepared.asked());
        let time = prepared.asked().limits.time.as_micros();
        let ends_us = diary.began_us().saturating_add(u64::try_from(time).unwrap_or(u64::MAX));
        let asking = Asking { pipeline: self, prepared, found, ends_us };
        let mut all: Vec<One> = choices.into_iter().map(One::new).collect();
        if all.is_empty() {
            return Err(Failure::new(FailureKind::Ours, At::Oratory, "a plan named no model"));
        }
        let (mut at, mut outcome) = asking.begin(&mut all, diary).await;
        let mut again = 0;
        loop {
            diary.masked(all[at].spans());
            let failure = match outcome {
                Ok(begun) => {
                    diary.left_out(begun.left_out);
                    return Ok(begun.answer);
                }
                Err(failure) => failure,
            };
            let Some(next) = asking.next(&all, at, &failure, again) else { return Err(failure) };
            // Not the failure's words: they may be the provider's, and quote the request.
            let (place, kind) = (&all[at].choice.grant.place, failure.kind.as_str());
            let to = &all[next.at].choice.grant.place;
            tracing::info!(%place, kind, %to, "moved on to the next model");
            at = next.at;
            if all[at].was_asked() {
                again += 1;
                diary.asked_again(&all[at].choice.grant.place);
                self.config.clock.sleep(next.pause).await;
            }
            diary.chosen(&all[at].choice);
            outcome = all[at].ask(&asking).await;
        }
    }

    fn order_replicas(&self, choices: &mut [Choice], asked: &Asked) {
        if !replicas::any(choices) {
            return;
        }
        let now = self.config.clock.unix_ms();
        replicas::order(choices, &Key::of(asked), &|choice| State {
            under_way: self.traffic.under_way(&choice.grant.place),
            room: match &choice.site {
                Site::Local(_) => usize::MAX,
                Site::Remote(place) => place.room(),
            },
            rests: self.wellbeing.rests(&choice.spot(), now),
        });
    }
}

impl Asking<'_> {
    /// Asks the first of them, and the next as well where the first is slow and that is wanted.
    async fn begin(&self, all: &mut [One], diary: &mut Diary) -> (usize, Result<Begun, Failure>) {
        diary.chosen(&all[0].choice);
        match (self.pipeline.config.hedge, &mut *all) {
            (Some(after), [first, second, ..]) if hedge::may_help(first, second) => {
                let (at, outcome) = self.race(first, second, after, diary).await;
                diary.chosen(&all[at].choice);
                (at, outcome)
            }
            _ => (0, all[0].ask(self).await),
        }
    }

    /// Returns who is asked after a failure: somebody else as near, somebody as near once more, and
    /// only then somebody farther away.
    fn next(&self, all: &[One], at: usize, failure: &Failure, again: u32) -> Option<Next> {
        let left = self.left();
        let now = |at| Next { at, pause: Duration::ZERO };
        let mut fresh = (0..all.len()).filter(|at| !all[*at].was_asked());
        if left.is_zero() {
            return None;
        }
        // What the egress gate stopped may still be answered at home, and only there.
        if failure.kind == FailureKind::Refused {
            return fresh.find(|at| matches!(all[*at].choice.site, Site::Local(_))).map(now);
        }
        if !failure.kind.may_end_elsewhere() {
            return None;
        }
        let (fresh, tier) = (fresh.next(), all[at].tier());
        let as_near = fresh.filter(|at| all[*at].tier() == tier && !self.rests(&all[*at], 0));
        // Nobody waits for long where somebody else may be asked at once.
        let most = if fresh.is_some() { again::LONGEST.min(left) } else { left };
        let once_more = || (again < AGAIN).then(|| self.once_more(all, tier, again, most))?;
        as_near.map(now).or_else(once_more).or(fresh.map(now))
    }

    /// Returns which of those that were asked is asked once more, if any may be within a time: the one
    /// that was asked least.
    fn once_more(&self, all: &[One], tier: Tier, again: u32, most: Duration) -> Option<Next> {
        let random = again::random(&self.prepared.asked().id, again);
        let pause = |one: &One| again::pause(one.worth_asking_again()?, again, random);
        let ready = all.iter().enumerate().filter(|(_, one)| one.tier() == tier);
        let next = ready
            .filter_map(|(at, one)| Some(Next { at, pause: pause(one)? }))
            .filter(|next| {
                let after = u64::try_from(next.pause.as_millis()).unwrap_or(u64::MAX);
                next.pause < most && !self.rests(&all[next.at], after)
            })
            .min_by_key(|next| all[next.at].times());
        next.filter(|next| self.pipeline.traffic.once_more(&all[next.at].choice.grant.place))
    }

    fn rests(&self, one: &One, after_ms: u64) -> bool {
        let now = self.pipeline.config.clock.unix_ms();
        self.pipeline.wellbeing.rests(&one.choice.spot(), now.saturating_add(after_ms))
    }

    /// Returns what is left of the request's own time.
    fn left(&self) -> Duration {
        let now = self.pipeline.config.clock.ticks_us();
        Duration::from_micros(self.ends_us.saturating_sub(now))
    }
}

/// Waits for the first chunk, so that a failure before it can still be moved elsewhere, and so that
/// it is known from the beginning what was left out.
pub(crate) async fn begun(answer: Answer) -> Result<Begun, Failure> {
    let Answer { place, model, mut chunks } = answer;
    match chunks.next().await {
        Some(Ok(first)) => {
            let left_out = match &first {
                Chunk::Begun(begun) => begun.left_out,
                _ => LeftOut::default(),
            };
            let first = futures_util::stream::once(std::future::ready(Ok(first)));
            let chunks = first.chain(chunks).boxed();
            Ok(Begun { answer: Answer { place, model, chunks }, left_out })
        }
        Some(Err(failure)) => Err(failure),
        None => Err(Failure::new(
            FailureKind::Unreachable,
            At::Remote(place),
            "the answer ended before it began",
        )
        .retry(Retry::Now)),
    }
}
