//! Proposes tokens that may come next, so that several are checked in one step.
//!
//! What a form leaves no choice about comes first, then what was said before, then what a
//! smaller model or the model's own further layers expect. What is proposed never changes the
//! answer: every token is still chosen from the model's own chances, and the first that differs
//! ends the proposal. All costs are measured, and what does not pay is left.

use std::time::Instant;

use super::costs::{Costs, MOST, Tally, smooth};
use super::draft::Drafter;
use super::hopes::{Chances, Hope};
use super::run::Run;
use crate::llama::{Context, Model, Token};
use crate::protocol::Guessing;

/// Tokens an answer has before a drafter is asked.
const SETTLED: u32 = 8;
/// Tokens proposed where proposing must not ask whether it pays.
const ALWAYS: usize = 4;
/// Tokens a drafter is tried with.
const TRIAL: usize = 2;

/// Where a proposal comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Form,
    Said,
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
    forms: Tally,
    chances: Chances,
    lookups: Tally,
    hope: Hope,
    drafts: Tally,
    round: Option<Round>,
    /// What looking for what must come took in this step.
    forming: f32,
    /// What the drafter took, and whether it had nothing to propose.
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
            forms: Tally::new(1.5),
            chances: Chances::default(),
            lookups: Tally::new(1.5),
            hope: Hope::new(0.7),
            // Little trust at first: asking costs something even where nothing is proposed.
            drafts: Tally::new(1.2),
            round: None,
            forming: 0.0,
            drafting: 0.0,
            in_vain: false,
        }
    }

    /// Begins an answer.
    pub(super) fn refresh(&mut self) {
        self.hope.refresh(0.5);
    }

    /// Returns up to `room` tokens that may come next.
    pub(super) fn propose(
        &mut self,
        model: &Model,
        run: &mut Run,
        room: usize,
    ) -> Option<Proposal> {
        (self.forming, self.drafting, self.in_vain) = (0.0, 0.0, false);
        if self.guessing == Guessing::Off || room == 0 {
            return None;
        }
        if let Some(proposal) = self.formed(model, run, room) {
            return Some(proposal);
        }
        let each = self.drafter.as_ref().map(Drafter::each);
        let (drafts, faster) = match each {
            Some(each) if self.drafts.pays() => self.costs.best(|_| self.hope.get(), each),
            _ => (0, 1.0),
        };
        self.said(run, room, faster).or_else(|| self.drafted(run, room, drafts))
    }

    /// Proposes what a form leaves no choice about. Finding that out takes time, too.
    fn formed(&mut self, model: &Model, run: &mut Run, room: usize) -> Option<Proposal> {
        let pays = self.guessing == Guessing::Always || self.forms.pays();
        if !run.has_form() || !pays && !self.forms.tries() {
            return None;
        }
        let began = Instant::now();
        let tokens = run.forced(model, room);
        self.forming = began.elapsed().as_micros() as f32;
        (!tokens.is_empty()).then_some(Proposal { tokens, source: Source::Form })
    }

    /// Proposes what followed the same words before, if that is expected to be faster than
    /// `faster`.
    fn said(&mut self, run: &mut Run, room: usize, faster: f32) -> Option<Proposal> {
        run.guess.judge(&run.tokens, |alike, right| self.chances.note(alike, right));
        let guessed = run.guess.next(&run.tokens)?;
        let tokens = guessed.tokens(&run.tokens, room.min(MOST as usize));
        // What was shown cannot be said.
        let words = tokens.iter().take_while(|token| **token >= 0).count();
        let hope = |ahead| self.chances.of(guessed.alike + ahead, &run.guess.lately);
        let (mut most, gain) = self.costs.best(hope, 0.0);
        match self.guessing {
            Guessing::Always => most = most.max(ALWAYS),
            _ if most == 0 || gain < faster => return None,
            _ if !self.lookups.pays() && !self.lookups.tries() => return None,
            _ => {}
        }
        let tokens = &tokens[..most.min(words)];
        (!tokens.is_empty()).then(|| Proposal { tokens: tokens.to_vec(), source: Source::Said })
    }

    fn drafted(&mut self, run: &Run, room: usize, worth: usize) -> Option<Proposal> {
        // Whoever makes proposals up sees no pictures.
        let drafter = self.drafter.as_mut().filter(|_| !run.saw)?;
        let most = match (self.guessing, worth) {
            (Guessing::Always, worth) => worth.max(ALWAYS),
            // A short answer is over before a drafter has read its prompt.
            _ if run.usage.output < SETTLED => 0,
            (_, 0) if self.drafts.tries() => TRIAL,
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
        if tokens > 1 || self.round.is_none() {
            self.costs.note(tokens, micros);
        }
    }

    /// Notes what became of a step.
    pub(super) fn stepped(&mut self, outcome: Outcome) {
        if let Some((source, proposed)) = outcome.proposal {
            self.settle();
            if source == Source::Draft {
                self.hope.judged(proposed, outcome.right);
            }
            let (micros, gained) = (outcome.micros, outcome.gained);
            self.round = Some(Round { source, micros, gained });
        } else if let Some(round) = &mut self.round {
            // A step of one token takes longer after one of several: its graph is built anew.
            round.micros += outcome.micros;
            round.gained += outcome.gained;
            if !outcome.repeats {
                self.settle();
            }
        } else {
            let beside = self.drafting + self.forming;
            self.plain = smooth(self.plain, (outcome.micros - beside).max(0.0));
            if self.forming > self.plain * 0.01 {
                self.forms.settled(self.plain / (self.plain + self.forming));
            }
            if self.in_vain {
                let (micros, gained) = (outcome.micros, outcome.gained);
                self.round = Some(Round { source: Source::Draft, micros, gained });
                self.settle();
            }
        }
    }

    /// Closes the round under way: what it took is known now.
    fn settle(&mut self) {
        let Some(round) = self.round.take().filter(|_| self.plain > 0.0) else { return };
        let faster = round.gained as f32 * self.plain / round.micros.max(1.0);
        match round.source {
            Source::Form => self.forms.settled(faster),
            Source::Said => self.lookups.settled(faster),
            Source::Draft => self.drafts.settled(faster),
        }
    }
}
