//! From how wrong the network was back to which of its numbers were to blame.

use super::attention::{self, Inputs, Outcome, Slopes};
use super::forward::{Trace, Traces};
use super::norm::{unnormed, unnormed_row};
use super::{Batch, Network, Told, sigmoid};
use crate::mini::shape::{LayerLayout, Tensor};

/// Keeps what a batch became between steps, so that memory is asked for once.
#[derive(Debug, Default)]
pub(crate) struct Workshop {
    traces: Traces,
}

impl Network {
    /// Computes how well a batch is foretold and adds the slopes, times `scale`, to `slopes`.
    pub(crate) fn learn(
        &mut self,
        batch: &Batch,
        scale: f32,
        workshop: &mut Workshop,
        slopes: &mut [f32],
    ) -> Told {
        let traces = &mut workshop.traces;
        self.forward(batch, traces);
        let (told, mut stream) = self.judge(batch, &traces.last, scale, slopes);
        for (at, trace) in traces.layers.iter().enumerate().rev() {
            let layer = self.layout.layers[at];
            self.unthink(layer, trace, &mut stream, slopes);
            self.unmix(layer, (&batch.lengths, &traces.places), trace, &mut stream, slopes);
        }
        let width = self.shape.width;
        for (token, slope) in batch.tokens.iter().zip(stream.chunks_exact(width)) {
            let start = self.layout.embedding.start + *token as usize * width;
            let row = &mut slopes[start..start + width];
            row.iter_mut().zip(slope).for_each(|(sum, slope)| *sum += slope);
        }
        told
    }

    fn unthink(
        &mut self,
        layer: LayerLayout,
        trace: &Trace,
        stream: &mut [f32],
        slopes: &mut [f32],
    ) {
        let inner = self.gated(&trace.opened);
        let mut inner_slope = vec![0.0; inner.len()];
        self.unapply(layer.down, (&inner, stream), &mut inner_slope, slopes);
        let opened_slope = self.ungated(&trace.opened, &inner_slope);
        let rows = self.after_norm(&trace.middle, layer.inner_norm);
        let mut rows_slope = vec![0.0; rows.len()];
        self.unapply(layer.opened(), (&rows, &opened_slope), &mut rows_slope, slopes);
        self.back_through(layer.inner_norm, &trace.middle, &rows_slope, stream, slopes);
    }

    pub(super) fn back_through(
        &self,
        norm: Tensor,
        rows: &[f32],
        rows_slope: &[f32],
        stream: &mut [f32],
        slopes: &mut [f32],
    ) {
        let weights = &self.numbers[norm.range()];
        unnormed(rows, weights, rows_slope, stream, &mut slopes[norm.range()]);
    }

    fn ungated(&self, opened: &[f32], slopes: &[f32]) -> Vec<f32> {
        let inner = self.shape.inner;
        let mut out = vec![0.0; opened.len()];
        let lines = opened.chunks_exact(2 * inner).zip(slopes.chunks_exact(inner));
        for ((opened, slope), out) in lines.zip(out.chunks_exact_mut(2 * inner)) {
            let (gate, content) = opened.split_at(inner);
            let (gate_slope, content_slope) = out.split_at_mut(inner);
            for at in 0..inner {
                let open = sigmoid(gate[at]);
                let passed = gate[at] * open;
                content_slope[at] = slope[at] * passed;
                gate_slope[at] = slope[at] * content[at] * (open + passed * (1.0 - open));
            }
        }
        out
    }

    fn unmix(
        &mut self,
        layer: LayerLayout,
        (lengths, places): (&[usize], &[usize]),
        trace: &Trace,
        stream: &mut [f32],
        slopes: &mut [f32],
    ) {
        let mut mixed_slope = vec![0.0; trace.mixed.len()];
        self.unapply(layer.out, (&trace.mixed, stream), &mut mixed_slope, slopes);
        let mut query = vec![0.0; trace.query.len()];
        let (mut key, mut value) = (vec![0.0; trace.key.len()], vec![0.0; trace.value.len()]);
        let inputs = Inputs { query: &trace.query, key: &trace.key, value: &trace.value };
        let outcome = Outcome { mixed: &trace.mixed, slopes: &mixed_slope, sums: &trace.sums };
        let mut found = Slopes { query: &mut query, key: &mut key, value: &mut value };
        attention::unattend(
            &mut self.multiplier,
            &self.shape,
            lengths,
            inputs,
            outcome,
            &mut found,
        );
        let raw_slope = self.unsplit(layer, places, &trace.raw, &mut found, slopes);
        let rows = self.after_norm(&trace.input, layer.norm);
        let mut rows_slope = vec![0.0; rows.len()];
        self.unapply(layer.mixed(), (&rows, &raw_slope), &mut rows_slope, slopes);
        self.back_through(layer.norm, &trace.input, &rows_slope, stream, slopes);
    }

    /// Turns slopes of queries, keys and values into slopes of what they were made from.
    fn unsplit(
        &self,
        layer: LayerLayout,
        places: &[usize],
        raw: &[f32],
        found: &mut Slopes<'_>,
        slopes: &mut [f32],
    ) -> Vec<f32> {
        let (asking, asked) = (self.shape.asking(), self.shape.asked());
        let mut out = vec![0.0; raw.len()];
        let lines = raw.chunks_exact(self.shape.mixed());
        for (at, (raw, out)) in lines.zip(out.chunks_exact_mut(self.shape.mixed())).enumerate() {
            let query = &mut found.query[at * asking..][..asking];
            self.unplace(
                &raw[..asking],
                layer.query_norm,
                places[at],
                query,
                &mut out[..asking],
                slopes,
            );
            let (from, to) = (asking, asking + asked);
            let key = &mut found.key[at * asked..][..asked];
            self.unplace(
                &raw[from..to],
                layer.key_norm,
                places[at],
                key,
                &mut out[from..to],
                slopes,
            );
            out[to..].copy_from_slice(&found.value[at * asked..][..asked]);
        }
        out
    }

    fn unplace(
        &self,
        heads: &[f32],
        norm: Tensor,
        place: usize,
        heads_slope: &mut [f32],
        out: &mut [f32],
        slopes: &mut [f32],
    ) {
        let head = self.shape.head;
        let weights = &self.numbers[norm.range()];
        let weights_slope = &mut slopes[norm.range()];
        let lines = heads.chunks_exact(head).zip(heads_slope.chunks_exact_mut(head));
        for ((row, slope), out) in lines.zip(out.chunks_exact_mut(head)) {
            self.rotary.unturn(slope, place);
            unnormed_row(row, weights, slope, out, weights_slope);
        }
    }
}
