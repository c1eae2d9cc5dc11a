//! Adds up what a word and its neighbours say: two layers of a small network, in whole numbers.
//!
//! The first layer is a sum of what each word alone says to its place and the places around it, so
//! words that come again cost an addition. Whole numbers, because they add the same everywhere.

use crate::artefact::{Artefact, ArtefactError};

use super::examine::HINTS;
use super::word::ROWS;

/// Numbers a row of a word's table holds.
pub const WIDTH: usize = 32;
/// Places the first layer reads: two to either side.
pub const TAPS: usize = 5;
/// Units of the first layer.
pub const HIDDEN: usize = 64;
/// How far from the middle the second layer reads.
pub const STRIDE: usize = 3;
/// Units of the second layer.
pub const SECOND: usize = 48;
/// Nothing, and the first and a later token of each kind.
pub const LABELS: usize = 21;

/// What 1 is in the first layer's sums.
pub const ONE: f32 = 256.0;
/// What the first layer's weights are multiplied with, so that rows of bytes give whole sums.
pub const ONE_FIRST: f32 = ONE / ONE_ROW;
/// What 1 is in the second layer's weights.
pub const ONE_SECOND: f32 = 256.0;
/// What 1 is in the words' table.
pub const ONE_ROW: f32 = 127.0;
/// What 1 is in the hints' table.
pub const ONE_HINT: f32 = 32.0;

/// The first layer's sums for one token.
pub(super) type Sums = [i16; HIDDEN];
/// What a word says to the sums of the places around it.
pub(super) type Says = [Sums; TAPS];

/// What the artefact's header says of the network.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct About {
    /// What chance began with when it was trained.
    pub seed: u64,
    /// How much the label of nothing is held back.
    pub reserve: f32,
    /// Below this the gate is shut: the token is surely nothing.
    pub shut: i32,
}

/// The network's weights, most of them borrowed from the artefact.
pub(super) struct Network<'a> {
    rows: &'a [[u8; WIDTH]],
    hints: &'a [[u8; HIDDEN]],
    /// By tap, then input, then unit.
    first: Vec<[[f32; HIDDEN]; WIDTH]>,
    bias: Sums,
    gate: Sums,
    shut: i32,
    second: Vec<[Sums; 3]>,
    second_bias: Vec<f32>,
    last: Vec<[f32; LANES]>,
    last_bias: [f32; LANES],
}

/// Labels, filled up so that a processor can take several at once.
const LANES: usize = 24;

impl<'a> Network<'a> {
    pub(super) fn read(artefact: &Artefact<'a>) -> Result<Self, ArtefactError> {
        let (rows, _) = artefact.section_of("rows", ROWS * WIDTH)?.as_chunks();
        let (hints, _) = artefact.section_of("hints", HINTS * HIDDEN)?.as_chunks();
        let first = floats(artefact, "first", TAPS * WIDTH * HIDDEN)?;
        let second = shorts(artefact, "second", SECOND * 3 * HIDDEN)?;
        let bias = shorts(artefact, "bias", HIDDEN)?;
        let gate = shorts(artefact, "gate", HIDDEN)?;
        let about: About = artefact.about()?;
        let mut last_bias = floats(artefact, "last_bias", LABELS)?;
        last_bias[0] -= about.reserve;
        let last = floats(artefact, "last", LABELS * SECOND)?;
        Ok(Self {
            rows,
            hints,
            first: first.as_chunks::<HIDDEN>().0.as_chunks::<WIDTH>().0.to_vec(),
            bias: *bias.first_chunk().expect("it was read at this length"),
            gate: *gate.first_chunk().expect("it was read at this length"),
            shut: about.shut,
            second: second.as_chunks::<HIDDEN>().0.as_chunks::<3>().0.to_vec(),
            second_bias: floats(artefact, "second_bias", SECOND)?,
            last: last.chunks_exact(LABELS).map(lanes).collect(),
            last_bias: lanes(&last_bias),
        })
    }

    /// Returns the sums of a token before anybody has said anything.
    pub(super) fn silence(&self) -> Sums {
        self.bias
    }

