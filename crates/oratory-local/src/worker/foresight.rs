//! Proposes tokens that may come next, so that several are checked in one step.
//!
//! What a form leaves no choice about comes first, then what was said before, then what a
//! smaller model or the model's own further layers expect. What is proposed never changes the
//! answer: every token is still chosen from the model's own chances, and the first that differs
//! ends the proposal. All costs are measured, and what does not pay is left.

use std::time::Instant;

use super::costs::{Costs, MOST, Tally, smooth};
use super::draft::Drafter;
use super::guess::Likeness;
use super::run::Run;
use crate::llama::{Context, Model, Token};
use crate::protocol::Guessing;

/// Tokens an answer has before a drafter is asked.
const SETTLED: u32 = 8;
/// Tokens proposed where proposing must not ask whether it pays.
const ALWAYS: usize = 4;

/// Where a proposal comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Form,
    Said(Likeness),
    Draft,
}

/// Tokens on trial.
#[derive(Debug)]
pub(super) struct Proposal {
    pub(super) tokens: Vec<Token>,
    pub(super) source: Source,
}

/// What became of a step that wrote for one conversation alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) proposal: Option<(Source, usize)>,
    /// How many of the proposed tokens were right.
    pub(super) right: usize,
    /// Whether the step had to do again what an earlier proposal had undone.
    pub(super) repeats: bool,
    pub(super) gained: usize,
    /// How long all of it took.
    pub(super) micros: f32,
}

/// Tokens that the model has read for good: where they stand, and their rows in the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    pub(super) position: usize,
    pub(super) row: usize,
    pub(super) count: usize,
}

/// A proposal, and the steps that came of it.
struct Round {
    source: Source,
    micros: f32,
    gained: usize,
}

/// All ways of guessing, and how they do.
pub(super) struct Foresight<'a> {
    guessing: Guessing,
    drafter: Option<Drafter<'a>>,
    costs: Costs,
    /// Microseconds of a whole step that proposes nothing; 0 is unknown.
    plain: f32,
    phrases: Tally,
    passages: Tally,
    drafts: Tally,
    round: Option<Round>,
    /// What the drafter took in this step, and whether it had nothing to propose.
    drafting: f32,
    in_vain: bool,
}

impl<'a> Foresight<'a> {
    pub(super) fn new(guessing: Guessing, drafter: Option<Drafter<'a>>) -> Self {
        Self {
            guessing,
            drafter,
            costs: Costs::default(),
            plain: 0.0,
            phrases: Tally::new(0.5),
            passages: Tally::new(0.85),
            drafts: Tally::cautious(0.7),
            round: None,
            drafting: 0.0,
            in_vain: false,
        }
    }

    /// Begins an answer.
    pub(super) fn refresh(&mut self) {
        self.phrases.refresh(0.4);
        self.passages.refresh(0.8);
        self.drafts.refresh(0.5);
    }

    /// Returns up to `room` tokens that may come next.
    pub(super) fn propose(
        &mut self,
        model: &Model,
        run: &mut Run,
        room: usize,
    ) -> Option<Proposal> {
        (self.drafting, self.in_vain) = (0.0, false);
        if self.guessing == Guessing::Off || room == 0 {
            return None;
        }
        let forced = run.forced(model, room);
        if !forced.is_empty() {
            return Some(Proposal { tokens: forced, source: Source::Form });
        }
        let each = self.drafter.as_ref().map(Drafter::each);
        let (drafts, faster) = match each {
            Some(each) => self.drafts.worth(&self.costs, each),
            None => (0, 1.0),
        };
        self.said(run, room, faster).or_else(|| self.drafted(run, room, drafts))
    }

