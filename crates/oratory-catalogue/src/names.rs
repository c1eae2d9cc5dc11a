//! Names of models as people write them, made comparable.
//!
//! `unsloth/Qwen3.5-9B-GGUF:Q4_K_M`, `qwen3.5:9b` and `Qwen3.5-9B-Instruct` are one model.

/// Parts of names that say how a file was made, or that a model chats, but not which it is.
const NOISE: [&str; 19] = [
    "gguf", "instruct", "it", "chat", "latest", "meta", "ud", "f16", "f32", "bf16", "fp8", "mxfp4",
    "nvfp4", "qat", "awq", "gptq", "mlx", "i1", "hf",
];

/// Splits a name into the parts that say which model it is.
pub(crate) fn parts(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let bare = lower.rsplit('/').next().unwrap_or(&lower);
    let pieces = bare.split(['-', ':', '_', ' ']);
    let parts = pieces.flat_map(numbered).take_while(|part| !is_quantisation(part));
    parts.filter(|part| !NOISE.contains(&part.as_str())).collect()
}

/// Splits the number of a generation off a family's name: `gemma3` is `gemma` `3`, and `a3b` stays.
fn numbered(piece: &str) -> Vec<String> {
    let letters = piece.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(piece.len());
    let (word, number) = piece.split_at(letters);
    let splits = letters >= 3 && number.starts_with(|c: char| c.is_ascii_digit());
    let parts = if splits { vec![word, number] } else { vec![piece] };
    parts.into_iter().filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Says whether this is `q4` or `iq2`. Nothing behind it says which model it is.
fn is_quantisation(part: &str) -> bool {
    let bits = part.strip_prefix("iq").or_else(|| part.strip_prefix('q'));
    bits.is_some_and(|bits| bits.len() == 1 && bits.as_bytes()[0].is_ascii_digit())
}

/// Says whether a name means the model that has these parts. A month or a version may follow, but
/// no other word: what somebody made of a model is another model.
pub(crate) fn means(name: &[String], model: &[String]) -> bool {
    let rest = name.strip_prefix(model);
    rest.is_some_and(|rest| {
        rest.iter().all(|part| {
            part.len() >= 3
                && part.trim_start_matches('v').bytes().all(|b| b.is_ascii_digit() || b == b'.')
        })
    })
}
