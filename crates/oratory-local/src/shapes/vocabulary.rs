//! Vocabularies of made models: bytes, control tokens, and words that mean nothing.
//!
//! Any text can be cut into them; none was learned from a text.

use crate::gguf::Field;
use crate::story::vocabulary::spell;

use super::draft::Draft;

/// Control tokens, right after the 256 bytes.
const CONTROL: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
/// Texts that are one token each, but are shown.
const MARKS: [&str; 4] = ["<think>", "</think>", "<tool_call>", "</tool_call>"];
/// Tokens before the words.
const FIRST_WORD: u32 = 256 + (CONTROL.len() + MARKS.len()) as u32;

/// Control tokens of encoders, at the beginning.
const ENCODER: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

const TEMPLATE: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n\
    {{ message.content }}<|im_end|>\n{% endfor %}\
    {% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// Returns the word with this number. After a space it is one token of every made model whose
/// vocabulary reaches that far.
pub fn word(number: u32) -> String {
    const CONSONANTS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
    let syllable = |number: u32| {
        let consonant = CONSONANTS[number as usize / 5 % 20];
        [consonant, b"aeiou"[number as usize % 5]].map(char::from)
    };
    let mut rest = number;
    let mut letters = Vec::new();
    for _ in 0..3 {
        letters.extend(syllable(rest % 100));
        rest /= 100;
    }
    letters.into_iter().collect()
}

/// Returns how many tokens at the beginning should be unlikely: what is no word.
pub(super) fn quiet(encoder: bool, vocabulary: u32) -> u32 {
    if encoder { 0 } else { FIRST_WORD.min(vocabulary) }
}

/// Puts the vocabulary of a model that writes.
pub(super) fn put_writer(draft: &mut Draft<'_>) {
    let bytes = (0..=255_u8).map(|byte| spell(&[byte]));
    let control = CONTROL.iter().chain(&MARKS).map(|&text| text.to_owned());
    let words = (0..).map(|number| spell(format!(" {}", word(number)).as_bytes()));
    let size = draft.shape.vocabulary.max(FIRST_WORD) as usize;
    let tokens: Vec<String> = bytes.chain(control).chain(words).take(size).collect();
    let kinds = (0..size as u32).map(|token| match token.checked_sub(256) {
        Some(0..3) => 3,
        Some(3..7) => 4,
        _ => 1,
    });
    draft.field("tokenizer.ggml.model", Field::Text("gpt2".into()));
    // This pre-tokenizer takes whole words from the vocabulary, so no merges are needed.
    draft.field("tokenizer.ggml.pre", Field::Text("llama-bpe".into()));
    draft.field("tokenizer.ggml.tokens", Field::Texts(tokens));
    draft.field("tokenizer.ggml.token_type", Field::Numbers(kinds.collect()));
    draft.field("tokenizer.ggml.merges", Field::Texts(Vec::new()));
    draft.field("tokenizer.ggml.bos_token_id", Field::Number(256));
    draft.field("tokenizer.ggml.eos_token_id", Field::Number(258));
    draft.field("tokenizer.ggml.padding_token_id", Field::Number(256));
    draft.field("tokenizer.ggml.add_bos_token", Field::Bool(false));
    draft.field("tokenizer.chat_template", Field::Text(TEMPLATE.into()));
}

/// Puts the vocabulary of an encoder: pieces of words, longest first.
pub(super) fn put_encoder(draft: &mut Draft<'_>) {
    let signs = || (b'!'..=b'~').filter(|sign| !sign.is_ascii_uppercase()).map(char::from);
    let starts = signs().map(|sign| format!("\u{2581}{sign}"));
    let inner = signs().map(String::from);
    let words = (0..).map(|number| format!("\u{2581}{}", word(number)));
    let control = ENCODER.iter().map(|&text| text.to_owned());
    let size = draft.shape.vocabulary as usize;
    let tokens: Vec<String> = control.chain(starts).chain(inner).chain(words).take(size).collect();
    let kinds = (0..size).map(|token| if token < ENCODER.len() { 3 } else { 1 });
    draft.field("tokenizer.ggml.model", Field::Text("bert".into()));
    draft.field("tokenizer.ggml.tokens", Field::Texts(tokens));
    draft.field("tokenizer.ggml.token_type", Field::Numbers(kinds.collect()));
    draft.field("tokenizer.ggml.token_type_count", Field::Number(2));
    let roles = ["padding", "unknown", "cls", "seperator", "mask"];
    for (token, role) in (0..).zip(roles) {
        draft.field(format!("tokenizer.ggml.{role}_token_id"), Field::Number(token));
    }
    draft.field("tokenizer.ggml.bos_token_id", Field::Number(2));
    draft.field("tokenizer.ggml.eos_token_id", Field::Number(3));
}
