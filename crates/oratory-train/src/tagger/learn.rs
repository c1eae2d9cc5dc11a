//! The network while it learns: numbers with a point, the way forward, the way back, and the step.
//!
//! One text a step, in one thread, so that the same seed makes the same weights.

use oratory_brains::tagger::examine::HINTS;
use oratory_brains::tagger::network::{HIDDEN, LABELS, SECOND, STRIDE, TAPS, WIDTH};
use oratory_brains::tagger::word::ROWS;

use super::chance::Chance;
use super::example::Example;

/// What a unit of the first layer says at most.
const MOST: f32 = 32.0;

/// A table of which few rows change in a step; each number finds its own pace.
pub(crate) struct Table {
    pub(crate) values: Vec<f32>,
    heat: Vec<f32>,
    most: f32,
}

impl Table {
    fn new(count: usize, most: f32) -> Self {
        Self { values: vec![0.0; count], heat: vec![1e-3; count], most }
    }

    fn step(&mut self, start: usize, slopes: &[f32], pace: f32) {
        let values = &mut self.values[start..start + slopes.len()];
        let heat = &mut self.heat[start..start + slopes.len()];
        for ((value, heat), slope) in values.iter_mut().zip(heat).zip(slopes) {
            *heat += slope * slope;
            *value = (*value - pace * slope / heat.sqrt()).clamp(-self.most, self.most);
        }
    }
}

/// Weights that change in every step, by Adam.
pub(crate) struct Weights {
    pub(crate) values: Vec<f32>,
    slopes: Vec<f32>,
    mean: Vec<f32>,
    square: Vec<f32>,
}

impl Weights {
    fn new(count: usize, spread: f32, chance: &mut Chance) -> Self {
        let values = (0..count).map(|_| (chance.share() as f32 * 2.0 - 1.0) * spread).collect();
        let zeros = vec![0.0; count];
        Self { values, slopes: zeros.clone(), mean: zeros.clone(), square: zeros }
    }

    fn step(&mut self, pace: f32) {
        let parts = self.mean.iter_mut().zip(&mut self.square).zip(&mut self.slopes);
        for (value, ((mean, square), slope)) in self.values.iter_mut().zip(parts) {
            *mean = 0.9 * *mean + 0.1 * *slope;
            *square = 0.999 * *square + 0.001 * *slope * *slope;
            *value = (*value - pace * *mean / (square.sqrt() + 1e-6)).clamp(-3.9, 3.9);
            *slope = 0.0;
        }
    }
}

/// The network while it learns.
pub(crate) struct Learner {
    pub(crate) rows: Table,
    pub(crate) hints: Table,
    /// By tap, then input, then unit.
    pub(crate) first: Weights,
    pub(crate) bias: Weights,
    /// By tap, then input, then unit.
    pub(crate) second: Weights,
    pub(crate) second_bias: Weights,
    /// By input, then label.
    pub(crate) last: Weights,
    pub(crate) last_bias: Weights,
    /// Tells from the first layer what is surely nothing; its last number is its bias.
    pub(crate) gate: Weights,
    state: State,
}

/// What is known of one text, kept so that no memory is asked for twice.
#[derive(Default)]
struct State {
    words: Vec<[f32; WIDTH]>,
    first: Vec<[f32; HIDDEN]>,
    second: Vec<[f32; SECOND]>,
    slopes: Vec<[f32; LABELS]>,
    second_slopes: Vec<[f32; SECOND]>,
    first_slopes: Vec<[f32; HIDDEN]>,
}

