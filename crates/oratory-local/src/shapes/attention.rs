//! Dense networks with plain attention: Llama, Mistral, Qwen3, Phi-3.
//!
//! Other families borrow the tensors of one attention from here.

use super::draft::Draft;
use super::{Family, Reads, vocabulary};
use crate::gguf::Field;

/// How a reranker is asked about one document.
const RATING: &str = "<|im_start|>user\n{query}\n{document}<|im_end|>\n<|im_start|>assistant\n";

pub(super) fn put(draft: &mut Draft<'_>) {
    let shape = draft.shape;
    let base = if shape.family == Family::Qwen3 { 1e6 } else { 5e5 };
    draft.heads(shape.head, base);
    if shape.reads == Reads::Embeds {
        // The state after the last token.
        draft.number("pooling_type", 3);
        draft.field("tokenizer.ggml.add_eos_token", Field::Bool(true));
    }
    if shape.reads == Reads::Ranks {
        // Pooling 4 rates a text instead of going on with it.
        draft.number("pooling_type", 4);
        draft.field("tokenizer.chat_template.rerank", Field::Text(RATING.into()));
        let labels = ["yes", "no"].map(str::to_owned).to_vec();
        draft.own("classifier.output_labels", Field::Texts(labels));
        draft.tensor("cls.output.weight", &[shape.width, 2]);
    }
    vocabulary::put_writer(draft);
    draft.ends();
    for layer in 0..shape.layers {
        draft.begin(layer, (layer, shape.layers));
        draft.weights([("attn_norm", &[shape.width]), ("ffn_norm", &[shape.width])]);
        if shape.family == Family::Phi3 {
            put_fused(draft);
        } else {
            put_heads(draft, 1);
            put_feed_forward(draft);
        }
        if shape.family == Family::Qwen3 {
            put_head_norms(draft);
        }
    }
}

/// Puts queries, keys, values and what joins them; gated queries are twice as wide.
pub(super) fn put_heads(draft: &mut Draft<'_>, gated: u32) {
    let shape = draft.shape;
    let (width, heads, kv) = (shape.width, shape.heads * shape.head, shape.heads_kv * shape.head);
    draft.weights([
        ("attn_q", &[width, heads * gated]),
        ("attn_k", &[width, kv]),
        ("attn_v", &[width, kv]),
        ("attn_output", &[heads, width]),
    ]);
}

pub(super) fn put_head_norms(draft: &mut Draft<'_>) {
    let head = draft.shape.head;
    draft.weights([("attn_q_norm", &[head]), ("attn_k_norm", &[head])]);
}

pub(super) fn put_feed_forward(draft: &mut Draft<'_>) {
    let (width, wide) = (draft.shape.width, draft.shape.feed_forward);
    draft.weights([
        ("ffn_gate", &[width, wide]),
        ("ffn_up", &[width, wide]),
        ("ffn_down", &[wide, width]),
    ]);
}

fn put_fused(draft: &mut Draft<'_>) {
    let shape = draft.shape;
    let (width, wide) = (shape.width, shape.feed_forward);
    draft.weights([
        ("attn_qkv", &[width, (shape.heads + 2 * shape.heads_kv) * shape.head]),
        ("attn_output", &[width, width]),
        ("ffn_up", &[width, 2 * wide]),
        ("ffn_down", &[wide, width]),
    ]);
}
