//! Trains one size from its seed, or goes on where it was stopped.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::mini::TrainError;
use crate::mini::lessons::Course;
use crate::mini::matrix::Exactness;
use crate::mini::network::{Network, Told, Workshop};
use crate::mini::optimise::{Memory, Rates};
use crate::mini::shape::Shape;
use crate::mini::state::State;
use crate::mini::tokens::Tokens;

/// Everything that decides what comes out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The network.
    pub shape: Shape,
    /// Where its first numbers come from.
    pub seed: u64,
    /// What it is taught.
    pub course: Course,
    /// How fast.
    pub rates: Rates,
    /// Tokens in all.
    pub tokens: u64,
    /// The share of them over which the speed goes down to nothing at the end.
    pub landing: f32,
}

/// Tokens over which the speed goes up at the beginning.
const START: f32 = 400_000.0;

impl Plan {
    /// Returns the share of the full speed after so many tokens.
    fn speed(&self, tokens: u64) -> f32 {
        let warm = START.min(self.tokens as f32 / 20.0);
        let start = (tokens as f32 / warm).clamp(0.01, 1.0);
        let left = 1.0 - tokens as f32 / self.tokens as f32;
        start.min((left / self.landing).clamp(0.0, 1.0))
    }

    /// Says whether another plan is the same but for its length, the length of its steps and how often
    /// each task is taught: these may change on the way.
    fn continues(&self, other: &Self) -> bool {
        let Course { tasks, step_tokens, .. } = other.course.clone();
        let course = Course { tasks, step_tokens, ..self.course.clone() };
        Self { tokens: other.tokens, landing: other.landing, course, ..self.clone() } == *other
    }
}

/// How far training is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// Steps taken.
    pub step: u64,
    /// Tokens learnt from.
    pub tokens: u64,
    /// Tokens in all.
    pub of: u64,
    /// The mean loss of a token of the answers since the last report.
    pub loss: f64,
    /// The share of those tokens that was foretold.
    pub right: f64,
    /// The share of the full speed.
    pub speed: f32,
    /// Seconds since this run began.
    pub seconds: f64,
    /// Tokens learnt from since then.
    pub here: u64,
}

/// Hears how far training is and what the network has learnt; an error ends the run.
pub type Report<'a> = dyn FnMut(&Progress, &[f32]) -> Result<(), TrainError> + 'a;

/// What a run may do.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where its state is kept.
    pub folder: PathBuf,
    /// After which time it stops, its state kept.
    pub time: Option<Duration>,
    /// After how many steps it reports.
    pub report: u64,
}

/// How often the state is written.
const KEEP: Duration = Duration::from_secs(120);

/// A training under way.
pub struct Training {
    network: Network,
    memory: Memory,
    plan: Plan,
    done: u64,
    workshop: Workshop,
    slopes: Vec<f32>,
}

impl Training {
    /// Begins a plan.
    pub fn begin(plan: Plan) -> Self {
        let network = Network::new(plan.shape.clone(), plan.seed, Exactness::Half);
        let count = network.numbers.len();
        Self {
            network,
            memory: Memory::new(count),
            plan,
            done: 0,
            workshop: Workshop::default(),
            slopes: vec![0.0; count],
        }
    }

    /// Goes on with what lies in `folder`, or begins.
    pub fn resume(plan: Plan, folder: &Path) -> Result<Self, TrainError> {
        let path = state_path(folder);
        let Some(state) = State::read(&path)? else { return Ok(Self::begin(plan)) };
        if !state.plan.continues(&plan) || state.numbers.len() != plan.shape.numbers() {
            return Err(TrainError::OtherPlan(path));
        }
        let mut training = Self::begin(plan);
        training.network.numbers = state.numbers;
        training.memory = state.memory;
        training.done = state.tokens;
        Ok(training)
    }

    /// Returns the tokens learnt from.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Says whether the plan is fulfilled.
    pub fn finished(&self) -> bool {
        self.done >= self.plan.tokens
    }

    /// Returns what the network has learnt so far.
    pub fn numbers(&self) -> &[f32] {
        &self.network.numbers
    }

    /// Takes one step.
    pub(crate) fn step(&mut self, tokens: &Tokens) -> Told {
        let batches = self.plan.course.step(tokens, self.memory.steps, self.done);
        let weight: f32 = batches.iter().flat_map(|batch| &batch.weights).sum();
        self.slopes.fill(0.0);
        let mut told = Told::default();
        for batch in &batches {
            told += self.network.learn(batch, 1.0 / weight, &mut self.workshop, &mut self.slopes);
        }
        let rates = (self.plan.rates, self.plan.speed(self.done));
        let Network { multiplier, layout, numbers, .. } = &mut self.network;
        self.memory.step(multiplier, layout, numbers, &self.slopes, rates);
        self.done += batches.iter().map(|batch| batch.tokens.len() as u64).sum::<u64>();
        told
    }

    /// Keeps the state in `folder`.
    pub(crate) fn keep(&self, folder: &Path) -> Result<(), TrainError> {
        std::fs::create_dir_all(folder).map_err(|error| TrainError::file(folder, error))?;
        let state = State {
            plan: self.plan.clone(),
            tokens: self.done,
            numbers: self.network.numbers.clone(),
            memory: self.memory.clone(),
        };
        state.write(&state_path(folder))
    }

    /// Runs until the plan is fulfilled or the time is over; `report` hears how it goes.
    pub fn run(
        &mut self,
        tokens: &Tokens,
        run: &Run,
        report: &mut Report<'_>,
    ) -> Result<(), TrainError> {
        let (began, before) = (Instant::now(), self.done);
        let (mut kept, mut told) = (began, Told::default());
        while !self.finished() && run.time.is_none_or(|time| began.elapsed() < time) {
            told += self.step(tokens);
            if self.memory.steps.is_multiple_of(run.report) || self.finished() {
                let progress = Progress {
                    step: self.memory.steps,
                    tokens: self.done,
                    of: self.plan.tokens,
                    loss: told.loss / told.weight.max(1.0),
                    right: told.right as f64 / told.counted.max(1) as f64,
                    speed: self.plan.speed(self.done),
                    seconds: began.elapsed().as_secs_f64(),
                    here: self.done - before,
                };
                report(&progress, &self.network.numbers)?;
                told = Told::default();
            }
            if kept.elapsed() > KEEP {
                self.keep(&run.folder)?;
                kept = Instant::now();
            }
        }
        self.keep(&run.folder)
    }
}

/// Returns where the state of a training is kept.
pub(crate) fn state_path(folder: &Path) -> PathBuf {
    folder.join("state")
}
