//! One choice of a plan: how it is asked, and what is learnt from that.
//!
//! Who is asked next is not decided here.

use std::time::Duration;

use futures_util::StreamExt;
use oratory_contract::{Answer, At, Chunk, Failure, FailureKind, Retry, Tier};
use oratory_privacy::{Masked, Names, RemotePlace};

use super::again::{Wish, wish};
use super::{Asking, Begun, begun};
use crate::route::Choice;
use crate::traffic::UnderWay;
use crate::wellbeing::Spot;
use crate::{Pipeline, Site, heavy, masking};

/// Bytes of text that no token is larger than on the average of a whole request.
const BYTES: u64 = 8;

/// One choice, and what became of asking it.
pub(super) struct One {
    pub(super) choice: Choice,
    times: u32,
    /// What it wishes before it is asked again; `None` where it is not worth asking again.
    wish: Option<Wish>,
    /// What leaves for it: masked once, however often it is asked.
    sealed: Option<(Masked, Names)>,
}

impl One {
    pub(super) fn new(choice: Choice) -> Self {
        Self { choice, times: 0, wish: None, sealed: None }
    }

    pub(super) fn tier(&self) -> Tier {
        self.choice.site.card().tier
    }

    /// Returns how often it was asked.
    pub(super) fn times(&self) -> u32 {
        self.times
    }

    pub(super) fn was_asked(&self) -> bool {
        self.times > 0
    }

    pub(super) fn worth_asking_again(&self) -> Option<Wish> {
        self.wish
    }

    /// Returns how many private spans were replaced for it.
    pub(super) fn spans(&self) -> u32 {
        self.sealed.as_ref().map_or(0, |(masked, _)| masked.spans())
    }

    /// Asks it, and returns the answer once it has begun.
    pub(super) async fn ask(&mut self, asking: &Asking<'_>) -> Result<Begun, Failure> {
        self.times += 1;
        match self.choice.site.clone() {
            Site::Local(place) => {
                let prepared = asking.prepared.clone().within(asking.left());
                begun(place.run(&self.choice.model, prepared).await?).await
            }
            Site::Remote(place) => {
                if self.times == 1 {
                    self.choice.leave.iter().for_each(|leave| leave.go());
                    asking.pipeline.traffic.earn(&self.choice.grant.place);
                }
                self.elsewhere(&*place, asking).await
            }
        }
    }

    async fn elsewhere(
        &mut self,
        place: &dyn RemotePlace,
        asking: &Asking<'_>,
    ) -> Result<Begun, Failure> {
        let (pipeline, spot) = (asking.pipeline, self.choice.spot());
        let clock = &pipeline.config.clock;
        // Who is not even asked is not asked again.
        self.wish = None;
        let tokens = asking.prepared.asked().length() as u64 / BYTES;
        if let Some(wait) = place.rests(&spot.1, tokens) {
            return Err(at_its_limit(&spot, wait));
        }
        pipeline.wellbeing.enter(&spot, clock.unix_ms())?;
        let (masked, names) = self.seal(asking).await?;
        let under_way = pipeline.traffic.begin(&spot.0);
        let began_us = clock.ticks_us();
        let outcome = match place.run(&spot.1, masked.within(asking.left())).await {
            Ok(answer) => begun(names.restore(answer)).await,
            Err(failure) => Err(failure),
        };
        if let Some(wait) = place.rests(&spot.1, 0) {
            pipeline.wellbeing.limited(&spot, wait, clock.unix_ms());
        }
        let took = Duration::from_micros(clock.ticks_us().saturating_sub(began_us));
        match outcome {
            Ok(Begun { answer, left_out }) => {
                pipeline.wellbeing.begun(&spot);
                Ok(Begun { answer: pipeline.watched(answer, spot, under_way), left_out })
            }
            Err(failure) => {
                pipeline.wellbeing.failed(&spot, &failure, clock.unix_ms());
                self.wish = wish(&failure, took);
                Err(failure)
            }
        }
    }

    async fn seal(&mut self, asking: &Asking<'_>) -> Result<(Masked, Names), Failure> {
        if let Some((masked, names)) = &self.sealed {
            return Ok((masked.clone(), names.clone()));
        }
        let config = &asking.pipeline.config;
        let (prepared, grant) = (asking.prepared.clone(), self.choice.grant.clone());
        let (custom, vault) = (config.custom.clone(), config.vault.clone());
        let (length, found) = (prepared.asked().length(), asking.found.clone());
        let mask = move || masking::mask(prepared, &grant, &custom, &found, &*vault);
        Ok(self.sealed.insert(heavy::work(length, mask).await??).clone())
    }
}

impl Pipeline {
    /// Returns the answer, watched to its end: one that breaks off counts against its model, and
    /// until then it is under way.
    fn watched(&self, answer: Answer, spot: Spot, under_way: UnderWay) -> Answer {
        let (wellbeing, clock) = (self.wellbeing.clone(), self.config.clock.clone());
        let Answer { place, model, chunks } = answer;
        let chunks = chunks.inspect(move |chunk| {
            let _until_it_is_dropped = &under_way;
            match chunk {
                Ok(Chunk::Done(_)) => wellbeing.well(&spot),
                Err(failure) => wellbeing.failed(&spot, failure, clock.unix_ms()),
                Ok(_) => {}
            }
        });
        Answer { place, model, chunks: chunks.boxed() }
    }
}

/// Returns what is told where a place has said that it takes no more for a while.
fn at_its_limit((place, model): &Spot, wait: Duration) -> Failure {
    let message = format!(
        "{model} at {place} is not asked just now: by what it has said itself, its limit is reached"
    );
    Failure::new(FailureKind::Overloaded, At::Remote(place.clone()), message)
        .hint(format!("it is asked again in {} s", wait.as_secs() + 1))
        .retry(Retry::After(wait))
}