    /// Proposes what followed the same words before, if that is expected to be faster than
    /// `faster`.
    fn said(&mut self, run: &mut Run, room: usize, faster: f32) -> Option<Proposal> {
        let (tokens, likeness) = run.guess.next(&run.tokens, room.min(MOST as usize))?;
        // What was shown cannot be said.
        let words = tokens.iter().take_while(|token| **token >= 0).count();
        let tokens = &tokens[..words];
        let tally = match likeness {
            Likeness::Phrase => &mut self.phrases,
            Likeness::Passage => &mut self.passages,
        };
        let (mut most, gain) = tally.worth(&self.costs, 0.0);
        match self.guessing {
            Guessing::Always => most = most.max(ALWAYS),
            _ if most > 0 && gain < faster => return None,
            _ if most == 0 && faster <= 1.0 => most = tally.trial(),
            _ => {}
        }
        let tokens = &tokens[..most.min(tokens.len())];
        (!tokens.is_empty())
            .then(|| Proposal { tokens: tokens.to_vec(), source: Source::Said(likeness) })
    }

    fn drafted(&mut self, run: &Run, room: usize, worth: usize) -> Option<Proposal> {
        // Whoever makes proposals up sees no pictures.
        let drafter = self.drafter.as_mut().filter(|_| !run.saw)?;
        let most = match (self.guessing, worth) {
            (Guessing::Always, worth) => worth.max(ALWAYS),
            // A short answer is over before a drafter has read its prompt.
            _ if run.usage.output < SETTLED => 0,
            (_, 0) => self.drafts.trial(),
            (_, worth) => worth,
        };
        let least = match self.guessing {
            Guessing::Always => 0.0,
            _ => self.costs.least_chance(drafter.each()),
        };
        let most = most.min(room);
        if most == 0 {
            return None;
        }
        let began = Instant::now();
        let tokens = drafter.draft(run, most, least);
        self.drafting = began.elapsed().as_micros() as f32;
        let tokens = tokens?;
        self.in_vain = tokens.is_empty();
        (!self.in_vain).then_some(Proposal { tokens, source: Source::Draft })
    }

    /// Tells the drafter, if there is one, what the model has read.
    pub(super) fn hear(&mut self, context: &mut Context<'_>, run: &Run, heard: Heard) {
        if let Some(drafter) = self.drafter.as_mut().filter(|_| !run.saw) {
            drafter.hear(context, run, heard.position, heard.row, heard.count);
        }
    }

    /// Notes how long computing a step with so many tokens of one conversation took.
    pub(super) fn computed(&mut self, tokens: usize, micros: f32) {
        self.costs.note(tokens, micros);
    }

    /// Notes what became of a step.
    pub(super) fn stepped(&mut self, outcome: Outcome) {
        if let Some((source, proposed)) = outcome.proposal {
            self.settle();
            if let Some(tally) = self.tally(source) {
                tally.judged(proposed, outcome.right);
                let (micros, gained) = (outcome.micros, outcome.gained);
                self.round = Some(Round { source, micros, gained });
            }
        } else if let (true, Some(round)) = (outcome.repeats, &mut self.round) {
            round.micros += outcome.micros;
            round.gained += outcome.gained;
        } else {
            self.settle();
            self.plain = smooth(self.plain, (outcome.micros - self.drafting).max(0.0));
            if self.in_vain {
                let (micros, gained) = (outcome.micros, outcome.gained);
                self.round = Some(Round { source: Source::Draft, micros, gained });
            }
        }
    }

    /// Closes the round under way: what it took is known now.
    fn settle(&mut self) {
        let Some(round) = self.round.take().filter(|_| self.plain > 0.0) else { return };
        let faster = round.gained as f32 * self.plain / round.micros.max(1.0);
        if let Some(tally) = self.tally(round.source) {
            tally.settled(faster);
        }
    }

    fn tally(&mut self, source: Source) -> Option<&mut Tally> {
        match source {
            // It costs nothing to make up and is never wrong.
            Source::Form => None,
            Source::Said(Likeness::Phrase) => Some(&mut self.phrases),
            Source::Said(Likeness::Passage) => Some(&mut self.passages),
            Source::Draft => Some(&mut self.drafts),
        }
    }
}
