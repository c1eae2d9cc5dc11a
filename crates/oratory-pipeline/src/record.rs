//! Last step: what happened, whatever happened.
//!
//! A diary is opened before the first step and closes itself, so no outcome goes unrecorded: an
//! answer, a failure, or a caller who left.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use oratory_contract::{
    Answer, Asked, Chunk, Failure, LeftOut, Money, Outcome, Permit, PlaceName, Price, Prices,
    Record, RecordSlot, Usage, Written,
};

use oratory_privacy::Custom;

use crate::route::{Choice, Plan};
use crate::spend::Tab;
use crate::{Clock, Config, Routing};

mod decision;

pub use decision::Decision;

/// Opens the diary of one request, or refuses it where no record could be kept.
pub(crate) fn open(config: &Config, asked: &Asked) -> Result<Diary, Failure> {
    let Config { records, clock, custom, prices, routing, .. } = config;
    Ok(Diary {
        slot: Some(records.reserve()?),
        prices: prices.clone(),
        began_us: clock.ticks_us(),
        asked_us: clock.ticks_us(),
        routing: routing.clone(),
        began_ms: clock.unix_ms(),
        clock: clock.clone(),
        caller: asked.caller.name.to_string(),
        wanted: name(asked.model.as_str(), custom),
        custom: custom.clone(),
        decision: Decision::about(asked),
        first_chunk_us: None,
        usage: Usage::default(),
        tab: None,
    })
}

/// Returns a model's name as it may be written down: a caller can put anything there.
fn name(text: &str, custom: &Custom) -> String {
    // Patterns alone: models are called after people, places and animals.
    match oratory_privacy::shaped_with(text.as_bytes(), custom).next() {
        Some(_) => "(private)".to_owned(),
        None => text.chars().take(200).collect(),
    }
}

/// What is known so far of one request.
pub(crate) struct Diary {
    slot: Option<Box<dyn RecordSlot>>,
    clock: Arc<dyn Clock>,
    prices: Prices,
    custom: Arc<Custom>,
    began_us: u64,
    began_ms: u64,
    /// When the model that answers was asked.
    asked_us: u64,
    routing: Arc<Routing>,
    caller: String,
    wanted: String,
    decision: Decision,
    first_chunk_us: Option<u64>,
    usage: Usage,
    /// What was set aside of its caller's budgets.
    tab: Option<Tab>,
}

impl Diary {
    pub(crate) fn permitted(&mut self, permit: &Arc<Permit>) {
        self.decision.permitted(permit);
    }

    pub(crate) fn found_in_cache(&mut self, kept: &Answer, left_out: &[String]) {
        self.decision.omits(left_out, &self.custom);
        self.decision.from_cache = true;
        self.decision.place = kept.place.to_string();
        self.decision.model = kept.model.to_string();
        "the same question was answered before".clone_into(&mut self.decision.reason);
    }

    pub(crate) fn planned(&mut self, plan: &Plan) {
        self.decision.planned(plan);
    }

    pub(crate) fn chosen(&mut self, choice: &Choice) {
        self.asked_us = self.clock.ticks_us();
        self.decision.chosen(choice, &self.custom);
        if let Some(tab) = &mut self.tab {
            tab.chosen(choice.site.card());
        }
    }

    /// Settles what was set aside for it once it has ended.
    pub(crate) fn spends(&mut self, tab: Option<Tab>) {
        self.tab = tab;
    }

    pub(crate) fn left_out(&mut self, left_out: LeftOut) {
        self.decision.left_out = left_out;
        if !left_out.is_nothing() {
            self.decision.reason += &format!("; left out, as was asked: {left_out}");
        }
    }

    /// Adds to why it was decided so.
    pub(crate) fn adds(&mut self, reason: &str) {
        self.decision.reason.push_str(reason);
    }

    /// Goes back to what was decided before somebody else was asked, in vain.
    pub(crate) fn back_to(&mut self, decision: Decision) {
        let reason = std::mem::take(&mut self.decision.reason);
        self.decision = decision;
        self.decision.reason = reason;
    }

    /// Returns when it was opened, by the clock's ticks.
    pub(crate) fn began_us(&self) -> u64 {
        self.began_us
    }

    /// Notes that a further model was asked beside the one that was slow to begin. Until it is known
    /// that only one works on it, both count.
    pub(crate) fn hedged(&mut self) {
        self.adds("; hedged: the first to be asked was slow to begin");
        if let Some(tab) = &mut self.tab {
            tab.both_work();
        }
    }

    /// Notes that one of two models has failed, and that the other alone works on it.
    pub(crate) fn one_works(&mut self) {
        if let Some(tab) = &mut self.tab {
            tab.one_works();
        }
    }

    /// Notes that a place was asked once more.
    pub(crate) fn asked_again(&mut self, place: &PlaceName) {
        self.adds(&format!("; {place} was asked once more"));
    }

    pub(crate) fn masked(&mut self, spans: u32) {
        self.decision.masked_spans = spans;
    }

    pub(crate) fn decision(&self) -> Decision {
        let mut decision = self.decision.clone();
        decision.reason = decision.whole_reason();
        decision
    }

    /// Records a failure and gives it back.
    pub(crate) async fn close(mut self, failure: Failure) -> Failure {
        self.usage = failure.usage;
        if let Some(written) = self.write(Outcome::Failed(failure.kind.as_str().to_owned())) {
            written.await;
        }
        failure
    }

