//! Attention within each text of a batch, forwards and backwards.
//!
//! Queries are taken some at a time against all keys before them; what each key gets is
//! computed again on the way back, which is cheaper than keeping it.

use super::exponential;
use crate::mini::matrix::{Multiplier, Onto, Target, View};
use crate::mini::shape::Shape;

/// Queries that are worked on at a time.
const BAND: usize = 48;

/// What attention works on; rows of `heads × head` or `key_heads × head` numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inputs<'a> {
    pub(super) query: &'a [f32],
    pub(super) key: &'a [f32],
    pub(super) value: &'a [f32],
}

/// Slopes of the same.
#[derive(Debug)]
pub(super) struct Slopes<'a> {
    pub(super) query: &'a mut [f32],
    pub(super) key: &'a mut [f32],
    pub(super) value: &'a mut [f32],
}

/// What the way back needs of the way there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome<'a> {
    /// What came out.
    pub(super) mixed: &'a [f32],
    /// The slopes of that.
    pub(super) slopes: &'a [f32],
    /// The logarithm of each query's sum.
    pub(super) sums: &'a [f32],
}

/// A head of one text, and the queries that are looked at.
#[derive(Clone, Copy)]
struct Sight {
    /// Where the text begins.
    start: usize,
    /// The queries, counted from there.
    from: usize,
    to: usize,
    head: usize,
    asking: usize,
    asked: usize,
    width: usize,
    /// The head that asks, and the one that is asked.
    query: usize,
    key: usize,
}

impl Sight {
    /// Returns the queries of this head.
    fn queries<'a>(&self, rows: &'a [f32]) -> View<'a> {
        self.view(rows, self.asking, self.start + self.from, self.to - self.from, self.query)
    }

    /// Returns the keys these queries see.
    fn keys<'a>(&self, rows: &'a [f32]) -> View<'a> {
        self.view(rows, self.asked, self.start, self.to, self.key)
    }

    fn view<'a>(
        &self,
        rows: &'a [f32],
        step: usize,
        first: usize,
        count: usize,
        head: usize,
    ) -> View<'a> {
        let data = &rows[first * step + head * self.head..];
        View { data, rows: count, columns: self.head, row_step: step, column_step: 1 }
    }

    fn queries_target<'a>(&self, rows: &'a mut [f32]) -> Target<'a> {
        let at = (self.start + self.from) * self.asking + self.query * self.head;
        Target { data: &mut rows[at..], row_step: self.asking, onto: Onto::Replace }
    }

    fn keys_target<'a>(&self, rows: &'a mut [f32]) -> Target<'a> {
        let at = self.start * self.asked + self.key * self.head;
        Target { data: &mut rows[at..], row_step: self.asked, onto: Onto::Add }
    }

    /// Returns where the sum of one of the queries is kept.
    fn sum(&self, row: usize) -> usize {
        (self.start + self.from + row) * self.width + self.query
    }

    fn scale(&self) -> f32 {
        1.0 / (self.head as f32).sqrt()
    }
}

/// Visits every head of every text, some queries at a time.
fn each(shape: &Shape, lengths: &[usize], mut visit: impl FnMut(Sight)) {
    let group = shape.heads / shape.key_heads;
    let mut start = 0;
    for &length in lengths {
        for query in 0..shape.heads {
            for from in (0..length).step_by(BAND) {
                visit(Sight {
                    start,
                    from,
                    to: length.min(from + BAND),
                    head: shape.head,
                    asking: shape.asking(),
                    asked: shape.asked(),
                    width: shape.heads,
                    query,
                    key: query / group,
                });
            }
        }
        start += length;
    }
}

/// Puts what each query finds to `mixed`, and the logarithms of its sums to `sums`.
pub(super) fn attend(
    multiplier: &mut Multiplier,
    shape: &Shape,
    lengths: &[usize],
    inputs: Inputs<'_>,
    (mixed, sums): (&mut [f32], &mut [f32]),
) {
    let mut shares = Vec::new();
    each(shape, lengths, |sight| {
        score(multiplier, &sight, inputs, &mut shares);
        for (row, line) in shares.chunks_exact_mut(sight.to).enumerate() {
            sums[sight.sum(row)] = share(line, sight.from + row + 1, sight.scale());
        }
        let shares = View::of(&shares, sight.to);
        multiplier.exactly(shares, sight.keys(inputs.value), sight.queries_target(mixed));
    });
}

