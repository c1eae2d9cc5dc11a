//! Encoders: BERT, as embedding model or reranker, and Nomic's BERT.
//!
//! They read a whole text at once and write none.

use super::draft::Draft;
use super::{Family, Reads, vocabulary};
use crate::gguf::Field;

impl Family {
    /// Says whether the family reads texts and writes none.
    pub fn encodes(self) -> bool {
        matches!(self, Self::Bert | Self::NomicBert)
    }
}

pub(super) fn put(draft: &mut Draft<'_>) {
    let shape = draft.shape;
    draft.own("attention.causal", Field::Bool(false));
    draft.float("attention.layer_norm_epsilon", 1e-12);
    // Pooling 1 is the mean, 4 rates a text.
    draft.number("pooling_type", if shape.reads == Reads::Ranks { 4 } else { 1 });
    vocabulary::put_encoder(draft);
    put_begin(draft);
    for layer in 0..shape.layers {
        draft.begin(layer, (layer, shape.layers));
        put_layer(draft);
    }
}

fn put_begin(draft: &mut Draft<'_>) {
    let shape = draft.shape;
    let width = shape.width;
    draft.tensor("token_embd.weight", &[width, shape.vocabulary]);
    draft.tensor("token_types.weight", &[width, 2]);
    draft.tensor("token_embd_norm.weight", &[width]);
    draft.tensor("token_embd_norm.bias", &[width]);
    if shape.family == Family::Bert {
        draft.tensor("position_embd.weight", &[width, shape.context]);
    } else {
        draft.float("rope.freq_base", 1000.0);
    }
    if shape.reads == Reads::Ranks {
        draft.tensor("cls.weight", &[width, width]);
        draft.tensor("cls.bias", &[width]);
        draft.tensor("cls.output.weight", &[width, 1]);
        draft.tensor("cls.output.bias", &[1]);
    }
}

fn put_layer(draft: &mut Draft<'_>) {
    let (width, wide) = (draft.shape.width, draft.shape.feed_forward);
    if draft.shape.family == Family::Bert {
        let square = &[width, width];
        draft.weights([("attn_q", square), ("attn_k", square), ("attn_v", square)]);
        draft.biases([("attn_q", &[width]), ("attn_k", &[width]), ("attn_v", &[width])]);
        draft.biases([("attn_output", &[width]), ("ffn_up", &[wide]), ("ffn_down", &[width])]);
    } else {
        draft.weights([("attn_qkv", &[width, 3 * width]), ("ffn_gate", &[width, wide])]);
    }
    draft.weights([
        ("attn_output", &[width, width]),
        ("ffn_up", &[width, wide]),
        ("ffn_down", &[wide, width]),
        ("attn_output_norm", &[width]),
        ("layer_output_norm", &[width]),
    ]);
    draft.biases([("attn_output_norm", &[width]), ("layer_output_norm", &[width])]);
}