    /// Works out what a word with these rows says to each place around it.
    pub(super) fn says(&self, rows: &[u32], says: &mut Says) {
        let mut sum = [0_i16; WIDTH];
        for row in rows {
            for (sum, part) in sum.iter_mut().zip(&self.rows[*row as usize]) {
                *sum = sum.wrapping_add(i16::from(*part as i8));
            }
        }
        let inputs = sum.map(f32::from);
        for (says, weights) in says.iter_mut().zip(&self.first) {
            for (part, says) in says.as_chunks_mut().0.iter_mut().enumerate() {
                *says = said(&inputs, weights, part);
            }
        }
    }

    /// Says whether a token is surely nothing, by the first layer alone.
    pub(super) fn is_nothing(&self, heard: &Sums) -> bool {
        dot(heard, &self.gate) < self.shut
    }

    /// Adds a hint to a token's sums.
    pub(super) fn hint(&self, row: u32, sums: &mut Sums) {
        for (sum, part) in sums.iter_mut().zip(&self.hints[row as usize]) {
            let part = i16::from(*part as i8) * (ONE / ONE_HINT) as i16;
            *sum = sum.saturating_add(part);
        }
    }

    /// Returns how well each label fits a token, from the finished sums around it.
    pub(super) fn scores(&self, around: [Sums; 3]) -> [f32; LABELS] {
        let mut second = [0_f32; SECOND];
        for ((unit, weights), bias) in second.iter_mut().zip(&self.second).zip(&self.second_bias) {
            let sum = dots(&around, weights);
            *unit = (sum as f32 / (ONE * ONE_SECOND) + bias).max(0.0);
        }
        let mut scores = self.last_bias;
        for (unit, weights) in second.iter().zip(&self.last) {
            for (score, weight) in scores.iter_mut().zip(weights) {
                *score += unit * weight;
            }
        }
        *scores.first_chunk().expect("there are more lanes than labels")
    }
}

/// Units of the first layer that are worked out at once: as many as fit a register.
const AT_ONCE: usize = 16;

/// Returns what some units of the first layer make of a word's inputs.
fn said(inputs: &[f32; WIDTH], weights: &[[f32; HIDDEN]; WIDTH], part: usize) -> [i16; AT_ONCE] {
    let mut exact = [0.0; AT_ONCE];
    for (input, weights) in inputs.iter().zip(weights) {
        for (exact, weight) in exact.iter_mut().zip(&weights.as_chunks::<AT_ONCE>().0[part]) {
            *exact += input * weight;
        }
    }
    // To the nearest whole number, by cutting off what lies above zero: the processors
    // we are built for round in one step only from a later model on.
    exact.map(|exact| ((exact + 32768.5) as i32 - 32768) as i16)
}

/// Turns sums into what the second layer reads: nothing below zero, and no more than 32.
pub(super) fn rectified(sums: &Sums) -> Sums {
    sums.map(|sum| sum.clamp(0, (32.0 * ONE) as i16 - 1))
}

/// Adds what a word says to a token's sums.
pub(super) fn add(sums: &mut Sums, said: &Sums) {
    for (sum, said) in sums.iter_mut().zip(said) {
        *sum = sum.saturating_add(*said);
    }
}

/// Returns the sum of three products, adding them up in one go.
fn dots(left: &[Sums; 3], right: &[Sums; 3]) -> i32 {
    let pairs = left.as_flattened().iter().zip(right.as_flattened());
    pairs.fold(0_i32, |sum, (left, right)| {
        sum.wrapping_add(i32::from(*left).wrapping_mul(i32::from(*right)))
    })
}

// Wrapping, because the bounds of weights and sums keep it from happening and a check would
// forbid the processor to do eight at once.
fn dot<const N: usize>(left: &[i16; N], right: &[i16; N]) -> i32 {
    left.iter().zip(right).fold(0_i32, |sum, (left, right)| {
        sum.wrapping_add(i32::from(*left).wrapping_mul(i32::from(*right)))
    })
}

fn lanes(numbers: &[f32]) -> [f32; LANES] {
    std::array::from_fn(|at| numbers.get(at).copied().unwrap_or(0.0))
}

fn shorts(artefact: &Artefact<'_>, name: &str, count: usize) -> Result<Vec<i16>, ArtefactError> {
    let (numbers, _) = artefact.section_of(name, 2 * count)?.as_chunks();
    Ok(numbers.iter().map(|number| i16::from_le_bytes(*number)).collect())
}

fn floats(artefact: &Artefact<'_>, name: &str, count: usize) -> Result<Vec<f32>, ArtefactError> {
    artefact.section_of(name, 4 * count)?;
    artefact.floats(name)
}
