//! One request while it is answered: what was read, what is said, and when it ends.
//!
//! It touches no model; `floor` feeds it chances and passes on what it says.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};

use oratory_contract::{Chance, Chunk, Finish, Rated, Usage};

use super::answer::Answer;
use super::eyes::Spot;
use super::guess::Guess;
use super::lanes::Seat;
use super::reading::Ready;
use super::summing::Rest;
use super::wardrobe::Worn;
use crate::constraint::{Constraint, Problem};
use crate::llama::{Choice, Model, Sampler, Token, Trust};
use crate::protocol::Job;

/// One request under way.
pub(super) struct Run {
    pub(super) job: Job,
    pub(super) lane: usize,
    /// The prompt, and then all that was said.
    pub(super) tokens: Vec<Token>,
    pub(super) prompt: usize,
    /// How many tokens are in the model's memory.
    pub(super) fed: usize,
    /// What stands in the rest of the prompt besides tokens.
    pub(super) spots: VecDeque<Spot>,
    /// How many rows of the first of these have been read.
    pub(super) shown: usize,
    /// Whether there was any.
    pub(super) saw: bool,
    /// Places of the context that are taken beside one for each token.
    beside: usize,
    /// Where the prompt may be cut later, so a copy is worth having there.
    pub(super) seams: VecDeque<usize>,
    pub(super) guess: Guess,
    /// Whether the next token is computed with nothing beside it.
    pub(super) exactly: bool,
    pub(super) usage: Usage,
    pub(super) paused: bool,
    pub(super) worn: Option<Worn>,
    /// What is left of a request for vectors; `None` where an answer is wanted.
    pub(super) rest: Option<Rest>,
    sampler: Sampler,
    constraint: Option<Constraint>,
    answer: Answer,
}

/// Whether an answer goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goes {
    On,
    Over(Finish),
}

impl Run {
    pub(super) fn new(model: &Model, ready: Ready, seat: Seat, worn: Option<Worn>) -> Self {
        let Ready { mut job, prompt, mut spots, parser, constraint, rest } = ready;
        let seed = RandomState::new().build_hasher().finish();
        let said: Vec<Token> = prompt.iter().copied().filter(|token| *token >= 0).collect();
        let sampler = Sampler::new(model, &job.sampling, &said, seed);
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let beside = spots.iter().map(Spot::beside).sum();
        let saw = !spots.is_empty();
        spots.retain(|spot| spot.at >= seat.kept);
        let kept = seat.kept + beside - spots.iter().map(Spot::beside).sum::<usize>();
        Self {
            lane: seat.lane,
            // Of a text that is summed up, the last token is computed apart.
            prompt: prompt.len() - usize::from(rest.is_some()),
            fed: seat.kept,
            spots,
            shown: 0,
            saw,
            beside,
            seams: VecDeque::new(),
            guess: Guess::default(),
            exactly: false,
            usage: Usage {
                input: count(prompt.len() + beside),
                cached: count(kept),
                // Of what is written it is known what is thinking; vectors are not written.
                reasoning: rest.is_none().then_some(0),
                ..Usage::default()
            },
            paused: false,
            worn,
            rest,
            sampler,
            constraint,
            answer: Answer::new(parser, std::mem::take(&mut job.stop)),
            tokens: prompt,
            job,
        }
    }

    /// Says whether the prompt is still being read.
    pub(super) fn reads(&self) -> bool {
        self.fed < self.prompt
    }

    /// Says whether the next thing in the prompt is no token.
    pub(super) fn looks(&self) -> bool {
        self.spots.front().is_some_and(|spot| spot.at == self.fed)
    }

    /// Says whether a place in the prompt is within something that is no token.
    pub(super) fn is_within(&self, place: usize) -> bool {
        self.spots.iter().any(|spot| spot.holds(place))
    }

    /// Says whether a text is read but for its last token, whose state is wanted.
    pub(super) fn is_ripe(&self) -> bool {
        self.rest.is_some() && !self.reads()
    }

    /// Says whether it has a part in the batches that are computed with this adapter.
    pub(super) fn goes(&self, worn: Option<Worn>) -> bool {
        !self.paused && !self.is_ripe() && self.worn == worn
    }

    /// Goes on with another text that is to be summed up.
    pub(super) fn read_next(&mut self, text: Vec<Token>, seat: Seat) {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        self.usage.input = self.usage.input.saturating_add(count(text.len()));
        self.usage.cached = self.usage.cached.saturating_add(count(seat.kept));
        (self.lane, self.fed, self.prompt) = (seat.lane, seat.kept, text.len() - 1);
        self.tokens = text;
    }

    /// Returns how many tokens of the prompt are left to read, up to the next thing that is none.
    pub(super) fn unread(&self) -> usize {
        let until = self.spots.front().map_or(self.prompt, |spot| spot.at);
        until.saturating_sub(self.fed)
    }

