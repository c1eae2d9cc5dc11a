//! Vectors from a model that writes: its state after the last token of each text.
//!
//! Texts are read as prompts are, in a lane and beside other requests; only the last token of each
//! is computed apart, because a batch that hands out states does so for every token in it.

use std::collections::VecDeque;

use oratory_contract::{Chunk, Finish};

use super::floor::Floor;
use super::lanes::Guest;
use super::vector;
use crate::llama::{Rate, Token};
use crate::protocol::Report;

/// What is left of a request for vectors.
pub(super) struct Rest {
    /// The texts after the one that is being read.
    pub(super) texts: VecDeque<Vec<Token>>,
    pub(super) dimensions: Option<u32>,
}

impl Floor<'_> {
    /// Computes the last token of every text that has been read up to it.
    pub(super) fn sum_up(&mut self) {
        let now = self.wardrobe.now();
        let ripe = |at: &usize| {
            let run = &self.runs[*at];
            run.is_ripe() && !run.paused && run.worn == now
        };
        let ripe: Vec<usize> = (0..self.runs.len()).filter(ripe).collect();
        if ripe.is_empty() {
            return;
        }
        self.batch.clear();
        for &at in &ripe {
            let run = &self.runs[at];
            self.batch.add(run.lane, run.fed, run.tokens[run.fed], Rate::Yes);
        }
        self.watch.computing(ripe.iter().map(|&at| self.runs[at].job.number));
        self.lanes.context().hand_out_states(true);
        let outcome = self.lanes.decode(&mut self.batch);
        self.lanes.context().hand_out_states(false);
        if let Err(error) = outcome {
            return self.failed(&ripe, &error);
        }
        // By their numbers: going on with one moves the others.
        let numbers: Vec<u64> = ripe.iter().map(|&at| self.runs[at].job.number).collect();
        for (row, number) in numbers.into_iter().enumerate() {
            if let Some(at) = self.runs.iter().position(|run| run.job.number == number) {
                self.take_state(at, row);
            }
        }
    }

    fn take_state(&mut self, at: usize, row: usize) {
        let run = &mut self.runs[at];
        let dimensions = run.rest.as_ref().and_then(|rest| rest.dimensions);
        self.lanes.grew(run.lane, &run.tokens[run.fed..]);
        let state = self.lanes.context().state(row).map(<[f32]>::to_vec);
        let vector = match state {
            Ok(state) => vector::finish(state, dimensions),
            Err(error) => return self.broken(at, &error),
        };
        let said = vec![Chunk::Vector(vector)];
        let (number, usage) = (run.job.number, run.usage);
        self.line.send(&Report::Said { number, usage, said });
        match run.rest.as_mut().and_then(|rest| rest.texts.pop_front()) {
            Some(text) => self.next_text(at, text),
            None => self.done(at, Finish::Stop),
        }
    }

    /// Goes on with the next text, wherever most of it is known already.
    fn next_text(&mut self, at: usize, text: Vec<Token>) {
        let mut run = self.runs.remove(at);
        self.lanes.leave(run.lane);
        let last = text.len() - 1;
        let (partition, keep) = (run.job.partition, run.job.keep);
        let seat = self.lanes.seat(Guest { prompt: &text[..last], partition, keep });
        run.read_next(text, seat.expect("a lane was just left"));
        let place = self.runs.partition_point(|other| other.lane < run.lane);
        self.runs.insert(place, run);
    }
}
