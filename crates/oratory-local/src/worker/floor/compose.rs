//! Puts a step together: who gets how many tokens in the next batch.
//!
//! It computes nothing.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Floor, Share};
use crate::llama::{Model, Rate};
use crate::worker::costs::MOST;
use crate::worker::run::Run;

/// How long a step may take while others wait for their next token.
pub(in crate::worker) const BLINK: Duration = Duration::from_millis(120);
/// Beside this many answers, checking guesses costs the others more than it gains.
const GUESS_BESIDE: usize = 1;

impl Floor<'_> {
    /// Puts the next batch together: first who writes, then as much of the prompts as fits.
    pub(super) fn compose(&mut self) -> Vec<Share> {
        self.batch.clear();
        let worn = self.wardrobe.now();
        let writing = self.runs.iter().filter(|run| !run.reads() && run.goes(worn)).count();
        let reading = self.reading_shares(writing);
        let alone = writing <= GUESS_BESIDE && reading.iter().all(|share| *share == 0);
        let mut shares = Vec::with_capacity(self.runs.len());
        for (at, count) in reading.into_iter().enumerate() {
            let run = &self.runs[at];
            if !run.goes(worn) || run.reads() && count == 0 {
                continue;
            }
            shares.push(if run.reads() { self.read(at, count) } else { self.write(at, alone) });
        }
        shares
    }

    fn read(&mut self, at: usize, count: usize) -> Share {
        let (run, row) = (&self.runs[at], self.batch.len());
        let last = run.prompt - 1;
        for position in run.fed..run.fed + count {
            let rate = if position == last { Rate::Yes } else { Rate::No };
            self.batch.add(run.lane, position, run.tokens[position], rate);
        }
        Share { run: at, row, count, proposal: None, silent: false }
    }

    fn write(&mut self, at: usize, alone: bool) -> Share {
        let (run, row) = (&mut self.runs[at], self.batch.len());
        // What a proposal has undone is read again first where the next token must be exact.
        let silent = run.exactly && run.tokens.len() > run.fed + 1;
        let until = run.tokens.len() - usize::from(silent);
        for position in run.fed..until {
            let rate = if position + 1 == until && !silent { Rate::Yes } else { Rate::No };
            self.batch.add(run.lane, position, run.tokens[position], rate);
        }
        // One token is chosen in any case.
        let room = match alone && !run.exactly {
            true => run.left(self.lanes.size()).saturating_sub(1).min(MOST as usize),
            false => 0,
        };
        let proposal = self.foresight.propose(self.model, run, room);
        let tokens = proposal.iter().flat_map(|proposal| &proposal.tokens);
        for (position, token) in (until..).zip(tokens) {
            self.batch.add(run.lane, position, *token, Rate::Yes);
        }
        Share { run: at, row, count: self.batch.len() - row, proposal, silent }
    }

    /// Returns how many tokens each reading request gets in this step.
    fn reading_shares(&self, writing: usize) -> Vec<usize> {
        let worn = self.wardrobe.now();
        let mut shares = vec![0; self.runs.len()];
        let mut reading: Vec<usize> = (0..self.runs.len())
            .filter(|&at| self.runs[at].reads() && self.runs[at].goes(worn))
            .collect();
        let others = self.runs.iter().filter(|run| !run.paused).count() + self.waiting.len();
        let mut budget = self.batch_size - writing.min(self.batch_size - 1);
        if others > 1 && self.pace.reading > 0.0 {
            let in_a_blink = BLINK.as_micros() as f32 / self.pace.reading;
            budget = budget.min((in_a_blink as usize).max(16));
        }
        // The oldest always gets on; besides, who has least to read is done soonest.
        let number = |at: &usize| self.runs[*at].job.number;
        let oldest = reading.iter().copied().min_by_key(number);
        if let Some(at) = oldest.filter(|_| reading.len() > 1) {
            let share = self.up_to_seam(at, budget / 2);
            shares[at] = share;
            budget -= share;
        }
        reading.sort_by_key(|&at| self.runs[at].unread());
        for at in reading {
            if shares[at] == 0 {
                shares[at] = self.up_to_seam(at, budget);
                budget -= shares[at];
            }
        }
        shares
    }

    /// Returns how much of `budget` a request uses: not past a place where a copy is wanted.
    fn up_to_seam(&self, at: usize, budget: usize) -> usize {
        let run = &self.runs[at];
        let until = run.seams.front().map_or(run.prompt, |seam| *seam);
        until.saturating_sub(run.fed).min(run.unread()).min(budget)
    }
}

/// Returns where copies are worth having in a prompt that cannot be cut later: before the last
/// few control tokens, which is where turns begin, some way before the end, where another
/// question may follow the same text, and every so often.
pub(super) fn seams(model: &Model, run: &Run) -> VecDeque<usize> {
    const EVERY: usize = 1024;
    const TURNS: usize = 4;
    const BEFORE_THE_END: [usize; 4] = [32, 64, 128, 512];
    let prompt = &run.tokens[..run.prompt];
    let control = (1..prompt.len()).rev().filter(|&at| model.is_control(prompt[at]));
    let mut seams: Vec<usize> = control.take(TURNS).collect();
    seams.extend(BEFORE_THE_END.iter().filter_map(|back| prompt.len().checked_sub(*back)));
    seams.extend((1..prompt.len() / EVERY + 1).map(|n| n * EVERY));
    seams.retain(|seam| *seam > run.fed && *seam < run.prompt && !run.is_within(*seam));
    seams.sort_unstable();
    seams.dedup();
    seams.into()
}