    /// Returns how many more tokens may be said. The last needs no place: nothing follows it.
    pub(super) fn left(&self, size: usize) -> usize {
        let most = self.job.max_tokens.map_or(usize::MAX, |most| most as usize);
        let said = self.usage.output as usize;
        most.saturating_sub(said).min((size + 1).saturating_sub(self.tokens.len() + self.beside))
    }

    /// Chooses the next token by the model's chances; `None` if that takes more exact ones.
    pub(super) fn choose(
        &mut self,
        model: &Model,
        logits: &mut [f32],
        trust: Trust,
    ) -> Result<Option<(Token, Goes)>, Stuck> {
        let rates = self.job.sampling.chances.map(|top| Rates::of(logits, top));
        if let Some(constraint) = &mut self.constraint
            && let Some(mask) = constraint.mask()?
        {
            forbid(logits, mask);
        }
        let token = match self.sampler.choose(logits, trust).ok_or(Stuck::Numbers)? {
            Choice::Token(token) => token,
            Choice::Close => return Ok(None),
        };
        if model.ends(token) {
            return Ok(Some((token, Goes::Over(Finish::Stop))));
        }
        self.tokens.push(token);
        self.usage.output += 1;
        self.answer.add(model, token);
        if let Some(reasoning) = self.usage.reasoning.as_mut().filter(|_| self.answer.thinks()) {
            *reasoning += 1;
        }
        if let Some(rates) = rates {
            self.answer.rate(rates.chance(model, token));
        }
        let mut over = self.answer.stopped().is_some();
        if let Some(constraint) = &mut self.constraint {
            constraint.accept(u32::try_from(token).unwrap_or(u32::MAX))?;
            over |= constraint.is_over();
        }
        Ok(Some((token, if over { Goes::Over(Finish::Stop) } else { Goes::On })))
    }

    /// Says whether the answer is held to a form.
    pub(super) fn has_form(&self) -> bool {
        self.constraint.is_some()
    }

    /// Returns tokens that can only come next, at most `most`.
    pub(super) fn forced(&mut self, model: &Model, most: usize) -> Vec<Token> {
        let Some(constraint) = &mut self.constraint else { return Vec::new() };
        let number = |token: Token| u32::try_from(token).ok();
        let tokens = constraint
            .forced(|text| model.tokenise(text, false).into_iter().filter_map(number).collect());
        tokens.into_iter().take(most).filter_map(|token| Token::try_from(token).ok()).collect()
    }

    /// Takes what is ready to be passed on.
    pub(super) fn take_said(&mut self) -> Vec<Chunk> {
        self.answer.take()
    }

    /// Ends the answer: what was held back is said. Returns how it ended.
    pub(super) fn finish(&mut self, finish: Finish) -> Finish {
        self.answer.finish();
        match (finish, self.answer.stopped()) {
            (Finish::Stop, _) if self.answer.has_called() => Finish::Calls,
            (_, Some(which)) => Finish::Text(which),
            (finish, None) => finish,
        }
    }
}

/// Why no token could be chosen.
pub(super) enum Stuck {
    /// The model's numbers make no sense.
    Numbers,
    /// The form cannot be kept.
    Form(Problem),
}

impl From<Problem> for Stuck {
    fn from(problem: Problem) -> Self {
        Self::Form(problem)
    }
}

/// Forbids every token whose bit is not set.
fn forbid(logits: &mut [f32], mask: &[u32]) {
    for (word, logits) in logits.chunks_mut(32).enumerate() {
        let bits = mask.get(word).copied().unwrap_or(0);
        if bits == 0 {
            logits.fill(f32::NEG_INFINITY);
        } else if bits != u32::MAX {
            for (at, logit) in logits.iter_mut().enumerate() {
                if bits >> at & 1 == 0 {
                    *logit = f32::NEG_INFINITY;
                }
            }
        }
    }
}

/// How likely tokens were, before anything changed it.
struct Rates {
    /// What to subtract from a logit to have the logarithm of its probability.
    all: f32,
    top: Vec<(Token, f32)>,
    logits: Vec<f32>,
}

impl Rates {
    fn of(logits: &[f32], top: u8) -> Self {
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = logits.iter().map(|logit| f64::from((logit - most).exp())).sum();
        let mut rated: Vec<(Token, f32)> = (0..).zip(logits.iter().copied()).collect();
        let top = usize::from(top).min(rated.len());
        if top > 0 {
            rated.select_nth_unstable_by(top - 1, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        }
        rated.truncate(top);
        rated.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Self { all: most + sum.ln() as f32, top: rated, logits: logits.to_vec() }
    }

    fn chance(&self, model: &Model, token: Token) -> Chance {
        let rated = |token: Token, logit: f32| Rated {
            id: u32::try_from(token).unwrap_or_default(),
            bytes: model.bytes(token),
            logprob: logit - self.all,
        };
        let logit = usize::try_from(token).ok().and_then(|at| self.logits.get(at));
        Chance {
            token: rated(token, logit.copied().unwrap_or(f32::NEG_INFINITY)),
            top: self.top.iter().map(|&(token, logit)| rated(token, logit)).collect(),
        }
    }
}