impl Learner {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let chance = &mut chance;
        Self {
            rows: Table::new(ROWS * WIDTH, 1.0),
            hints: Table::new(HINTS * HIDDEN, 3.9),
            first: Weights::new(TAPS * WIDTH * HIDDEN, 0.2, chance),
            bias: Weights::new(HIDDEN, 0.1, chance),
            second: Weights::new(3 * HIDDEN * SECOND, 0.12, chance),
            second_bias: Weights::new(SECOND, 0.1, chance),
            last: Weights::new(SECOND * LABELS, 0.2, chance),
            last_bias: Weights::new(LABELS, 0.0, chance),
            gate: Weights::new(HIDDEN + 1, 0.0, chance),
            state: State::default(),
        }
    }

    /// Returns what the gate says of each token of a text.
    pub(crate) fn gated(&mut self, example: &Example) -> Vec<f32> {
        self.forward(example);
        self.state.first.iter().map(|first| gate(&self.gate.values, first)).collect()
    }

    /// Learns from one text and returns how wrong it was, summed over its tokens.
    pub(crate) fn learn(&mut self, example: &Example, pace: f32) -> f32 {
        self.forward(example);
        let wrong = self.compare(example);
        self.learn_gate(example);
        self.back_to_second();
        self.back_to_first();
        self.back_to_words(example, pace);
        let dense = pace * 0.03;
        for weights in [
            &mut self.first,
            &mut self.bias,
            &mut self.second,
            &mut self.second_bias,
            &mut self.last,
            &mut self.last_bias,
            &mut self.gate,
        ] {
            weights.step(dense);
        }
        wrong
    }

    fn forward(&mut self, example: &Example) {
        let state = &mut self.state;
        let count = example.ends.len();
        state.words.clear();
        for token in 0..count {
            let mut word = [0.0; WIDTH];
            for row in example.rows(token) {
                add(&mut word, &self.rows.values[*row as usize * WIDTH..][..WIDTH]);
            }
            state.words.push(word);
        }
        let bias = self.bias.values.first_chunk().expect("as many as units");
        state.first.clear();
        state.first.resize(count, *bias);
        for token in 0..count {
            for tap in 0..TAPS {
                let Some(place) = (token + TAPS / 2).checked_sub(tap).filter(|at| *at < count)
                else {
                    continue;
                };
                let weights = &self.first.values[tap * WIDTH * HIDDEN..][..WIDTH * HIDDEN];
                spread(&state.words[token], weights, &mut state.first[place]);
            }
        }
        for (token, hint) in &example.hints {
            add(&mut state.first[*token], &self.hints.values[*hint as usize * HIDDEN..][..HIDDEN]);
        }
        for unit in state.first.as_flattened_mut() {
            *unit = unit.clamp(0.0, MOST);
        }
        let bias = self.second_bias.values.first_chunk().expect("as many as units");
        state.second.clear();
        state.second.resize(count, *bias);
        for token in 0..count {
            for (tap, place) in places(token, count) {
                let weights = &self.second.values[tap * HIDDEN * SECOND..][..HIDDEN * SECOND];
                spread(&state.first[place], weights, &mut state.second[token]);
            }
        }
        for unit in state.second.as_flattened_mut() {
            *unit = unit.max(0.0);
        }
    }

    /// Compares what it says with what is right, and notes which way each label should go.
    fn compare(&mut self, example: &Example) -> f32 {
        let state = &mut self.state;
        let mut wrong = 0.0;
        state.slopes.clear();
        for (second, label) in state.second.iter().zip(&example.labels) {
            let mut scores: [f32; LABELS] =
                *self.last_bias.values.first_chunk().expect("as many as labels");
            spread(second, &self.last.values, &mut scores);
            let top = scores.iter().copied().fold(f32::MIN, f32::max);
            let mut chances = scores.map(|score| (score - top).exp());
            let sum: f32 = chances.iter().sum();
            chances.iter_mut().for_each(|chance| *chance /= sum);
            wrong -= chances[usize::from(*label)].max(1e-9).ln();
            // Certainty beyond measure only makes the weights large.
            let right = 0.98;
            for (number, chance) in chances.iter_mut().enumerate() {
                let wanted =
                    if number == usize::from(*label) { right } else { (1.0 - right) / 20.0 };
                *chance -= wanted;
            }
            state.slopes.push(chances);
        }
        wrong
    }

    /// The gate learns from the first layer and does not change it.
    fn learn_gate(&mut self, example: &Example) {
        for (first, label) in self.state.first.iter().zip(&example.labels) {
            let said = 1.0 / (1.0 + (-gate(&self.gate.values, first)).exp());
            let wanted = if *label == 0 { 0.0 } else { 1.0 };
            let slope = (said - wanted) * if *label == 0 { 1.0 } else { 4.0 };
            for (steep, input) in self.gate.slopes.iter_mut().zip(first.iter().chain([&1.0])) {
                *steep += slope * input;
            }
        }
    }

    fn back_to_second(&mut self) {
        let state = &mut self.state;
        state.second_slopes.clear();
        for (second, slopes) in state.second.iter().zip(&state.slopes) {
            add(&mut self.last_bias.slopes, slopes);
            let mut below = [0.0; SECOND];
            gather(second, &self.last.values, slopes, &mut self.last.slopes, &mut below);
            state.second_slopes.push(below);
        }
    }

    fn back_to_first(&mut self) {
        let state = &mut self.state;
        let count = state.first.len();
        state.first_slopes.clear();
        state.first_slopes.resize(count, [0.0; HIDDEN]);
        for token in 0..count {
            let slopes = &state.second_slopes[token];
            add(&mut self.second_bias.slopes, slopes);
            for (tap, place) in places(token, count) {
                let part = tap * HIDDEN * SECOND..(tap + 1) * HIDDEN * SECOND;
                let (weights, steep) =
                    (&self.second.values[part.clone()], &mut self.second.slopes[part]);
                gather(&state.first[place], weights, slopes, steep, &mut state.first_slopes[place]);
            }
        }
    }

    fn back_to_words(&mut self, example: &Example, pace: f32) {
        let state = &mut self.state;
        let count = state.first.len();
        for slopes in &state.first_slopes {
            add(&mut self.bias.slopes, slopes);
        }
        for (token, hint) in &example.hints {
            self.hints.step(*hint as usize * HIDDEN, &state.first_slopes[*token], pace);
        }
        for token in 0..count {
            let mut below = [0.0; WIDTH];
            for tap in 0..TAPS {
                let Some(place) = (token + TAPS / 2).checked_sub(tap).filter(|at| *at < count)
                else {
                    continue;
                };
                let part = tap * WIDTH * HIDDEN..(tap + 1) * WIDTH * HIDDEN;
                let (weights, steep) =
                    (&self.first.values[part.clone()], &mut self.first.slopes[part]);
                let slopes = &state.first_slopes[place];
                gather_all(&state.words[token], weights, slopes, steep, &mut below);
            }
            for row in example.rows(token) {
                self.rows.step(*row as usize * WIDTH, &below, pace);
            }
        }
    }
}

