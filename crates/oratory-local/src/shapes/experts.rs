//! Networks of experts with plain attention: Qwen3 MoE and gpt-oss.
//!
//! Other families borrow the tensors of experts from here.

use super::attention::{put_head_norms, put_heads};
use super::draft::Draft;
use super::{Family, vocabulary};

pub(super) fn put(draft: &mut Draft<'_>) {
    let shape = draft.shape;
    let sinks = shape.family == Family::GptOss;
    draft.heads(shape.head, if sinks { 150_000.0 } else { 1e6 });
    put_numbers(draft);
    if sinks {
        draft.number("attention.sliding_window", shape.window);
    }
    vocabulary::put_writer(draft);
    draft.ends();
    for layer in 0..shape.layers {
        draft.begin(layer, (layer, shape.layers));
        put_heads(draft, 1);
        put_experts(draft);
        draft.weights([("attn_norm", &[shape.width])]);
        if sinks {
            put_sinks(draft);
        } else {
            draft.weights([("ffn_norm", &[shape.width])]);
            put_head_norms(draft);
        }
    }
}

pub(super) fn put_numbers(draft: &mut Draft<'_>) {
    let experts = draft.shape.experts;
    draft.number("expert_count", experts.count);
    draft.number("expert_used_count", experts.used);
    draft.number("expert_feed_forward_length", experts.feed_forward);
}

/// Puts the router and the experts of a layer.
pub(super) fn put_experts(draft: &mut Draft<'_>) {
    let (width, experts) = (draft.shape.width, draft.shape.experts);
    let (count, wide) = (experts.count, experts.feed_forward);
    draft.weights([
        ("ffn_gate_inp", &[width, count]),
        ("ffn_gate_exps", &[width, wide, count]),
        ("ffn_up_exps", &[width, wide, count]),
        ("ffn_down_exps", &[wide, width, count]),
    ]);
}

/// Puts what only gpt-oss has: sinks, and a bias on everything.
fn put_sinks(draft: &mut Draft<'_>) {
    let shape = draft.shape;
    let (width, kv) = (shape.width, shape.heads_kv * shape.head);
    let (count, wide) = (shape.experts.count, shape.experts.feed_forward);
    draft.weights([("post_attention_norm", &[width]), ("attn_sinks", &[shape.heads])]);
    draft.biases([
        ("attn_q", &[shape.heads * shape.head]),
        ("attn_k", &[kv]),
        ("attn_v", &[kv]),
        ("attn_output", &[width]),
        ("ffn_gate_inp", &[count]),
        ("ffn_gate_exps", &[wide, count]),
        ("ffn_up_exps", &[wide, count]),
        ("ffn_down_exps", &[width, count]),
    ]);
}
