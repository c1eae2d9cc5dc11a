//! What a model will take in memory, planned from its header alone, before anything is loaded.
//!
//! Mirrors what the pinned llama.cpp allocates. It opens no file and asks no operating system.

mod arena;
mod compute;
mod layers;
#[cfg(test)]
mod measured;
mod speed;
#[cfg(test)]
mod tests;
mod weights;

use crate::gguf::{Facts, Kind};
use crate::purpose::Purpose;
use layers::Layers;

pub(crate) use layers::forgets;
pub use speed::{Speed, speed};
pub use weights::{Repack, active_bytes};

/// llama.cpp rounds the length of a context up to a multiple of this.
const CELLS: u64 = 256;
/// What a worker process holds besides: its program, libraries, stacks and heap.
const PROGRAM: u64 = 15 << 20;
/// What the heap takes for each token of the vocabulary: its text, twice, and tables of it.
const TOKEN: u64 = 220;

/// How a model is to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Tokens held at once, all sequences together.
    pub context: u32,
    /// Sequences held at once.
    pub sequences: u32,
    /// Whether sequences share one memory instead of having a part each.
    pub unified: bool,
    /// How keys are stored.
    pub keys: Kind,
    /// How values are stored.
    pub values: Kind,
    /// Tokens computed in one go.
    pub batch: u32,
    /// Tokens of these that are rated.
    pub outputs: u32,
    /// Tokens whose ratings are handed out at once.
    pub told: u32,
    /// Whether flash attention is on.
    pub flash: bool,
    /// Whether layers with a sliding window remember everything all the same.
    pub full_windows: bool,
    /// Which weights are copied into another order.
    pub repack: Repack,
    /// Whether state that cannot be cut is copied, so that a conversation can go on from earlier.
    pub copies: bool,
}

/// Tokens that are computed in one go where nobody said otherwise.
pub(crate) const BATCH: u32 = 512;

/// Texts that a model which only reads takes in at once.
pub const TEXTS: u32 = 32;
/// Tokens of texts that are read together; one text may be longer.
pub(crate) const TOGETHER: u32 = 512;

/// Conversations a model answers at once where nobody said how many, and memory allows.
const LANES: u32 = 4;
/// The part of the memory that conversations of one model may take together.
const FOR_LANES: u64 = 8;

/// The part of the memory in one fused step that plain steps may take besides.
const PLAIN: u64 = 8;

impl Setup {
    /// Returns how the engine runs a model: several conversations, so many tokens each.
    pub fn of_engine(context: u32, lanes: u32) -> Self {
        let lanes = lanes.max(1);
        Self {
            sequences: lanes,
            told: lanes,
            // Those guessed ahead are rated too.
            outputs: lanes + crate::worker::GUESSED,
            flash: true,
            full_windows: false,
            copies: true,
            ..Self::new(context.saturating_mul(lanes))
        }
    }

    /// Returns how the engine runs a model that only reads: many texts at a time, so many tokens
    /// together, and a whole text in one go where it must be.
    pub fn of_reader(context: u32, at_once: bool) -> Self {
        let batch = if at_once { context } else { TOGETHER };
        Self {
            sequences: TEXTS,
            unified: true,
            batch,
            outputs: if at_once { context } else { TEXTS },
            told: if at_once { context } else { TEXTS },
            flash: true,
            full_windows: false,
            ..Self::new(context)
        }
    }

    /// Returns how the engine runs this model.
    pub fn of_model(facts: &Facts, context: u32, lanes: u32) -> Self {
        match Purpose::of(facts) {
            Some(Purpose::Read(reading)) => Self::of_reader(context, reading.at_once),
            _ => Self::of_engine(context, lanes),
        }
    }

    /// Returns this with attention in plain steps where that is faster and so much memory is there.
    ///
    /// Measured on two cores with AVX-512: writing after 2,048 tokens is half as fast again as in one
    /// fused step, and reading as fast; without AVX-512 they are alike. Plain steps keep every token's
    /// weight on every other, which grows with the context: where that is much, they are not worth it.
    pub fn in_plain_steps(self, facts: &Facts, memory: u64) -> Self {
        if !cfg!(target_arch = "x86_64") || Purpose::of(facts) != Some(Purpose::Write) {
            return self;
        }
        let plain = Self { flash: false, ..self };
        let [fused, more] = [self, plain].map(|setup| plan(facts, &setup).total());
        if more <= memory && more.saturating_sub(fused) <= fused / PLAIN { plain } else { self }
    }

    /// Returns the setup for another context.
    fn with_context(self, context: u32) -> Self {
        let whole = self.batch == self.context && self.told == self.context;
        match whole {
            true => Self { context, batch: context, outputs: context, told: context, ..self },
            false => Self { context, ..self },
        }
    }

    /// Returns how the engine runs a model that only guesses what another may say.
    pub fn of_helper(context: u32) -> Self {
        let batch = crate::worker::HELPER_READS;
        Self { batch, outputs: 1, copies: false, ..Self::of_engine(context, 1) }
    }

    /// Returns llama.cpp's plainest setup for one sequence.
    pub fn new(context: u32) -> Self {
        Self {
            context,
            sequences: 1,
            unified: false,
            keys: Kind::F16,
            values: Kind::F16,
            batch: BATCH,
            outputs: 1,
            told: 1,
            flash: false,
            full_windows: true,
            repack: Repack::here(),
            copies: false,
        }
    }

