//! A made model while it is put together: fields under its family's name, tensors with noise.
//!
//! What a family consists of is in the modules named for it.

use std::sync::Arc;

use crate::gguf::{Data, Field, Tensor, Writer};

use super::noise::{self, Noise};
use super::{Shape, vocabulary};

/// A model being put together.
pub(super) struct Draft<'a> {
    pub(super) shape: &'a Shape,
    writer: Writer,
    /// The layer that tensors go to, and its place among the layers like it.
    layer: (u32, (u32, u32)),
}

impl<'a> Draft<'a> {
    pub(super) fn new(shape: &'a Shape) -> Self {
        let mut draft = Self { shape, writer: Writer::default(), layer: (0, (0, 1)) };
        draft.field("general.architecture", Field::Text(shape.family.architecture().into()));
        // llama.cpp expects the original's control tokens where it reads "phi3" here.
        draft.field("general.name", Field::Text(shape.name.replace("phi3", "phi 3")));
        draft.field("general.file_type", Field::Number(shape.mix.file_type()));
        draft.field("general.quantization_version", Field::Number(2));
        draft.number("context_length", shape.context);
        draft.number("embedding_length", shape.width);
        draft.number("block_count", shape.layers + shape.ahead);
        draft.number("feed_forward_length", shape.feed_forward);
        draft.number("attention.head_count", shape.heads);
        draft.number("attention.head_count_kv", shape.heads_kv);
        draft.number("vocab_size", shape.vocabulary);
        draft
    }

    pub(super) fn finish(self) -> Writer {
        self.writer
    }

    pub(super) fn field(&mut self, key: impl Into<String>, value: Field) {
        self.writer.field(key, value);
    }

    /// Puts a field of the family's own.
    pub(super) fn own(&mut self, key: &str, value: Field) {
        self.field(format!("{}.{key}", self.shape.family.architecture()), value);
    }

    pub(super) fn number(&mut self, key: &str, value: u32) {
        self.own(key, Field::Number(value));
    }

    pub(super) fn float(&mut self, key: &str, value: f32) {
        self.own(key, Field::Float(value));
    }

    /// Puts the fields of heads that are as wide for keys as for values, and rotate whole.
    pub(super) fn heads(&mut self, rotated: u32, base: f32) {
        let head = self.shape.head;
        self.number("attention.key_length", head);
        self.number("attention.value_length", head);
        self.number("rope.dimension_count", rotated);
        self.float("rope.freq_base", base);
        self.float("attention.layer_norm_rms_epsilon", 1e-6);
    }

    /// Puts the embedding, the last norm, and the output unless the embedding is it.
    pub(super) fn ends(&mut self) {
        let (width, tokens) = (self.shape.width, self.shape.vocabulary);
        self.tensor("token_embd.weight", &[width, tokens]);
        self.tensor("output_norm.weight", &[width]);
        if !self.shape.tied {
            self.tensor("output.weight", &[width, tokens]);
        }
    }

    /// Says which layer tensors go to from here on, and how many layers there are like it.
    pub(super) fn begin(&mut self, layer: u32, place: (u32, u32)) {
        self.layer = (layer, place);
    }

    /// Puts tensors of the layer, by the first part of their names.
    pub(super) fn weights<const N: usize>(&mut self, tensors: [(&str, &[u32]); N]) {
        for (name, shape) in tensors {
            self.put(&format!("{name}.weight"), shape);
        }
    }

    pub(super) fn biases<const N: usize>(&mut self, tensors: [(&str, &[u32]); N]) {
        for (name, shape) in tensors {
            self.put(&format!("{name}.bias"), shape);
        }
    }

    /// Puts one tensor of the layer.
    pub(super) fn put(&mut self, name: &str, shape: &[u32]) {
        self.tensor(&format!("blk.{}.{name}", self.layer.0), shape);
    }

    pub(super) fn tensor(&mut self, name: &str, shape: &[u32]) {
        let shape: Vec<u64> = shape.iter().map(|&length| length.into()).collect();
        let kind = self.shape.mix.kind(name, &shape, self.shape.tied, self.layer.1);
        let (mean, spread) = spread(name, &shape);
        let rows = shape[1..].iter().product();
        let loud = name != "token_embd.weight" && name != "output.weight";
        let encoder = name == "token_embd.weight" && self.shape.family.encodes();
        let quiet = vocabulary::quiet(loud || encoder, self.shape.vocabulary).into();
        let seed = noise::seed(self.shape.seed, name);
        let noise = Noise { kind, rows, row: shape[0], spread, mean, quiet, seed };
        let data = Data::Made(Arc::new(noise));
        self.writer.tensor(Tensor { name: name.to_owned(), shape, kind, data });
    }
}

/// Returns mean and spread of a tensor's numbers: such that signals neither fade nor explode.
fn spread(name: &str, shape: &[u64]) -> (f32, f32) {
    let ones = ["norm.weight", "correct_scale", "rope_f"];
    if ones.iter().any(|part| name.contains(part)) {
        return (1.0, 0.0);
    }
    if name.ends_with("ssm_a") {
        // How fast a delta net forgets; it must be negative.
        return (-1.0, 0.4);
    }
    if name.ends_with(".bias") || name.contains("coef") {
        return (0.0, 0.02);
    }
    (0.0, 1.0 / (shape[0] as f32).sqrt())
}
