//! The adapters of a model: loaded when first asked for, put on by turns.
//!
//! A context computes with one at a time, so requests with different ones cannot share a batch.
//! Putting one on takes as long as some tokens; so each has a turn before the next.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::floor::Floor;
use super::reading::Ready;
use crate::llama::{Adapter, Context};
use crate::protocol::{self, Trouble, TroubleKind};

/// How long requests with one adapter are computed while others wait.
const TURN: Duration = Duration::from_millis(120);

/// What one request wears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Worn {
    /// Tells loaded adapters apart; never used again.
    number: u64,
    scale: f32,
}

/// A loaded adapter.
struct Piece<'a> {
    number: u64,
    path: PathBuf,
    revision: u64,
    bytes: u64,
    used: Instant,
    adapter: Rc<Adapter<'a>>,
}

/// The adapters that are loaded, and the one that is computed with.
pub(super) struct Wardrobe<'a> {
    pieces: Vec<Piece<'a>>,
    budget: u64,
    count: u64,
    now: Option<Worn>,
    since: Instant,
    /// When each had its last turn, of those that are still wanted.
    turns: Vec<(Option<Worn>, Instant)>,
}

impl<'a> Wardrobe<'a> {
    pub(super) fn new(budget: u64) -> Self {
        let (since, turns) = (Instant::now(), Vec::new());
        Self { pieces: Vec::new(), budget, count: 0, now: None, since, turns }
    }

    /// Returns what is computed with now.
    pub(super) fn now(&self) -> Option<Worn> {
        self.now
    }

    /// Returns what a request is to wear, loading it if it is not here. Others that nobody in
    /// `wanted` wears make way for it.
    pub(super) fn fetch(
        &mut self,
        context: &mut Context<'a>,
        asked: Option<&protocol::Adapter>,
        wanted: &[Option<Worn>],
    ) -> Result<Option<Worn>, Trouble> {
        let Some(asked) = asked else { return Ok(None) };
        let scale = asked.scale;
        let here =
            |piece: &&mut Piece<'_>| piece.path == asked.path && piece.revision == asked.revision;
        if let Some(piece) = self.pieces.iter_mut().find(here) {
            piece.used = Instant::now();
            return Ok(Some(Worn { number: piece.number, scale }));
        }
        self.make_room(context, asked.bytes, wanted);
        let adapter = context.load_adapter(&asked.path).map_err(|error| {
            let message = format!("llama.cpp cannot load {}: {error}", asked.path.display());
            let hint = "ask for the model without the adapter, or get the adapter again";
            Trouble::new(TroubleKind::Broken, message, hint)
        })?;
        self.count += 1;
        self.pieces.push(Piece {
            number: self.count,
            path: asked.path.clone(),
            revision: asked.revision,
            bytes: asked.bytes,
            used: Instant::now(),
            adapter: Rc::new(adapter),
        });
        Ok(Some(Worn { number: self.count, scale }))
    }

    /// Lets the adapters unused for longest go, until so many bytes more are within the budget.
    fn make_room(&mut self, context: &mut Context<'a>, bytes: u64, wanted: &[Option<Worn>]) {
        let wears = |number: u64| wanted.iter().flatten().any(|worn| worn.number == number);
        while self.pieces.iter().map(|piece| piece.bytes).sum::<u64>() + bytes > self.budget {
            let idle = self.pieces.iter().enumerate().filter(|(_, piece)| !wears(piece.number));
            let Some((at, _)) = idle.min_by_key(|(_, piece)| piece.used) else { return };
            let gone = self.pieces.remove(at);
            if self.now.is_some_and(|worn| worn.number == gone.number) {
                context.wear(None);
                self.now = None;
            }
        }
    }

    /// Puts on what is to be computed with next, of what is wanted. Says whether that changed.
    pub(super) fn dress(&mut self, context: &mut Context<'a>, wanted: &[Option<Worn>]) -> bool {
        let others = wanted.iter().any(|worn| *worn != self.now);
        let own = wanted.contains(&self.now);
        if !others || (own && self.since.elapsed() < TURN) {
            return false;
        }
        self.turns.retain(|(worn, _)| wanted.contains(worn) && *worn != self.now);
        self.turns.push((self.now, Instant::now()));
        let last = |worn: &&Option<Worn>| {
            self.turns.iter().find(|(other, _)| other == *worn).map(|(_, when)| *when)
        };
        // Whoever has had no turn yet comes first.
        let next = wanted.iter().filter(|worn| **worn != self.now).min_by_key(last);
        let Some(&next) = next else { return false };
        let piece = next.and_then(|worn| {
            let piece = self.pieces.iter().find(|piece| piece.number == worn.number)?;
            Some((Rc::clone(&piece.adapter), worn.scale))
        });
        context.wear(piece);
        (self.now, self.since) = (next, Instant::now());
        true
    }
}

impl Floor<'_> {
    /// Returns what a request is to wear.
    pub(super) fn fetch(&mut self, ready: &Ready) -> Result<Option<Worn>, Trouble> {
        let wanted: Vec<Option<Worn>> = self.runs.iter().map(|run| run.worn).collect();
        self.wardrobe.fetch(self.lanes.context(), ready.job.adapter.as_ref(), &wanted)
    }

    /// Puts on what the next batch is computed with. Says whether that changed.
    pub(super) fn dress(&mut self) -> bool {
        let at_work = self.runs.iter().filter(|run| !run.paused);
        let wanted: Vec<Option<Worn>> = at_work.map(|run| run.worn).collect();
        self.wardrobe.dress(self.lanes.context(), &wanted)
    }
}