/// Fills `out` with how much each query is like each key it may see.
fn score(multiplier: &mut Multiplier, sight: &Sight, inputs: Inputs<'_>, out: &mut Vec<f32>) {
    out.resize((sight.to - sight.from) * sight.to, 0.0);
    let target = Target { data: out, row_step: sight.to, onto: Onto::Replace };
    multiplier.exactly(sight.queries(inputs.query), sight.keys(inputs.key).turned(), target);
}

/// Turns likenesses into shares that sum to one, nothing for keys behind `seen`; returns the
/// logarithm of the sum they were divided by.
fn share(line: &mut [f32], seen: usize, scale: f32) -> f32 {
    let (line, hidden) = line.split_at_mut(seen);
    hidden.fill(0.0);
    let most = line.iter().copied().fold(f32::MIN, f32::max) * scale;
    line.iter_mut().for_each(|number| *number = exponential(*number * scale - most));
    let sum: f32 = total(line);
    line.iter_mut().for_each(|number| *number /= sum);
    most + sum.ln()
}

/// Adds numbers up in several sums side by side.
pub(super) fn total(numbers: &[f32]) -> f32 {
    let (chunks, rest) = numbers.as_chunks::<16>();
    let mut sums = [0.0_f32; 16];
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, number)| *sum += number);
    }
    sums.iter().chain(rest).sum()
}

/// Takes slopes back through [`attend`]; those of keys and values are added.
pub(super) fn unattend(
    multiplier: &mut Multiplier,
    shape: &Shape,
    lengths: &[usize],
    inputs: Inputs<'_>,
    outcome: Outcome<'_>,
    slopes: &mut Slopes<'_>,
) {
    let (mut shares, mut pulls) = (Vec::new(), Vec::new());
    each(shape, lengths, |sight| {
        score(multiplier, &sight, inputs, &mut shares);
        for (row, line) in shares.chunks_exact_mut(sight.to).enumerate() {
            share_again(line, sight.from + row + 1, sight.scale(), outcome.sums[sight.sum(row)]);
        }
        let (width, came) = (sight.to, sight.queries(outcome.slopes));
        let turned = View::of(&shares, width).turned();
        multiplier.exactly(turned, came, sight.keys_target(slopes.value));
        pulls.resize(shares.len(), 0.0);
        let target = Target { data: &mut pulls, row_step: width, onto: Onto::Replace };
        multiplier.exactly(came, sight.keys(inputs.value).turned(), target);
        pull(&sight, outcome, &shares, &mut pulls);
        let pulls = View::of(&pulls, width);
        multiplier.exactly(pulls, sight.keys(inputs.key), sight.queries_target(slopes.query));
        let queries = sight.queries(inputs.query);
        multiplier.exactly(pulls.turned(), queries, sight.keys_target(slopes.key));
    });
}

fn share_again(line: &mut [f32], seen: usize, scale: f32, sum: f32) {
    let (line, hidden) = line.split_at_mut(seen);
    hidden.fill(0.0);
    line.iter_mut().for_each(|number| *number = exponential(*number * scale - sum));
}

/// Turns slopes of shares into slopes of likenesses.
fn pull(sight: &Sight, outcome: Outcome<'_>, shares: &[f32], pulls: &mut [f32]) {
    let (found, came) = (sight.queries(outcome.mixed), sight.queries(outcome.slopes));
    let lines = pulls.chunks_exact_mut(sight.to).zip(shares.chunks_exact(sight.to));
    for (row, (pulls, shares)) in lines.enumerate() {
        let at = row * found.row_step;
        let pairs = found.data[at..at + sight.head].iter().zip(&came.data[at..at + sight.head]);
        let mean: f32 = pairs.map(|(found, came)| found * came).sum();
        for (pull, share) in pulls.iter_mut().zip(shares) {
            *pull = share * (*pull - mean) * sight.scale();
        }
    }
}
