//! Writes a model as a GGUF file of version 3 that llama.cpp runs as `qwen3`.

use serde::{Deserialize, Serialize};

use super::shape::{CONTEXT, EPSILON, ROPE_BASE, Shape, Tensor};
use super::talk::TEMPLATE;
use super::tokens::{FIRST_PLAIN_MARK, MARKS, Tokens};

/// How the numbers of matrices are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stored {
    /// As they are.
    Exact,
    /// In 8 bits, with a scale for 32 of them: `Q8_0`.
    Eight,
}

/// Numbers that share a scale.
const BLOCK: usize = 32;
/// What tensors and the data behind the header begin at a multiple of.
const ALIGNMENT: usize = 32;

/// Returns the file of a model; equal models give equal bytes.
pub fn gguf(shape: &Shape, numbers: &[f32], tokens: &Tokens, stored: Stored) -> Vec<u8> {
    let tensors = tensors(shape);
    let mut fields = Fields::default();
    put_facts(&mut fields, shape, stored);
    put_tokens(&mut fields, tokens);
    let mut out = b"GGUF".to_vec();
    out.extend(3_u32.to_le_bytes());
    out.extend((tensors.len() as u64).to_le_bytes());
    out.extend(fields.count.to_le_bytes());
    out.extend(fields.bytes);
    let mut data = Vec::new();
    for (name, tensor) in &tensors {
        put_text(&mut out, name);
        put_shape(&mut out, *tensor);
        let eight = stored == Stored::Eight && tensor.rows > 1;
        out.extend(if eight { 8_u32 } else { 0 }.to_le_bytes());
        out.extend((data.len() as u64).to_le_bytes());
        let numbers = &numbers[tensor.range()];
        if eight {
            numbers.chunks_exact(BLOCK).for_each(|block| put_block(&mut data, block));
        } else {
            data.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
        data.resize(data.len().next_multiple_of(ALIGNMENT), 0);
    }
    out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
    out.extend(data);
    out
}

/// Returns the numbers as they are once they have been stored.
pub(super) fn rounded(shape: &Shape, numbers: &[f32], stored: Stored) -> Vec<f32> {
    let mut numbers = numbers.to_vec();
    let matrices = tensors(shape).into_iter().filter(|(_, tensor)| tensor.rows > 1);
    for (_, tensor) in matrices.filter(|_| stored == Stored::Eight) {
        for block in numbers[tensor.range()].chunks_exact_mut(BLOCK) {
            let (half, steps) = block_of(block);
            let scale = wide(half);
            block
                .iter_mut()
                .zip(steps)
                .for_each(|(number, step)| *number = scale * f32::from(step));
        }
    }
    numbers
}

/// Returns all tensors with the names llama.cpp knows them by.
fn tensors(shape: &Shape) -> Vec<(String, Tensor)> {
    let layout = shape.layout();
    let mut all = vec![("token_embd.weight".to_owned(), layout.embedding)];
    for (at, layer) in layout.layers.iter().enumerate() {
        let named = [
            ("attn_norm", layer.norm),
            ("attn_q", layer.query),
            ("attn_k", layer.key),
            ("attn_v", layer.value),
            ("attn_q_norm", layer.query_norm),
            ("attn_k_norm", layer.key_norm),
            ("attn_output", layer.out),
            ("ffn_norm", layer.inner_norm),
            ("ffn_gate", layer.gate),
            ("ffn_up", layer.up),
            ("ffn_down", layer.down),
        ];
        all.extend(named.map(|(name, tensor)| (format!("blk.{at}.{name}.weight"), tensor)));
    }
    all.push(("output_norm.weight".to_owned(), layout.norm));
    all
}

fn put_facts(fields: &mut Fields, shape: &Shape, stored: Stored) {
    fields.text("general.architecture", "qwen3");
    fields.text("general.name", &shape.name);
    fields.text("general.license", "MIT OR Apache-2.0");
    fields.number("general.file_type", if stored == Stored::Eight { 7 } else { 0 });
    let sizes = [
        ("context_length", CONTEXT),
        ("embedding_length", shape.width),
        ("block_count", shape.layers),
        ("feed_forward_length", shape.inner),
        ("attention.head_count", shape.heads),
        ("attention.head_count_kv", shape.key_heads),
        ("attention.key_length", shape.head),
        ("attention.value_length", shape.head),
        ("vocab_size", shape.vocabulary),
    ];
    for (name, size) in sizes {
        fields.number(&format!("qwen3.{name}"), size as u32);
    }
    fields.float("qwen3.attention.layer_norm_rms_epsilon", EPSILON);
    fields.float("qwen3.rope.freq_base", ROPE_BASE);
}

fn put_tokens(fields: &mut Fields, tokens: &Tokens) {
    let spelled = tokens.spelled();
    let plain = spelled.len() - MARKS.len();
    let kind = |token: usize| match token.checked_sub(plain) {
        None => 1,
        Some(mark) if mark < FIRST_PLAIN_MARK => 3,
        Some(_) => 4,
    };
    fields.text("tokenizer.ggml.model", "gpt2");
    fields.text("tokenizer.ggml.pre", "qwen2");
    fields.texts("tokenizer.ggml.tokens", &spelled);
    fields.kinds("tokenizer.ggml.token_type", (0..spelled.len()).map(kind));
    fields.texts("tokenizer.ggml.merges", &tokens.spelled_merges());
    fields.number("tokenizer.ggml.bos_token_id", tokens.mark("<|endoftext|>"));
    fields.number("tokenizer.ggml.eos_token_id", tokens.mark("<|im_end|>"));
    fields.number("tokenizer.ggml.padding_token_id", tokens.mark("<|endoftext|>"));
    fields.switch("tokenizer.ggml.add_bos_token", false);
    fields.text("tokenizer.chat_template", TEMPLATE);
}

/// Facts about a model, as the file holds them.
#[derive(Default)]
struct Fields {
    count: u64,
    bytes: Vec<u8>,
}

impl Fields {
    fn begin(&mut self, key: &str, kind: u32) {
        self.count += 1;
        put_text(&mut self.bytes, key);
        self.bytes.extend(kind.to_le_bytes());
    }

    fn number(&mut self, key: &str, number: u32) {
        self.begin(key, 4);
        self.bytes.extend(number.to_le_bytes());
    }

    fn float(&mut self, key: &str, number: f32) {
        self.begin(key, 6);
        self.bytes.extend(number.to_le_bytes());
    }

    fn switch(&mut self, key: &str, on: bool) {
        self.begin(key, 7);
        self.bytes.push(u8::from(on));
    }

    fn text(&mut self, key: &str, text: &str) {
        self.begin(key, 8);
        put_text(&mut self.bytes, text);
    }

    fn texts(&mut self, key: &str, texts: &[String]) {
        self.begin(key, 9);
        self.bytes.extend(8_u32.to_le_bytes());
        self.bytes.extend((texts.len() as u64).to_le_bytes());
        texts.iter().for_each(|text| put_text(&mut self.bytes, text));
    }

    fn kinds(&mut self, key: &str, kinds: impl ExactSizeIterator<Item = i32>) {
        self.begin(key, 9);
        self.bytes.extend(5_u32.to_le_bytes());
        self.bytes.extend((kinds.len() as u64).to_le_bytes());
        self.bytes.extend(kinds.flat_map(i32::to_le_bytes));
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn put_shape(out: &mut Vec<u8>, tensor: Tensor) {
    // The fastest dimension first; a norm has only one.
    let dimensions =
        if tensor.rows > 1 { vec![tensor.columns, tensor.rows] } else { vec![tensor.columns] };
    out.extend((dimensions.len() as u32).to_le_bytes());
    dimensions.iter().for_each(|length| out.extend((*length as u64).to_le_bytes()));
}

fn put_block(out: &mut Vec<u8>, block: &[f32]) {
    let (half, steps) = block_of(block);
    out.extend(half.to_le_bytes());
    out.extend(steps.map(|step| step as u8));
}

/// Returns the scale of a block, as a 16-bit float, and its numbers in steps of it.
fn block_of(block: &[f32]) -> (u16, [i8; BLOCK]) {
    let most = block.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
    let scale = most / 127.0;
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    let mut steps = [0; BLOCK];
    steps.iter_mut().zip(block).for_each(|(step, number)| *step = (number * inverse).round() as i8);
    (narrow(scale), steps)
}

/// Rounds a float that is not negative to 16 bits (5 of them exponent), ties to even.
fn narrow(number: f32) -> u16 {
    let bits = number.to_bits();
    if bits >= 0x477f_f000 {
        return 0x7bff;
    }
    if bits < 0x3880_0000 {
        // Too small for a full exponent: whole steps of 2 to the -24.
        return (number * 16_777_216.0).round_ties_even() as u16;
    }
    let rounded = bits + 0xfff + (bits >> 13 & 1);
    ((rounded - 0x3800_0000) >> 13) as u16
}

/// Widens such a float again.
fn wide(half: u16) -> f32 {
    let (exponent, fraction) = (u32::from(half >> 10), u32::from(half & 0x3ff));
    match exponent {
        0 => fraction as f32 / 16_777_216.0,
        _ => f32::from_bits((exponent + 112) << 23 | fraction << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_widened_to_what_they_were() {
        for half in 0..0x7c00 {
            assert_eq!(narrow(wide(half)), half);
        }
        assert_eq!((narrow(1.0), narrow(65504.0), narrow(1.0e9)), (0x3c00, 0x7bff, 0x7bff));
    }

    #[test]
    fn eight_bits_keep_two_digits_of_the_largest() {
        let shape = Shape { layers: 1, ..Shape::named("mini-s").expect("it is one of the sizes") };
        let numbers: Vec<f32> = (0..shape.numbers()).map(|at| (at as f32).sin()).collect();
        let stored = rounded(&shape, &numbers, Stored::Eight);
        let off = numbers.iter().zip(&stored).map(|(number, stored)| (number - stored).abs());
        assert!(off.fold(0.0, f32::max) < 0.6 / 127.0);
    }
}
