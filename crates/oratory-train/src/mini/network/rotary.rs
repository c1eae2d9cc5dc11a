//! Turns queries and keys by an angle that grows with their place in the text.
//!
//! The first half of a head is paired with the second, as `qwen3` does.

use crate::mini::shape::{CONTEXT, ROPE_BASE};

/// The sines and cosines of every place.
#[derive(Debug)]
pub(crate) struct Rotary {
    half: usize,
    /// For each place, the cosines and then the sines.
    table: Vec<f32>,
}

impl Rotary {
    /// Returns the table for heads of this width.
    pub(crate) fn new(head: usize) -> Self {
        let half = head / 2;
        let mut table = Vec::with_capacity(CONTEXT * head);
        for place in 0..CONTEXT {
            let angles = (0..half).map(|pair| {
                let speed = f64::from(ROPE_BASE).powf(-2.0 * pair as f64 / head as f64);
                place as f64 * speed
            });
            table.extend(angles.clone().map(|angle| angle.cos() as f32));
            table.extend(angles.map(|angle| angle.sin() as f32));
        }
        Self { half, table }
    }

    /// Turns one head at a place forwards.
    pub(crate) fn turn(&self, head: &mut [f32], place: usize) {
        self.turn_by(head, place, 1.0);
    }

    /// Turns it back.
    pub(super) fn unturn(&self, head: &mut [f32], place: usize) {
        self.turn_by(head, place, -1.0);
    }

    fn turn_by(&self, head: &mut [f32], place: usize, sign: f32) {
        let line = &self.table[place * 2 * self.half..][..2 * self.half];
        let (cosines, sines) = line.split_at(self.half);
        let (left, right) = head.split_at_mut(self.half);
        for at in 0..self.half {
            let (cosine, sine) = (cosines[at], sign * sines[at]);
            let (x, y) = (left[at], right[at]);
            left[at] = x * cosine - y * sine;
            right[at] = x * sine + y * cosine;
        }
    }
}
