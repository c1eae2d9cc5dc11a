//! What the header of a projector says: which encoders it holds, and their sizes.
//!
//! Values are as the file states them; `sight` judges them.

use std::collections::BTreeMap;

use super::network::{Numbers, small};

/// The family name under which projectors are written.
pub(super) const FAMILY: &str = "clip";

/// What a projector says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projector {
    /// What takes pictures in.
    pub sight: Option<Encoder>,
    /// What takes sounds in.
    pub hearing: Option<Encoder>,
}

/// One encoder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoder {
    /// How it hands over to the model, such as `gemma3`.
    pub kind: String,
    /// Layers.
    pub layers: u32,
    /// The width of the residual stream.
    pub width: u32,
    /// Heads of attention.
    pub heads: u32,
    /// The width of a head, where it is not an even share.
    pub head: u32,
    /// The width of the feed-forward network.
    pub feed_forward: u32,
    /// Points on a side of the picture that it was trained with.
    pub image: u32,
    /// Points on a side of a patch.
    pub patch: u32,
    /// Patches on a side that become one token, where the file says.
    pub merge: Option<u32>,
    /// Bands of a sound's spectrum.
    pub bands: u32,
}

impl Projector {
    pub(super) fn of(numbers: &Numbers, texts: &BTreeMap<String, String>) -> Self {
        let encoder = |flag: &str, part: &str| {
            let has = numbers.get(flag).is_some_and(|list| list == &[1]);
            has.then(|| encoder(numbers, texts, part))
        };
        Self {
            sight: encoder("has_vision_encoder", "vision"),
            hearing: encoder("has_audio_encoder", "audio"),
        }
    }
}

fn encoder(numbers: &Numbers, texts: &BTreeMap<String, String>, part: &str) -> Encoder {
    let all = |key: &str| numbers.get(&format!("{part}.{key}")).and_then(|list| list.first());
    let one = |key: &str| all(key).map_or(0, |&number| small(number));
    let own = format!("clip.{part}.projector_type");
    // A file with one encoder names its kind without saying of which.
    let kind = texts.get("clip.projector_type").or_else(|| texts.get(&own));
    let merges = ["spatial_merge_size", "projector.scale_factor"];
    Encoder {
        kind: kind.cloned().unwrap_or_default(),
        layers: one("block_count"),
        width: one("embedding_length"),
        heads: one("attention.head_count"),
        head: one("attention.head_dim"),
        feed_forward: one("feed_forward_length"),
        image: one("image_size"),
        patch: one("patch_size"),
        merge: merges.iter().find_map(|key| all(key)).map(|&number| small(number)),
        bands: one("num_mel_bins"),
    }
}