    /// Returns cells of one memory, and how many memories there are.
    fn cells(&self) -> (u64, u64) {
        let context = u64::from(self.context).next_multiple_of(CELLS);
        let sequences = u64::from(self.sequences.max(1));
        if self.unified {
            (context, 1)
        } else {
            ((context / sequences).next_multiple_of(CELLS), sequences)
        }
    }
}

/// What a model takes, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Weights, read from the file where they lie.
    pub weights: u64,
    /// Weights copied into another order.
    pub repacked: u64,
    /// Keys and values of the context.
    pub cache: u64,
    /// State of recurrent layers.
    pub recurrent: u64,
    /// Copies of state that cannot be cut, once conversations are long.
    pub copies: u64,
    /// What is computed with: llama.cpp's compute buffer.
    pub compute: u64,
    /// How likely each token is to come next.
    pub ratings: u64,
    /// The program, and the vocabulary.
    pub program: u64,
}

impl Plan {
    /// Returns all of it.
    pub fn total(&self) -> u64 {
        [
            self.weights,
            self.repacked,
            self.cache,
            self.recurrent,
            self.copies,
            self.compute,
            self.ratings,
            self.program,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }

    /// Returns all of it but what a process takes once, however many models it holds.
    pub fn beside_another(&self) -> u64 {
        self.total().saturating_sub(PROGRAM)
    }
}

/// Returns what the model takes if it runs so.
///
/// All of its weights count. Which experts a text needs is known only once it was read, so a
/// plan from active weights alone would be wrong by the size of the others.
pub fn plan(facts: &Facts, setup: &Setup) -> Plan {
    let layers = Layers::of(facts);
    let (cells, streams) = setup.cells();
    let (compute, ratings) = compute::buffers(facts, &layers, setup);
    let tokens = u64::from(facts.network.vocabulary);
    let lanes = u64::from(setup.sequences.max(1));
    let copies = if setup.copies { copies(layers.uncuttable(setup, cells)) } else { 0 };
    Plan {
        weights: facts.weights.iter().fold(0, |sum, weight| sum.saturating_add(weight.bytes)),
        repacked: weights::repacked(facts, setup.repack),
        cache: layers.cache(setup, cells).saturating_mul(streams),
        recurrent: layers.recurrent().saturating_mul(lanes),
        copies: copies.saturating_mul(lanes),
        compute,
        ratings,
        program: PROGRAM + tokens.saturating_mul(TOKEN) + steps(facts, setup),
    }
}

/// Returns what the list of steps takes that llama.cpp computes by. For recurrent layers it makes room
/// for forty steps a token, and touches all of it; for others the list is short.
fn steps(facts: &Facts, setup: &Setup) -> u64 {
    const STEP: u64 = 1136;
    if facts.network.recurrent.is_none() {
        return 0;
    }
    let all = (u64::from(setup.batch) * 40).max(facts.weights.len() as u64 * 32);
    all.saturating_mul(STEP)
}

/// Returns the most that one conversation's copies of a state of so many bytes take.
fn copies(state: u64) -> u64 {
    let most = (crate::worker::COPIES_BYTES as u64).max(state.saturating_mul(2));
    state.saturating_mul(crate::worker::COPIES as u64).min(most)
}

/// Returns what a model's layers that predict further ahead take while they guess, beside the
/// model itself.
pub fn ahead(facts: &Facts, context: u32) -> u64 {
    let mut layer = facts.clone();
    (layer.network.layers, layer.network.recurrent) = (1, None);
    let context = context.min(crate::worker::HEADS_SPAN);
    let setup = Setup { batch: crate::worker::HEADS_READ, ..Setup::of_helper(context) };
    let plan = plan(&layer, &setup);
    plan.cache.saturating_add(plan.compute).saturating_add(plan.ratings)
}

/// Returns how many conversations of so many tokens a model should answer at once: as many as
/// suit it, as long as most of the memory is left for everything else.
pub fn lanes(facts: &Facts, context: u32, memory: u64) -> u32 {
    let fits = |lanes: &u32| {
        let plan = plan(facts, &Setup::of_engine(context, *lanes));
        let conversations = plan.cache.saturating_add(plan.recurrent).saturating_add(plan.copies);
        plan.total() <= memory && conversations <= memory / FOR_LANES
    };
    (2..=LANES).rev().find(fits).unwrap_or(1)
}

/// Returns the longest context, up to what the model was trained for, that fits into `memory`.
///
/// `None` if not even the shortest does.
pub fn largest_context(facts: &Facts, setup: &Setup, memory: u64) -> Option<u32> {
    let fits = |context: u32| plan(facts, &setup.with_context(context)).total() <= memory;
    let step = CELLS as u32;
    // A claim of billions of tokens is no length that anything was trained for.
    let most = facts.context.unwrap_or(setup.context).clamp(step, 1 << 28);
    if fits(most) {
        return Some(most);
    }
    // More context never takes less, so halve the distance until it is one step.
    let (mut good, mut bad) = (0, most.div_ceil(step));
    while bad - good > 1 {
        let middle = good.midpoint(bad);
        if fits(middle * step) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    (good > 0).then_some(good * step)
}

/// Returns the bytes that computing one more token reads after `depth` others: active weights,
/// the keys and values so far, and recurrent state.
pub fn bytes_per_token(facts: &Facts, setup: &Setup, depth: u32) -> u64 {
    let layers = Layers::of(facts);
    active_bytes(facts)
        .saturating_add(layers.read(setup, depth.into()))
        .saturating_add(layers.recurrent())
}
