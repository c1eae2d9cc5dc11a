//! Where a model that only reads sums texts up, those of many requests together.
//!
//! Every round takes texts of all requests by turns, as many as make one batch worth its while. A
//! model whose tokens see all others reads a text in one go; any other reads it piece by piece,
//! and only its last token is computed apart, because a batch that hands out states computes how
//! likely every word of the vocabulary is after every token in it.

use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Instant;

use oratory_contract::{Chunk, Finish, Usage};

use super::gear::Gear;
use super::line::Line;
use super::texts::{Brought, Texts};
use super::vector;
use crate::fit::TOGETHER;
use crate::gguf::Pooling;
use crate::llama::{Batch, Context, DecodeError, Rate, Token, Watch};
use crate::protocol::{Report, Trouble, TroubleKind};
use crate::purpose::Reading;

/// All requests that are being summed up.
pub(super) struct Encoder<'a> {
    pub(super) context: Context<'a>,
    pub(super) line: &'a Line,
    pub(super) watch: &'a Watch,
    pub(super) reading: Reading,
    /// Texts read at once.
    pub(super) sequences: usize,
    pub(super) gear: Gear,
    pub(super) batch: Batch,
    pub(super) desks: Vec<Desk>,
}

/// One request, and how far it has come.
pub(super) struct Desk {
    texts: Texts,
    /// How many texts have been summed up.
    done: usize,
    tokens: usize,
}

/// A text of this round: whose, and which.
#[derive(Clone, Copy)]
struct Pick {
    desk: usize,
    text: usize,
}

