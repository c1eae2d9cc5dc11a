//! Lessons that stand for all of them, and how like them a request is.
//!
//! Likeness has three equal parts: the same shape, the same direction, and the same terms. Any of
//! the three alone does well on some kinds of requests and badly on others; their mean was never
//! far from the best of them.

use super::request::COUNT;
use super::scale::Seen;
use super::terms::{PLACES, Term};
use crate::embed::dot;

/// How fast likeness of shape falls with the squared distance.
const SHAPE_FALLS: f32 = 0.5;
/// How fast likeness of direction falls with the angle.
const DIRECTION_FALLS: f32 = 3.0;
/// Requests that count as the same kind of question: nearer than this falls off.
const KIND_FALLS: f32 = 10.0;

/// Lessons with all that is needed to compare them.
#[derive(Debug, PartialEq)]
pub(super) struct Landmarks {
    pub(super) count: usize,
    /// The shape and then the vector of each.
    pub(super) rows: Vec<f32>,
    /// Where the landmarks with a term begin in `sharers`, for each place, and where the last end.
    pub(super) starts: Vec<u32>,
    pub(super) sharers: Vec<u16>,
    pub(super) amounts: Vec<f32>,
}

/// How like the landmarks a request is.
pub(super) struct Likeness {
    /// For each landmark, from nothing to one.
    pub(super) each: Vec<f32>,
    /// How many of them are of the same kind, nearer ones counting more.
    pub(super) nearby: f32,
}

impl Landmarks {
    pub(super) fn new(seen: &[Seen<'_>]) -> Self {
        let mut rows = Vec::new();
        for seen in seen {
            rows.extend(seen.shape);
            rows.extend(seen.vector);
        }
        let (starts, sharers, amounts) = shared(seen);
        Self { count: seen.len(), rows, starts, sharers, amounts }
    }

    /// Returns how like each landmark the request is.
    pub(super) fn likeness(&self, seen: &Seen<'_>) -> Likeness {
        let mut each = self.in_terms(&seen.terms);
        let mut nearby = 0.0;
        let width = COUNT + seen.vector.len();
        for (to, row) in each.iter_mut().zip(self.rows.chunks_exact(width)) {
            let (shape, vector) = row.split_at(COUNT);
            let angle = dot(vector, seen.vector) - 1.0;
            nearby += (KIND_FALLS * angle).exp();
            *to += (-SHAPE_FALLS * distance(shape, &seen.shape)).exp();
            *to += (DIRECTION_FALLS * angle).exp();
            *to /= 3.0;
        }
        Likeness { each, nearby }
    }

    fn in_terms(&self, terms: &[Term]) -> Vec<f32> {
        let mut each = vec![0.0; self.count];
        for (place, amount) in terms {
            let place = usize::from(*place);
            let (start, end) = (self.starts[place] as usize, self.starts[place + 1] as usize);
            for (sharer, shared) in self.sharers[start..end].iter().zip(&self.amounts[start..end]) {
                each[usize::from(*sharer)] += amount * shared;
            }
        }
        each
    }
}

/// Returns who shares each term, in the order of terms and landmarks.
fn shared(seen: &[Seen<'_>]) -> (Vec<u32>, Vec<u16>, Vec<f32>) {
    let mut all: Vec<(u16, u16, f32)> = Vec::new();
    for (landmark, seen) in (0..).zip(seen) {
        all.extend(seen.terms.iter().map(|(place, amount)| (*place, landmark, *amount)));
    }
    all.sort_unstable_by_key(|(place, landmark, _)| (*place, *landmark));
    let mut starts = vec![0; PLACES + 1];
    all.iter().for_each(|(place, ..)| starts[usize::from(*place) + 1] += 1);
    for place in 0..PLACES {
        starts[place + 1] += starts[place];
    }
    let (sharers, amounts) = all.into_iter().map(|(_, who, amount)| (who, amount)).unzip();
    (starts, sharers, amounts)
}

fn distance(one: &[f32], other: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (one, one_rest) = one.as_chunks::<8>();
    let (other, other_rest) = other.as_chunks::<8>();
    for (one, other) in one.iter().zip(other) {
        for lane in 0..8 {
            lanes[lane] += (one[lane] - other[lane]).powi(2);
        }
    }
    let rest: f32 = one_rest.iter().zip(other_rest).map(|(a, b)| (a - b).powi(2)).sum();
    lanes.iter().sum::<f32>() + rest
}
