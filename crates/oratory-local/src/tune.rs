//! Finds the way to run a model that suits this machine, by measuring.
//!
//! What was found is kept per model file, machine and build in `book`; `choice` says what is
//! tried and what wins. Only speed is chosen here, never what a model says.

mod book;
mod choice;

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio_util::task::TaskTracker;

pub(crate) use book::Book;
pub(crate) use choice::Pinned;

use crate::protocol::{Measure, Tuning};
use crate::supervisor::{Program, Timing};
use crate::{llama, machine, worker};

/// How long all measuring of a model may take, loading aside.
const LIMIT: Duration = Duration::from_secs(28);

/// What a model is asked to do, as far as it has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Use {
    /// Tokens of a prompt that are read for an answer, those already known left out.
    pub read: u32,
    /// Tokens of an answer.
    pub written: u32,
    /// Tokens of a conversation.
    pub depth: u32,
    /// Answers written at once.
    pub together: u32,
}

impl Default for Use {
    /// Returns what conversations are like of which nothing is known yet.
    fn default() -> Self {
        Self { read: 300, written: 250, depth: 1500, together: 1 }
    }
}

/// How a model is best run here, and what that gains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// Threads that compute.
    pub threads: usize,
    /// Tokens of a prompt computed in one go.
    pub batch: u32,
    /// How long a thread spins for the next piece of work before it sleeps, from 0 to 100.
    pub spin: u32,
    /// Whether weights are copied into an order that suits the processor.
    pub repack: bool,
    /// Whether attention is computed in one fused step; nothing where that made no difference.
    pub flash: Option<bool>,
    /// How many times as fast prompts are read as without tuning.
    pub reads: f32,
    /// How many times as fast answers are written.
    pub writes: f32,
    /// How many times as fast the usual request is done.
    pub gains: f32,
    /// Turns in which all ways were compared.
    pub turns: u32,
    /// What it was measured for.
    pub usual: Use,
    /// When, in seconds since 1970.
    pub at: u64,
}

/// How a model would be run untuned, and where what was measured is written down.
#[derive(Clone, Debug)]
pub(crate) struct Untuned {
    pub(crate) way: Tuning,
    pub(crate) pinned: Pinned,
    pub(crate) book: Book,
}

impl Untuned {
    /// Returns what was found for the file at `path`.
    pub(crate) fn found(&self, path: &Path) -> Option<Tuned> {
        self.book.find(&holds_for(path, &self.way)?)
    }

    /// Returns the way to run the model that was found best, as far as nothing is pinned.
    pub(crate) fn applied(&self, tuned: &Tuned) -> Tuning {
        let Tuned { batch, spin, .. } = *tuned;
        Tuning {
            threads: if self.pinned.threads { self.way.threads } else { tuned.threads },
            repack: if self.pinned.repack { self.way.repack } else { tuned.repack },
            flash: if self.pinned.flash { self.way.flash } else { tuned.flash },
            batch,
            spin,
            ..self.way
        }
    }
}

/// Measures ways to run the model at `path`, beginning with the `usual` one.
///
/// What is pinned stays as it is. Dropped half-way, it ends its process and has changed nothing.
pub(crate) async fn measure(
    program: &Program,
    tasks: &TaskTracker,
    path: &Path,
    start: Tuning,
    pinned: Pinned,
    usual: Use,
) -> Result<Tuned, String> {
    let mut timing = Timing::start(program, tasks).await?;
    let mut best = choice::Best::new(start);
    let stages = [choice::broad, choice::fine];
    for stage in stages {
        let ways = stage(best.way, pinned, machine::allowed_cores());
        if ways.len() < 2 {
            continue;
        }
        let measure = Measure {
            path: path.to_owned(),
            ways: ways.clone(),
            depth: usual.depth,
            together: usual.together,
            exactly: None,
            milliseconds: (LIMIT.as_millis() / stages.len() as u128) as u32,
        };
        let turns = timing.measure(measure).await?;
        best = best.against(&ways, &turns, usual);
    }
    timing.end().await;
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Ok(Tuned {
        threads: best.way.threads,
        batch: best.way.batch,
        spin: best.way.spin,
        repack: best.way.repack,
        flash: best.way.flash,
        reads: best.reads,
        writes: best.writes,
        gains: best.gains,
        turns: best.turns,
        usual,
        at,
    })
}

/// Measures how fast llama.cpp alone reads and writes, called as the engine calls it.
///
/// Returns tokens a second of a prompt so long, and of so many tokens written after it.
pub(crate) async fn alone(
    program: &Program,
    tasks: &TaskTracker,
    path: &Path,
    way: Tuning,
    (read, written): (u32, u32),
) -> Result<(f64, f64), String> {
    let mut timing = Timing::start(program, tasks).await?;
    let measure = Measure {
        path: path.to_owned(),
        ways: vec![way],
        depth: read,
        together: 1,
        milliseconds: LIMIT.as_millis() as u32,
        exactly: Some((read, written)),
    };
    let turns = timing.measure(measure).await?;
    timing.end().await;
    let sample = turns.first().and_then(|turn| turn.first()).ok_or("nothing was measured")?;
    Ok((1e6 / f64::from(sample.read), 1e6 / f64::from(sample.write)))
}

/// Returns what a measurement holds for: this file, this machine, this build.
pub(crate) fn holds_for(path: &Path, start: &Tuning) -> Option<String> {
    let mut digest = Sha256::new();
    worker::add_file(&mut digest, path).ok()?;
    digest.update(llama::version());
    digest.update(env!("CARGO_PKG_VERSION"));
    digest.update(machine::processor());
    digest.update(machine::allowed_cores().to_le_bytes());
    digest.update(start.threads.to_le_bytes());
    Some(digest.finalize()[..12].iter().map(|byte| format!("{byte:02x}")).collect())
}