impl Encoder<'_> {
    /// Sums texts up until there is nothing more to come.
    pub(super) fn run(mut self, brought: &Receiver<Brought>) {
        while self.take_in(brought) {
            self.end_cancelled();
            let picks = self.pick();
            if !picks.is_empty() {
                self.round(&picks);
            }
        }
    }

    /// Takes in what has been brought; waits if there is nothing to do. `false` is the end.
    fn take_in(&mut self, brought: &Receiver<Brought>) -> bool {
        loop {
            let next = match self.desks.is_empty() {
                true => {
                    self.watch.computing([]);
                    brought.recv().map_err(|_| TryRecvError::Disconnected)
                }
                false => brought.try_recv(),
            };
            match next {
                Ok(Brought::Texts(texts)) => {
                    self.desks.push(Desk { texts, done: 0, tokens: 0 });
                }
                Ok(Brought::Rest) | Err(TryRecvError::Disconnected) => return false,
                Err(TryRecvError::Empty) => return true,
            }
        }
    }

    fn end_cancelled(&mut self) {
        let (line, watch) = (self.line, self.watch);
        self.desks.retain(|desk| {
            let number = desk.texts.number;
            let cancelled = watch.is_cancelled(number);
            if cancelled {
                watch.ended(number);
                line.send(&Report::Stopped { number, usage: desk.usage() });
            }
            !cancelled
        });
    }

    /// Chooses the texts of the next round: one of each request in turn, until there are enough.
    fn pick(&mut self) -> Vec<Pick> {
        let mut picks: Vec<Pick> = Vec::new();
        let mut tokens = 0;
        let most = (TOGETHER as usize).min(self.context.size());
        // Whoever was first in this round is last in the next.
        if !self.desks.is_empty() {
            self.desks.rotate_left(1);
        }
        for turn in 0.. {
            let before = picks.len();
            for (at, desk) in self.desks.iter().enumerate() {
                let text = desk.done + turn;
                let Some(length) = desk.texts.texts.get(text).map(Vec::len) else { continue };
                let fits = tokens + length <= most && picks.len() < self.sequences;
                if !fits && !picks.is_empty() {
                    return picks;
                }
                tokens += length;
                picks.push(Pick { desk: at, text });
            }
            if picks.len() == before {
                return picks;
            }
        }
        picks
    }

    fn round(&mut self, picks: &[Pick]) {
        let numbers = picks.iter().map(|pick| self.desks[pick.desk].texts.number);
        self.watch.computing(numbers);
        let texts: Vec<Vec<Token>> =
            picks.iter().map(|pick| self.desks[pick.desk].texts.texts[pick.text].clone()).collect();
        let outcome = match self.reading.at_once {
            true => self.read_at_once(&texts),
            false => self.read_in_pieces(&texts),
        };
        (0..texts.len()).for_each(|sequence| self.context.clear(sequence));
        match outcome {
            Ok(states) => self.hand_out(picks, &texts, states),
            // All of them were, so the next round ends them.
            Err(DecodeError::Cancelled) => {}
            Err(error) => self.fail(picks, &error),
        }
    }

    fn read_at_once(&mut self, texts: &[Vec<Token>]) -> Result<Vec<Vec<f32>>, DecodeError> {
        self.batch.clear();
        for (sequence, text) in texts.iter().enumerate() {
            for (position, token) in text.iter().enumerate() {
                self.batch.add(sequence, position, *token, Rate::Yes);
            }
        }
        self.decode()?;
        let pooling = self.reading.pooling;
        let pooled = |sequence| self.context.pooled(sequence, pooling).map(<[f32]>::to_vec);
        (0..texts.len()).map(pooled).collect()
    }

    fn read_in_pieces(&mut self, texts: &[Vec<Token>]) -> Result<Vec<Vec<f32>>, DecodeError> {
        let every = matches!(self.reading.pooling, Pooling::Mean | Pooling::First);
        let all = texts.iter().enumerate().flat_map(|(sequence, text)| {
            let until = if every { text.len() } else { text.len() - 1 };
            text[..until].iter().enumerate().map(move |(at, token)| (sequence, at, *token))
        });
        let all: Vec<(usize, usize, Token)> = all.collect();
        let mut states = vec![Vec::new(); texts.len()];
        if every {
            for piece in all.chunks(self.sequences) {
                self.add_states(piece, &mut states)?;
            }
            let mean = |(state, text): (&mut Vec<f32>, &Vec<Token>)| {
                state.iter_mut().for_each(|number| *number /= text.len() as f32);
            };
            if self.reading.pooling == Pooling::Mean {
                states.iter_mut().zip(texts).for_each(mean);
            }
            return Ok(states);
        }
        self.context.hand_out_states(false);
        for piece in all.chunks(TOGETHER as usize) {
            self.put(piece, Rate::No);
            self.decode()?;
        }
        self.last_states(texts, &mut states)?;
        Ok(states)
    }

    /// Computes the last token of each text.
    fn last_states(
        &mut self,
        texts: &[Vec<Token>],
        states: &mut [Vec<f32>],
    ) -> Result<(), DecodeError> {
        let last = texts
            .iter()
            .enumerate()
            .filter_map(|(sequence, text)| Some((sequence, text.len() - 1, *text.last()?)));
        let last: Vec<(usize, usize, Token)> = last.collect();
        self.context.hand_out_states(true);
        self.put(&last, Rate::Yes);
        self.decode()?;
        for (row, state) in states.iter_mut().enumerate() {
            let found = match self.reading.pooling {
                Pooling::Rank => self.context.pooled(row, Pooling::Rank)?,
                _ => self.context.state(row)?,
            };
            *state = found.to_vec();
        }
        Ok(())
    }

    /// Computes a piece and adds up what it gives.
    fn add_states(
        &mut self,
        piece: &[(usize, usize, Token)],
        states: &mut [Vec<f32>],
    ) -> Result<(), DecodeError> {
        self.context.hand_out_states(true);
        self.put(piece, Rate::Yes);
        self.decode()?;
        for (row, (sequence, position, _)) in piece.iter().enumerate() {
            if *position > 0 && self.reading.pooling == Pooling::First {
                continue;
            }
            let found = self.context.state(row)?;
            let sum = &mut states[*sequence];
            sum.resize(found.len(), 0.0);
            sum.iter_mut().zip(found).for_each(|(sum, number)| *sum += number);
        }
        Ok(())
    }

    fn put(&mut self, tokens: &[(usize, usize, Token)], rate: Rate) {
        self.batch.clear();
        for (sequence, position, token) in tokens {
            self.batch.add(*sequence, *position, *token, rate);
        }
    }

    fn decode(&mut self) -> Result<(), DecodeError> {
        let began = Instant::now();
        self.context.decode(&mut self.batch)?;
        if self.gear.note(self.batch.len(), began.elapsed().as_micros() as f32) {
            self.context.use_threads(self.gear.threads());
        }
        Ok(())
    }

    fn hand_out(&mut self, picks: &[Pick], texts: &[Vec<Token>], states: Vec<Vec<f32>>) {
        let mut said: Vec<Vec<Chunk>> = self.desks.iter().map(|_| Vec::new()).collect();
        for ((pick, text), state) in picks.iter().zip(texts).zip(states) {
            let desk = &mut self.desks[pick.desk];
            desk.done += 1;
            desk.tokens += text.len();
            said[pick.desk].push(match self.reading.pooling {
                Pooling::Rank => Chunk::Rating(vector::rating(&state)),
                _ => Chunk::Vector(vector::finish(state, desk.texts.dimensions)),
            });
        }
        for (desk, said) in self.desks.iter().zip(said).filter(|(_, said)| !said.is_empty()) {
            let (number, usage) = (desk.texts.number, desk.usage());
            self.line.send(&Report::Said { number, usage, said });
        }
        let (line, watch) = (self.line, self.watch);
        self.desks.retain(|desk| {
            let (number, over) = (desk.texts.number, desk.done == desk.texts.texts.len());
            if over {
                watch.ended(number);
                line.send(&Report::Done { number, finish: Finish::Stop, usage: desk.usage() });
            }
            !over
        });
    }

    /// Ends the requests of a round that could not be computed.
    fn fail(&mut self, picks: &[Pick], error: &DecodeError) {
        let numbers: Vec<u64> =
            picks.iter().map(|pick| self.desks[pick.desk].texts.number).collect();
        let hint = "try again; if it stays, the model file is likely damaged: download it again";
        let (line, watch) = (self.line, self.watch);
        self.desks.retain(|desk| {
            let number = desk.texts.number;
            let hit = numbers.contains(&number);
            if hit {
                watch.ended(number);
                let trouble = Trouble::new(TroubleKind::Broken, error.to_string(), hint);
                let (number, usage) = (Some(number), Usage::default());
                line.send(&Report::Failed { number, usage, trouble });
            }
            !hit
        });
    }
}

impl Desk {
    fn usage(&self) -> Usage {
        let input = u32::try_from(self.tokens).unwrap_or(u32::MAX);
        Usage { input, ..Usage::default() }
    }
}
