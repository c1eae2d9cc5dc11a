//! DeepSeek-V2 and V3: experts, and attention whose keys and values are stored compressed.
//!
//! The file form with keys and values split, which is the one that is compressed in memory.

use super::attention::put_feed_forward;
use super::draft::Draft;
use super::experts::{put_experts, put_numbers};
use super::vocabulary;

/// Layer counts by which llama.cpp knows networks that leave queries whole.
const WHOLE: [u32; 2] = [26, 27];

pub(super) fn put(draft: &mut Draft<'_>) {
    let shape = draft.shape;
    put_facts(draft);
    vocabulary::put_writer(draft);
    draft.ends();
    for layer in 0..shape.layers {
        draft.begin(layer, (layer, shape.layers));
        draft.weights([("attn_norm", &[shape.width]), ("ffn_norm", &[shape.width])]);
        put_attention(draft);
        if layer < shape.experts.dense_layers {
            put_feed_forward(draft);
        } else {
            put_experts(draft);
            put_shared(draft);
        }
    }
}

/// Returns the rank of queries. A cut network no longer has the layers it is known by.
fn query_rank(draft: &Draft<'_>) -> u32 {
    let latent = draft.shape.latent;
    match latent.query {
        0 if !WHOLE.contains(&draft.shape.layers) => latent.rank,
        rank => rank,
    }
}

fn put_facts(draft: &mut Draft<'_>) {
    let (shape, latent) = (draft.shape, draft.shape.latent);
    draft.number("attention.key_length", latent.rank + latent.rotated);
    draft.number("attention.value_length", latent.rank);
    draft.number("attention.key_length_mla", shape.head + latent.rotated);
    draft.number("attention.value_length_mla", shape.head);
    draft.number("attention.kv_lora_rank", latent.rank);
    if query_rank(draft) > 0 {
        draft.number("attention.q_lora_rank", query_rank(draft));
    }
    draft.number("rope.dimension_count", latent.rotated);
    draft.float("rope.freq_base", 10_000.0);
    draft.float("attention.layer_norm_rms_epsilon", 1e-6);
    put_numbers(draft);
    draft.number("expert_shared_count", shape.experts.shared);
    draft.number("leading_dense_block_count", shape.experts.dense_layers);
    draft.float("expert_weights_scale", 1.0);
}

fn put_attention(draft: &mut Draft<'_>) {
    let (shape, latent) = (draft.shape, draft.shape.latent);
    let (width, heads, head) = (shape.width, shape.heads, shape.head);
    let queries = heads * (head + latent.rotated);
    let query = query_rank(draft);
    if query > 0 {
        draft.weights([
            ("attn_q_a", &[width, query]),
            ("attn_q_a_norm", &[query]),
            ("attn_q_b", &[query, queries]),
        ]);
    } else {
        draft.weights([("attn_q", &[width, queries])]);
    }
    draft.weights([
        ("attn_kv_a_mqa", &[width, latent.rank + latent.rotated]),
        ("attn_kv_a_norm", &[latent.rank]),
        ("attn_k_b", &[head, latent.rank, heads]),
        ("attn_v_b", &[latent.rank, head, heads]),
        ("attn_output", &[heads * head, width]),
    ]);
}

fn put_shared(draft: &mut Draft<'_>) {
    let (width, experts) = (draft.shape.width, draft.shape.experts);
    let wide = experts.shared * experts.feed_forward;
    draft.weights([
        ("ffn_gate_shexp", &[width, wide]),
        ("ffn_up_shexp", &[width, wide]),
        ("ffn_down_shexp", &[wide, width]),
    ]);
}