    /// Returns the answer with the diary attached; it closes when the answer does.
    pub(crate) fn follow(self, answer: Answer) -> Answer {
        let Answer { place, model, chunks } = answer;
        let chunks = Box::pin(Followed { chunks, diary: self, ending: None });
        Answer { place, model, chunks }
    }

    fn note(&mut self, chunk: &Chunk) {
        if self.first_chunk_us.is_none() {
            self.first_chunk_us = Some(self.elapsed_us());
        }
        if let Some(tab) = &mut self.tab {
            tab.note(chunk);
        }
        if let Chunk::Done(done) = chunk {
            self.usage = done.usage;
        }
    }

    fn elapsed_us(&self) -> u64 {
        self.clock.ticks_us().saturating_sub(self.began_us)
    }

    fn write(&mut self, outcome: Outcome) -> Option<Written> {
        let slot = self.slot.take()?;
        self.pace(&outcome);
        let settled = self.settle(&outcome);
        let spent = self.spent(&outcome);
        let Decision { id, labels, place, model, masked_spans, from_cache, .. } = &self.decision;
        let model = name(model, &self.custom);
        let written = slot.write(Record {
            id: *id,
            started_ms: self.began_ms,
            caller: std::mem::take(&mut self.caller),
            wanted: std::mem::take(&mut self.wanted),
            labels: labels.clone(),
            permit: self.decision.permit_line(),
            place: place.clone(),
            model,
            reason: self.decision.whole_reason(),
            masked_spans: *masked_spans,
            from_cache: *from_cache,
            // Telling again what was kept takes none of the energy that it took once.
            usage: match from_cache {
                true => Usage { microjoules: None, ..self.usage },
                false => self.usage,
            },
            spent,
            first_chunk_us: self.first_chunk_us,
            total_us: self.elapsed_us(),
            outcome,
        });
        Some(match settled {
            None => written,
            Some(settled) => Box::pin(async {
                settled.await;
                written.await;
            }),
        })
    }

    /// Notes how fast the model was, for requests to come.
    fn pace(&self, outcome: &Outcome) {
        let (place, model) = (&self.decision.place, &self.decision.model);
        let Some(first_us) = self.first_chunk_us else { return };
        if *outcome == Outcome::Answered && !self.decision.from_cache {
            let before = self.asked_us.saturating_sub(self.began_us);
            let first = first_us.saturating_sub(before);
            let all = self.elapsed_us().saturating_sub(before);
            let spot = (place.as_str().into(), model.as_str().into());
            self.routing.foresight.pace.note(&spot, first, all, self.usage.output);
        }
    }

    /// Returns what it cost by the price that holds now; `None` where nobody can say.
    fn spent(&self, outcome: &Outcome) -> Option<Money> {
        let Decision { place, model, from_cache, .. } = &self.decision;
        if *from_cache || place.is_empty() {
            return Some(Money::NONE);
        }
        let price = (self.prices)(place, model)?;
        let told = self.usage.input > 0 || self.usage.output > 0;
        let begun = self.first_chunk_us.is_some() || !matches!(outcome, Outcome::Failed(_));
        // What was begun there will be billed, though nobody has said for how many tokens.
        let known = told || !begun || price == Price::FREE;
        known.then(|| price.of(self.usage.into()))
    }

    /// Counts what it took of its caller's budgets; nothing, if it failed before it began.
    fn settle(&mut self, outcome: &Outcome) -> Option<Written> {
        let tab = self.tab.take()?;
        let begun = match outcome {
            Outcome::Failed(_) => self.first_chunk_us.is_some(),
            Outcome::HungUp => !self.decision.place.is_empty(),
            Outcome::Answered => true,
        };
        Some(match (begun, self.decision.from_cache) {
            (false, _) => tab.unused(),
            (true, true) => tab.kept(),
            (true, false) => tab.settle(self.usage),
        })
    }
}

impl Drop for Diary {
    fn drop(&mut self) {
        // Still open: the caller left before the end. Nobody is there to wait for the row.
        drop(self.write(Outcome::HungUp));
    }
}

/// An answer with its diary. The last chunk waits until the record is on disk, so whoever has
/// seen an answer's end can find its record.
struct Followed {
    chunks: oratory_contract::Chunks,
    diary: Diary,
    ending: Option<(Written, Option<Result<Chunk, Failure>>)>,
}

impl Stream for Followed {
    type Item = Result<Chunk, Failure>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some((written, last)) = &mut this.ending {
                if last.is_some() {
                    ready!(written.as_mut().poll(cx));
                }
                return Poll::Ready(last.take());
            }
            let next = ready!(this.chunks.as_mut().poll_next(cx));
            let outcome = match &next {
                Some(Ok(chunk)) => {
                    this.diary.note(chunk);
                    matches!(chunk, Chunk::Done(_)).then_some(Outcome::Answered)
                }
                Some(Err(failure)) => {
                    this.diary.usage = failure.usage;
                    Some(Outcome::Failed(failure.kind.as_str().to_owned()))
                }
                None => Some(Outcome::Failed("cut_off".to_owned())),
            };
            match outcome.map(|outcome| this.diary.write(outcome)) {
                Some(Some(written)) => this.ending = Some((written, next)),
                _ => return Poll::Ready(next),
            }
        }
    }
}
