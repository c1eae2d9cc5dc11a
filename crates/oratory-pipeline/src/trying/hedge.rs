//! A second model is asked beside one that is slow to begin; who begins first answers.
//!
//! The other is dropped, which ends its call. Off unless somebody has said how slow is too slow.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use oratory_contract::Failure;

use super::one::One;
use super::{Asking, Begun};
use crate::Site;
use crate::record::Diary;

/// Says whether asking both may help: at home they would share one machine, and for speed alone
/// nothing goes farther away than it would have gone.
pub(super) fn may_help(first: &One, second: &One) -> bool {
    let elsewhere = |one: &One| matches!(one.choice.site, Site::Remote(_));
    elsewhere(first) && elsewhere(second) && second.tier() <= first.tier()
}

impl Asking<'_> {
    /// Asks the first, and after a while both. Returns what became of the one that began, or that
    /// failed last, and which that is.
    pub(super) async fn race(
        &self,
        first: &mut One,
        second: &mut One,
        after: Duration,
        diary: &mut Diary,
    ) -> (usize, Result<Begun, Failure>) {
        let pipeline = self.pipeline;
        let place = second.choice.grant.place.clone();
        let leads = pin!(first.ask(self));
        let slow = pipeline.config.clock.sleep(after);
        let leads = match select(leads, slow).await {
            Either::Left((outcome, _)) => return (0, outcome),
            Either::Right(((), leads)) => leads,
        };
        if self.rests(second, 0) || !pipeline.traffic.once_more(&place) {
            return (0, leads.await);
        }
        diary.hedged();
        let follows = pin!(second.ask(self));
        match select(leads, follows).await {
            Either::Left((Ok(begun), _)) => (0, Ok(begun)),
            Either::Right((Ok(begun), _)) => (1, Ok(begun)),
            Either::Left((Err(_), follows)) => {
                diary.one_works();
                (1, follows.await)
            }
            Either::Right((Err(_), leads)) => {
                diary.one_works();
                (0, leads.await)
            }
        }
    }
}
