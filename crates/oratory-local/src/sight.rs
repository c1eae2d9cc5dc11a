//! Whether a projector fits a model, from both headers alone, and what it takes in memory.
//!
//! A projector turns pictures and sounds into what a model reads. llama.cpp says no to one that does
//! not fit, or ends the process over it; so what can be known beforehand is looked at here.

#[cfg(test)]
mod tests;

use oratory_contract::Ability;

use crate::gguf::{Encoder, Facts};

/// The most tokens that one picture is made into, where its size is free: about a million points.
/// More are seldom worth the time that reading them takes.
const MOST: u32 = 1024;

/// Kinds of projectors for pictures that the pinned llama.cpp can run.
const SIGHTS: [&str; 41] = [
    "adapter",
    "cogvlm",
    "deepseek4v",
    "deepseekocr",
    "deepseekocr2",
    "dots3note_v",
    "dots_ocr",
    "exaone4_5",
    "gemma3",
    "gemma3nv",
    "gemma4uv",
    "gemma4v",
    "glm4v",
    "glm5v",
    "granite4_vision",
    "hunyuanvl",
    "idefics3",
    "internvl",
    "janus_pro",
    "kimik25",
    "kimivl",
    "ldp",
    "ldpv2",
    "lfm2",
    "lightonocr",
    "ling3vl",
    "llama4",
    "mimovl",
    "minicpmv4_6",
    "minimax_m3",
    "mlp",
    "muse-glimmer",
    "nemotron_v2_vl",
    "paddleocr",
    "phi4",
    "pixtral",
    "qwen2.5o",
    "qwen2.5vl_merger",
    "qwen2vl_merger",
    "qwen3vl_merger",
    "resampler",
];
/// More of them, by the names of their makers' last families.
const MORE_SIGHTS: [&str; 3] = ["step3vl", "yasa2", "youtuvl"];

/// The same for sounds.
const HEARINGS: [&str; 15] = [
    "dots3note_a",
    "gemma4a",
    "gemma4ua",
    "glma",
    "granite_speech",
    "lfm2a",
    "meralion",
    "mimo_audio",
    "musicflamingo",
    "parakeet",
    "qwen2.5o",
    "qwen2a",
    "qwen3a",
    "ultravox",
    "voxtral",
];

/// Kinds whose pictures a model must read in one go, because every part of them sees all others.
const AT_ONCE: [&str; 4] = ["deepseek4v", "gemma3", "gemma4uv", "gemma4v"];

/// Of some kinds, the tensor whose dimension is the model's width, and which dimension it is.
const ENDS: [(&str, &str, usize); 14] = [
    ("gemma3", "mm.input_projection.weight", 0),
    ("gemma4v", "mm.input_projection.weight", 1),
    ("gemma4uv", "mm.input_projection.weight", 1),
    ("idefics3", "mm.model.fc.weight", 1),
    ("pixtral", "mm.2.weight", 1),
    ("internvl", "mm.3.weight", 1),
    ("qwen2vl_merger", "mm.2.bias", 0),
    ("qwen2.5vl_merger", "mm.2.bias", 0),
    ("qwen3vl_merger", "mm.2.bias", 0),
    ("ultravox", "mm.a.mlp.2.weight", 1),
    ("voxtral", "mm.a.mlp.2.weight", 1),
    ("musicflamingo", "mm.a.mlp.2.weight", 1),
    ("qwen2a", "mm.a.fc.weight", 1),
    ("mlp", "mm.2.weight", 1),
];

/// What a projector lets a model do, and what that takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Senses {
    pub(crate) abilities: Vec<Ability>,
    /// Memory for its weights and for what is computed with them.
    pub(crate) memory: u64,
    /// The most tokens that a picture of free size is made into.
    pub(crate) most: u32,
}

/// Returns what a projector lets a model do, or why it cannot be used with it.
pub(crate) fn fits(projector: &Facts, model: &Facts, batch: u32) -> Result<Senses, String> {
    let Some(about) = &projector.projector else {
        return Err("it is no projector".to_owned());
    };
    let mut abilities = Vec::new();
    let mut computed = 0;
    if let Some(sight) = &about.sight {
        if !SIGHTS.contains(&&*sight.kind) && !MORE_SIGHTS.contains(&&*sight.kind) {
            return Err(unknown(&sight.kind));
        }
        sound(sight)?;
        if !(1..=1 << 10).contains(&sight.patch) || !(sight.patch..=1 << 14).contains(&sight.image)
        {
            return Err(format!("it cuts {} points into patches of {}", sight.image, sight.patch));
        }
        abilities.push(Ability::See);
        computed = memory(sight, patches(sight));
    }
    if let Some(hearing) = &about.hearing {
        if !HEARINGS.contains(&&*hearing.kind) {
            return Err(unknown(&hearing.kind));
        }
        sound(hearing)?;
        if !(1..=1 << 10).contains(&hearing.bands) {
            return Err(format!("it splits sound into {} bands", hearing.bands));
        }
        abilities.push(Ability::Hear);
        // Half a minute, in steps of 20 milliseconds.
        computed = computed.max(memory(hearing, 1500));
    }
    if abilities.is_empty() {
        return Err("it holds nothing that sees or hears".to_owned());
    }
    let kinds = [&about.sight, &about.hearing].into_iter().flatten().map(|found| &*found.kind);
    for kind in kinds.clone() {
        ends(projector, kind, model)?;
    }
    let at_once = kinds.clone().any(|kind| AT_ONCE.contains(&kind));
    let most = if at_once { MOST.min(batch) } else { MOST };
    Ok(Senses { abilities, memory: projector.bytes.saturating_add(computed), most })
}

fn unknown(kind: &str) -> String {
    let kind: String = kind.chars().take(40).collect();
    format!("it is of the kind {kind:?}, which this Oratory does not know")
}

/// Refuses sizes that llama.cpp would divide by, or run out of room with.
fn sound(encoder: &Encoder) -> Result<(), String> {
    let Encoder { layers, width, heads, head, .. } = *encoder;
    let even = heads > 0 && (head > 0 || width % heads == 0);
    match (1..=512).contains(&layers) && (1..=1 << 16).contains(&width) && even {
        _ if encoder.merge == Some(0) => Err("it makes one token of no patches".to_owned()),
        true => Ok(()),
        false => Err(format!("it claims {layers} layers of {width}, with {heads} heads")),
    }
}

/// Refuses a projector made for a model of another width.
fn ends(projector: &Facts, kind: &str, model: &Facts) -> Result<(), String> {
    let end = ENDS.iter().find(|(known, ..)| *known == kind);
    let width = end.and_then(|(_, name, dimension)| {
        let tensor = projector.weights.iter().find(|weight| weight.name == *name)?;
        tensor.shape.get(*dimension).copied()
    });
    let own = u64::from(model.network.width);
    match width {
        Some(width) if width != own => {
            Err(format!("it is made for a model of width {width}, and this one's is {own}"))
        }
        _ => Ok(()),
    }
}

/// Returns how many patches a picture is cut into at the most.
fn patches(sight: &Encoder) -> u64 {
    let side = u64::from(sight.image / sight.patch.max(1));
    let merge = u64::from(sight.merge.unwrap_or(2)).min(16);
    (side * side).max(u64::from(MOST) * merge * merge)
}

/// Returns what computing with so many patches takes: some copies of the residual stream, and the
/// middle of the feed-forward network.
fn memory(encoder: &Encoder, patches: u64) -> u64 {
    let each = 2 * u64::from(encoder.feed_forward) + 8 * u64::from(encoder.width);
    patches.saturating_mul(each).saturating_mul(size_of::<f32>() as u64)
}
