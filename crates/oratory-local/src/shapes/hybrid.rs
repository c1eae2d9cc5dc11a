//! Networks of gated delta nets with attention in every fourth layer: Qwen3.5 and Qwen3-Next.
//!
//! Layers that predict further ahead come after the others.

use super::attention::{put_feed_forward, put_head_norms, put_heads};
use super::draft::Draft;
use super::experts::{put_experts, put_numbers};
use super::{Family, vocabulary};
use crate::gguf::Field;

/// Layers from one with attention to the next.
const EVERY: u32 = 4;
/// Tokens that the convolution before a delta net sees.
const KERNEL: u32 = 4;

pub(super) fn put(draft: &mut Draft<'_>) {
    let shape = draft.shape;
    let rotated = shape.head / 4;
    draft.heads(rotated, 1e7);
    put_facts(draft, rotated);
    vocabulary::put_writer(draft);
    draft.ends();
    for layer in 0..shape.layers + shape.ahead {
        let attends = (layer + 1).is_multiple_of(EVERY) || layer >= shape.layers;
        let place = if attends { layer / EVERY } else { layer };
        let like = if attends { shape.layers / EVERY } else { shape.layers };
        draft.begin(layer, (place, like.max(1)));
        draft.weights([("attn_norm", &[shape.width]), ("post_attention_norm", &[shape.width])]);
        if attends {
            put_heads(draft, 2);
            put_head_norms(draft);
        } else {
            put_delta_net(draft);
        }
        if shape.family == Family::Qwen3Next {
            put_shared(draft);
        } else {
            put_feed_forward(draft);
        }
        if layer >= shape.layers {
            put_ahead(draft);
        }
    }
}

fn put_facts(draft: &mut Draft<'_>, rotated: u32) {
    let (shape, net) = (draft.shape, draft.shape.recurrent);
    draft.number("full_attention_interval", EVERY);
    draft.number("ssm.conv_kernel", KERNEL);
    draft.number("ssm.state_size", net.state);
    draft.number("ssm.group_count", net.key_heads);
    draft.number("ssm.time_step_rank", net.value_heads);
    draft.number("ssm.inner_size", net.value_heads * net.state);
    if shape.ahead > 0 {
        draft.number("nextn_predict_layers", shape.ahead);
    }
    if shape.family == Family::Qwen3Next {
        put_numbers(draft);
        let shared = shape.experts.shared * shape.experts.feed_forward;
        draft.number("expert_shared_feed_forward_length", shared);
    } else {
        // Rotation is split between time, height and width, as for pictures.
        let half = rotated as i32 / 2;
        let side = half / 3;
        let sections = vec![half - 2 * side, side, side, 0];
        draft.own("rope.dimension_sections", Field::Numbers(sections));
    }
}

fn put_delta_net(draft: &mut Draft<'_>) {
    let (width, net) = (draft.shape.width, draft.shape.recurrent);
    let (keys, values) = (net.key_heads * net.state, net.value_heads * net.state);
    draft.weights([
        ("attn_qkv", &[width, 2 * keys + values]),
        ("attn_gate", &[width, values]),
        ("ssm_conv1d", &[KERNEL, 2 * keys + values]),
        ("ssm_norm", &[net.state]),
        ("ssm_out", &[values, width]),
    ]);
    if draft.shape.family == Family::Qwen3Next {
        draft.weights([("ssm_ba", &[width, 2 * net.value_heads])]);
    } else {
        let heads = &[width, net.value_heads];
        draft.weights([("ssm_beta", heads), ("ssm_alpha", heads)]);
    }
    draft.biases([("ssm_dt", &[net.value_heads])]);
    draft.put("ssm_a", &[net.value_heads]);
}

fn put_shared(draft: &mut Draft<'_>) {
    put_experts(draft);
    let (width, experts) = (draft.shape.width, draft.shape.experts);
    let wide = experts.shared * experts.feed_forward;
    draft.weights([
        ("ffn_gate_inp_shexp", &[width]),
        ("ffn_gate_shexp", &[width, wide]),
        ("ffn_up_shexp", &[width, wide]),
        ("ffn_down_shexp", &[wide, width]),
    ]);
}

fn put_ahead(draft: &mut Draft<'_>) {
    let width = draft.shape.width;
    draft.weights([
        ("nextn.eh_proj", &[2 * width, width]),
        ("nextn.enorm", &[width]),
        ("nextn.hnorm", &[width]),
        ("nextn.shared_head_norm", &[width]),
    ]);
}
