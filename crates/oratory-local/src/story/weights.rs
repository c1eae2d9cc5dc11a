//! Turns a story into the weights of a `llama` network.
//!
//! The embedding of a token is a one at the place of its state, and zero elsewhere. Attention and
//! feed-forward are zero, so that state reaches the output, whose row for a token holds how
//! likely it follows each state. The engine runs it like any other model.

use std::ops::Range;

use super::Story;
use super::vocabulary::{BEGIN, CONTROL, END, FIRST_WORD, Vocabulary};
use crate::gguf::{Data, Field, Kind, Tensor, Writer};

/// How much likelier, as a logarithm, the next word of the story is than any other token.
const LIKELY: f32 = 20.0;
/// By how much each further wording of a line is less likely than the one before.
const STEP: f32 = 0.75;
/// The width of one attention head.
const HEAD: u32 = 32;

const TEMPLATE: &str = "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}\
    <|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

/// Returns the model that tells `story`.
pub(super) fn compile(story: &Story) -> Writer {
    let vocabulary = Vocabulary::of(&story.text);
    // State 0 is shared by bytes and control tokens: whatever was said, the story begins.
    let states = vocabulary.words.len() as u32 + 1;
    let width = states.max(story.width).next_multiple_of(HEAD);
    let mut writer = Writer::default();
    put_facts(&mut writer, story, width);
    put_tokens(&mut writer, &vocabulary);
    put_ends(&mut writer, story, &vocabulary, width);
    (0..story.layers).for_each(|layer| put_layer(&mut writer, layer, width));
    writer
}

fn put_facts(writer: &mut Writer, story: &Story, width: u32) {
    let text = |text: &str| Field::Text(text.to_owned());
    writer.field("general.architecture", text("llama"));
    writer.field("general.name", text("a story"));
    writer.field("general.file_type", Field::Number(0));
    writer.field("llama.context_length", Field::Number(story.context));
    writer.field("llama.embedding_length", Field::Number(width));
    writer.field("llama.block_count", Field::Number(story.layers));
    writer.field("llama.feed_forward_length", Field::Number(width));
    writer.field("llama.attention.head_count", Field::Number(width / HEAD));
    writer.field("llama.attention.head_count_kv", Field::Number(width / HEAD));
    writer.field("llama.attention.layer_norm_rms_epsilon", Field::Float(1e-6));
    writer.field("llama.rope.dimension_count", Field::Number(HEAD));
}

fn put_tokens(writer: &mut Writer, vocabulary: &Vocabulary) {
    let spelled = vocabulary.spelled();
    writer.field("llama.vocab_size", Field::Number(spelled.len() as u32));
    let control = BEGIN as usize..BEGIN as usize + CONTROL.len();
    let kind = |token| if control.contains(&token) { 3 } else { 1 };
    let kinds = (0..spelled.len()).map(kind).collect();
    writer.field("tokenizer.ggml.model", Field::Text("gpt2".to_owned()));
    // This pre-tokenizer takes whole words from the vocabulary, so no merges are needed.
    writer.field("tokenizer.ggml.pre", Field::Text("llama-bpe".to_owned()));
    writer.field("tokenizer.ggml.tokens", Field::Texts(spelled));
    writer.field("tokenizer.ggml.token_type", Field::Numbers(kinds));
    writer.field("tokenizer.ggml.merges", Field::Texts(Vec::new()));
    writer.field("tokenizer.ggml.bos_token_id", Field::Number(BEGIN));
    writer.field("tokenizer.ggml.eos_token_id", Field::Number(END));
    writer.field("tokenizer.ggml.add_bos_token", Field::Bool(true));
    writer.field("tokenizer.chat_template", Field::Text(TEMPLATE.to_owned()));
}

/// Puts what stands before and after the layers: embeddings, the last norm, the output.
fn put_ends(writer: &mut Writer, story: &Story, vocabulary: &Vocabulary, width: u32) {
    let tokens = FIRST_WORD as usize + vocabulary.words.len();
    let row = width as usize;
    let mut embedding = vec![0.0; tokens * row];
    for token in 0..tokens {
        embedding[token * row + state(token)] = 1.0;
    }
    let mut output = vec![0.0; tokens * row];
    // The norm before the output multiplies a lone one by the root of the width; undo that.
    let scale = (width as f32).sqrt();
    for (from, to, likely) in follows(story, vocabulary) {
        output[to * row + from] = likely / scale;
    }
    let shape = vec![u64::from(width), tokens as u64];
    put(writer, "token_embd.weight", shape.clone(), Some(embedding));
    put(writer, "output.weight", shape, Some(output));
    put(writer, "output_norm.weight", vec![u64::from(width)], Some(vec![1.0; row]));
}

fn put_layer(writer: &mut Writer, layer: u32, width: u32) {
    let wide = u64::from(width);
    for name in ["attn_norm", "ffn_norm"] {
        let ones = Some(vec![1.0; width as usize]);
        put(writer, &format!("blk.{layer}.{name}.weight"), vec![wide], ones);
    }
    for name in ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"] {
        put(writer, &format!("blk.{layer}.{name}.weight"), vec![wide, wide], None);
    }
}

fn put(writer: &mut Writer, name: &str, shape: Vec<u64>, data: Option<Vec<f32>>) {
    let data = data.map_or(Data::Zero, Data::Numbers);
    writer.tensor(Tensor { name: name.to_owned(), shape, kind: Kind::F32, data });
}

/// Returns the state a token leads to.
fn state(token: usize) -> usize {
    (token + 1).saturating_sub(FIRST_WORD as usize)
}

/// Lists which token follows which state, and how likely.
fn follows(story: &Story, vocabulary: &Vocabulary) -> Vec<(usize, usize, f32)> {
    let token = |word: usize| FIRST_WORD as usize + word;
    let mut all = Vec::new();
    let mut open = |from: usize, ways: &[Range<usize>]| {
        for (rank, way) in ways.iter().enumerate() {
            all.push((from, token(way.start), LIKELY - STEP * rank as f32));
        }
    };
    // A newline is a byte and leads back to state 0, where the story begins.
    let last = if story.ends { END as usize } else { usize::from(b'\n') };
    let mut steps = Vec::new();
    if let Some(first) = vocabulary.lines.first() {
        open(0, first);
    } else {
        steps.push((0, last, LIKELY));
    }
    for (number, ways) in vocabulary.lines.iter().enumerate() {
        for way in ways {
            let end = state(token(way.end - 1));
            match vocabulary.lines.get(number + 1) {
                Some(next) => open(end, next),
                None => steps.push((end, last, LIKELY)),
            }
            for word in way.start + 1..way.end {
                steps.push((state(token(word - 1)), token(word), LIKELY));
            }
        }
    }
    all.extend(steps);
    all
}