fn gate(weights: &[f32], first: &[f32; HIDDEN]) -> f32 {
    product(weights, first) + weights[HIDDEN]
}

/// Returns the taps of the second layer and the places they read.
fn places(token: usize, count: usize) -> impl Iterator<Item = (usize, usize)> {
    let at = [token.checked_sub(STRIDE), Some(token), Some(token + STRIDE)];
    at.into_iter()
        .enumerate()
        .filter_map(move |(tap, place)| Some((tap, place.filter(|p| *p < count)?)))
}

fn add(sum: &mut [f32], part: &[f32]) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part;
    }
}

/// Adds each input's weights times the input; inputs that are nothing cost nothing.
fn spread<const UNITS: usize>(inputs: &[f32], weights: &[f32], units: &mut [f32; UNITS]) {
    for (input, weights) in inputs.iter().zip(weights.chunks_exact(UNITS)) {
        if *input != 0.0 {
            for (unit, weight) in units.iter_mut().zip(weights) {
                *unit += input * weight;
            }
        }
    }
}

/// The way back through `spread` for inputs that were cut at zero: those that were, learn nothing.
fn gather<const UNITS: usize>(
    inputs: &[f32],
    weights: &[f32],
    slopes: &[f32; UNITS],
    steep: &mut [f32],
    below: &mut [f32],
) {
    let lines = weights.chunks_exact(UNITS).zip(steep.chunks_exact_mut(UNITS));
    for ((input, below), (weights, steep)) in inputs.iter().zip(below).zip(lines) {
        if *input > 0.0 && *input < MOST {
            *below += product(weights, slopes);
        }
        if *input != 0.0 {
            for (steep, slope) in steep.iter_mut().zip(slopes) {
                *steep += input * slope;
            }
        }
    }
}

/// The way back through `spread` for inputs that were not cut.
fn gather_all<const UNITS: usize>(
    inputs: &[f32],
    weights: &[f32],
    slopes: &[f32; UNITS],
    steep: &mut [f32],
    below: &mut [f32],
) {
    let lines = weights.chunks_exact(UNITS).zip(steep.chunks_exact_mut(UNITS));
    for ((input, below), (weights, steep)) in inputs.iter().zip(below).zip(lines) {
        *below += product(weights, slopes);
        for (steep, slope) in steep.iter_mut().zip(slopes) {
            *steep += input * slope;
        }
    }
}

/// Multiplies and adds in eight strands, which the processor can do together.
fn product<const UNITS: usize>(weights: &[f32], slopes: &[f32; UNITS]) -> f32 {
    let mut strands = [0.0_f32; 8];
    let (eights, rest) = slopes.as_chunks::<8>();
    let (weights, last) = weights.as_chunks::<8>();
    for (weights, slopes) in weights.iter().zip(eights) {
        for ((strand, weight), slope) in strands.iter_mut().zip(weights).zip(slopes) {
            *strand += weight * slope;
        }
    }
    let rest: f32 = last.iter().zip(rest).map(|(weight, slope)| weight * slope).sum();
    strands.iter().sum::<f32>() + rest
}
