//! From tokens to what the network makes of them, keeping what the way back needs.

use super::attention::{self, Inputs};
use super::{Batch, Network, normed, sigmoid};
use crate::mini::matrix::Onto;
use crate::mini::shape::{LayerLayout, Tensor};

/// What one layer saw and made.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// What came in.
    pub(super) input: Vec<f32>,
    /// Queries, keys and values side by side, as they were made.
    pub(super) raw: Vec<f32>,
    /// Queries and keys, scaled and turned; values.
    pub(super) query: Vec<f32>,
    pub(super) key: Vec<f32>,
    pub(super) value: Vec<f32>,
    /// What attention found, and the logarithms of its sums.
    pub(super) mixed: Vec<f32>,
    pub(super) sums: Vec<f32>,
    /// What went into the feed-forward part.
    pub(super) middle: Vec<f32>,
    /// Gate and content of it, side by side.
    pub(super) opened: Vec<f32>,
}

/// What a batch became on its way.
#[derive(Debug, Default)]
pub(super) struct Traces {
    pub(super) layers: Vec<Trace>,
    /// What the last layer made.
    pub(super) last: Vec<f32>,
    /// The place of each token in its text.
    pub(super) places: Vec<usize>,
}

/// Makes a list as long as asked, whatever it held.
pub(super) fn sized(list: &mut Vec<f32>, length: usize) -> &mut [f32] {
    list.resize(length, 0.0);
    list
}

impl Network {
    /// Computes a batch up to its last layer.
    pub(super) fn forward(&mut self, batch: &Batch, traces: &mut Traces) {
        let width = self.shape.width;
        traces.places.clear();
        traces.places.extend(batch.lengths.iter().flat_map(|&length| 0..length));
        let mut stream = vec![0.0; batch.tokens.len() * width];
        self.look_up(&batch.tokens, &mut stream);
        traces.layers.resize_with(self.shape.layers, Trace::default);
        for (at, trace) in traces.layers.iter_mut().enumerate() {
            let layer = self.layout.layers[at];
            self.mix(layer, &batch.lengths, &traces.places, &mut stream, trace);
            self.think(layer, &mut stream, trace);
        }
        traces.last = stream;
    }

    /// Returns the scores of all tokens behind each token of one text.
    pub(crate) fn all_scores(&mut self, text: &[u32]) -> Vec<f32> {
        let batch = Batch { tokens: text.to_vec(), lengths: vec![text.len()], ..Batch::default() };
        let mut traces = Traces::default();
        self.forward(&batch, &mut traces);
        self.scored(&traces.last)
    }

    /// Puts the embeddings of tokens to `out`.
    pub(crate) fn look_up(&self, tokens: &[u32], out: &mut [f32]) {
        let width = self.shape.width;
        for (token, out) in tokens.iter().zip(out.chunks_exact_mut(width)) {
            let start = self.layout.embedding.start + *token as usize * width;
            out.copy_from_slice(&self.numbers[start..start + width]);
        }
    }

    /// Returns the rows of a stream after a norm.
    pub(crate) fn after_norm(&self, stream: &[f32], norm: Tensor) -> Vec<f32> {
        let mut out = vec![0.0; stream.len()];
        normed(stream, &self.numbers[norm.range()], &mut out);
        out
    }

    fn mix(
        &mut self,
        layer: LayerLayout,
        lengths: &[usize],
        places: &[usize],
        stream: &mut [f32],
        trace: &mut Trace,
    ) {
        let count = places.len();
        sized(&mut trace.input, stream.len()).copy_from_slice(stream);
        let rows = self.after_norm(stream, layer.norm);
        let raw = sized(&mut trace.raw, count * self.shape.mixed());
        self.apply(&rows, layer.mixed(), raw, Onto::Replace);
        let (asking, asked) = (self.shape.asking(), self.shape.asked());
        sized(&mut trace.query, count * asking);
        sized(&mut trace.key, count * asked);
        sized(&mut trace.value, count * asked);
        self.split(layer, places, trace);
        sized(&mut trace.mixed, count * asking);
        sized(&mut trace.sums, count * self.shape.heads);
        let inputs = Inputs { query: &trace.query, key: &trace.key, value: &trace.value };
        let out = (&mut trace.mixed[..], &mut trace.sums[..]);
        attention::attend(&mut self.multiplier, &self.shape, lengths, inputs, out);
        self.apply(&trace.mixed, layer.out, stream, Onto::Add);
    }

    /// Parts queries, keys and values, and scales and turns the first two.
    fn split(&self, layer: LayerLayout, places: &[usize], trace: &mut Trace) {
        let (asking, asked) = (self.shape.asking(), self.shape.asked());
        for (at, raw) in trace.raw.chunks_exact(self.shape.mixed()).enumerate() {
            let (query, rest) = raw.split_at(asking);
            let (key, value) = rest.split_at(asked);
            let query_out = &mut trace.query[at * asking..][..asking];
            self.place(query, layer.query_norm, places[at], query_out);
            self.place(key, layer.key_norm, places[at], &mut trace.key[at * asked..][..asked]);
            trace.value[at * asked..][..asked].copy_from_slice(value);
        }
    }

    /// Scales the heads of one token and turns them by its place.
    pub(crate) fn place(&self, heads: &[f32], norm: Tensor, place: usize, out: &mut [f32]) {
        normed(heads, &self.numbers[norm.range()], out);
        for head in out.chunks_exact_mut(self.shape.head) {
            self.rotary.turn(head, place);
        }
    }

    fn think(&mut self, layer: LayerLayout, stream: &mut [f32], trace: &mut Trace) {
        let count = stream.len() / self.shape.width;
        sized(&mut trace.middle, stream.len()).copy_from_slice(stream);
        let rows = self.after_norm(stream, layer.inner_norm);
        let opened = sized(&mut trace.opened, count * 2 * self.shape.inner);
        self.apply(&rows, layer.opened(), opened, Onto::Replace);
        let inner = self.gated(opened);
        self.apply(&inner, layer.down, stream, Onto::Add);
    }

    /// Returns what the gates let through.
    pub(crate) fn gated(&self, opened: &[f32]) -> Vec<f32> {
        let inner = self.shape.inner;
        let mut out = vec![0.0; opened.len() / 2];
        for (opened, out) in opened.chunks_exact(2 * inner).zip(out.chunks_exact_mut(inner)) {
            let (gate, content) = opened.split_at(inner);
            for at in 0..inner {
                out[at] = gate[at] * sigmoid(gate[at]) * content[at];
            }
        }
        out
    }
}
