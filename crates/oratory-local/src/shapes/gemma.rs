//! Networks with sliding windows: Gemma 3, and Gemma 3n with its embeddings for each layer.
//!
//! Sizes that llama.cpp fixes in its code are constants here.

use super::attention::{put_feed_forward, put_head_norms, put_heads};
use super::draft::Draft;
use super::{Family, vocabulary};

/// Gemma 3n keeps this many versions of the residual stream.
const STREAMS: u32 = 4;
/// The width of the embedding for each layer of Gemma 3n.
const SMALL: u32 = 256;
/// The rank of Gemma 3n's second way through a layer.
const RANK: u32 = 64;

pub(super) fn put(draft: &mut Draft<'_>) {
    let shape = draft.shape;
    let streams = shape.family == Family::Gemma3n;
    draft.heads(shape.head, 1e6);
    draft.number("attention.sliding_window", shape.window);
    vocabulary::put_writer(draft);
    draft.ends();
    if streams {
        put_streams(draft);
    }
    for layer in 0..shape.layers {
        draft.begin(layer, (layer, shape.layers));
        for name in ["attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"] {
            draft.weights([(name, &[shape.width])]);
        }
        put_heads(draft, 1);
        put_head_norms(draft);
        put_feed_forward(draft);
        if streams {
            put_stream_layer(draft);
        }
    }
}

fn put_streams(draft: &mut Draft<'_>) {
    let (width, all) = (draft.shape.width, SMALL * draft.shape.layers);
    let tokens = draft.shape.vocabulary;
    draft.number("embedding_length_per_layer_input", SMALL);
    draft.tensor("altup_proj.weight", &[width, width, STREAMS - 1]);
    draft.tensor("altup_unembd_proj.weight", &[width, width, STREAMS - 1]);
    draft.tensor("per_layer_token_embd.weight", &[all, tokens]);
    draft.tensor("per_layer_model_proj.weight", &[width, all]);
    draft.tensor("per_layer_proj_norm.weight", &[SMALL]);
}

fn put_stream_layer(draft: &mut Draft<'_>) {
    let width = draft.shape.width;
    draft.weights([
        ("inp_gate", &[width, SMALL]),
        ("proj", &[SMALL, width]),
        ("post_norm", &[width]),
        ("altup_correct_coef", &[STREAMS, STREAMS]),
        ("altup_correct_scale", &[width]),
        ("altup_predict_coef", &[STREAMS, STREAMS * STREAMS]),
        ("altup_router", &[width, STREAMS]),
        ("altup_router_norm", &[width]),
        ("laurel_l", &[width, RANK]),
        ("laurel_r", &[RANK, width]),
        ("laurel_post_norm", &[width]),
    ]);
}
