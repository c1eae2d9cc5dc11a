//! Projectors with random weights, that see or hear for made models.
//!
//! Small encoders of true kinds: what they make of a picture depends on every point of it.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;

use super::Shape;
use super::noise::{self, Noise};
use crate::gguf::{Data, Field, Kind, Tensor, Writer};

/// The width of the encoders, their heads, and the width of their feed-forward network.
const WIDTH: u32 = 64;
const HEADS: u32 = 4;
const MIDDLE: u32 = 128;
const LAYERS: u32 = 2;
/// Points on a side of a picture, and of a patch.
const IMAGE: u32 = 64;
const PATCH: u32 = 8;
/// Bands of a sound's spectrum, and steps of half a minute.
const BANDS: u32 = 80;
const STEPS: u32 = 1500;

/// What a made projector is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Senses {
    /// Pictures of one size, read in one go, as Gemma 3 sees.
    Gemma3,
    /// Pictures of any size, with places in two dimensions, as Qwen 3 sees.
    Qwen3,
    /// Sounds, as Qwen 2 hears.
    Qwen2Audio,
}

impl Senses {
    /// Returns the kind with this name.
    pub fn find(name: &str) -> Option<Self> {
        Some(match name {
            "gemma3" => Self::Gemma3,
            "qwen3vl" => Self::Qwen3,
            "qwen2a" => Self::Qwen2Audio,
            _ => return None,
        })
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Gemma3 => "gemma3",
            Self::Qwen3 => "qwen3vl_merger",
            Self::Qwen2Audio => "qwen2a",
        }
    }

    fn hears(self) -> bool {
        self == Self::Qwen2Audio
    }
}

/// Writes a projector of this kind for models of this shape to `path`.
pub fn write_projector(shape: &Shape, senses: Senses, path: &Path) -> io::Result<()> {
    let mut made = Made { writer: Writer::default(), seed: noise::seed(1, senses.kind()) };
    made.fields(shape, senses);
    made.layers(senses);
    match senses {
        Senses::Gemma3 => made.gemma(shape.width),
        Senses::Qwen3 => made.qwen(shape.width),
        Senses::Qwen2Audio => made.ear(shape.width),
    }
    made.writer.write(BufWriter::new(File::create(path)?))
}

struct Made {
    writer: Writer,
    seed: u64,
}

impl Made {
    fn fields(&mut self, shape: &Shape, senses: Senses) {
        let (part, flag) = match senses.hears() {
            true => ("audio", "clip.has_audio_encoder"),
            false => ("vision", "clip.has_vision_encoder"),
        };
        let writer = &mut self.writer;
        writer.field("general.architecture", Field::Text("clip".into()));
        writer.field("general.type", Field::Text("mmproj".into()));
        writer.field("general.name", Field::Text(shape.name.clone()));
        writer.field("clip.projector_type", Field::Text(senses.kind().into()));
        writer.field(flag, Field::Bool(true));
        writer.field("clip.use_gelu", Field::Bool(true));
        for (key, value) in [
            ("embedding_length", WIDTH),
            ("attention.head_count", HEADS),
            ("feed_forward_length", MIDDLE),
            ("block_count", LAYERS),
            ("projection_dim", shape.width),
        ] {
            writer.field(format!("clip.{part}.{key}"), Field::Number(value));
        }
        writer.field(format!("clip.{part}.attention.layer_norm_epsilon"), Field::Float(1e-6));
        if senses.hears() {
            writer.field("clip.audio.num_mel_bins", Field::Number(BANDS));
            return;
        }
        writer.field("clip.vision.image_size", Field::Number(IMAGE));
        writer.field("clip.vision.patch_size", Field::Number(PATCH));
        for key in ["image_mean", "image_std"] {
            writer.field(format!("clip.vision.{key}"), Field::Floats(vec![0.5; 3]));
        }
        if senses == Senses::Gemma3 {
            writer.field("clip.vision.projector.scale_factor", Field::Number(2));
        }
    }

    fn layers(&mut self, senses: Senses) {
        let prefix = if senses.hears() { "a" } else { "v" };
        for layer in 0..LAYERS {
            let mut both = |name: &str, shape: &[u32]| {
                self.tensor(&format!("{prefix}.blk.{layer}.{name}.weight"), shape);
                // Ears have no bias for keys, and llama.cpp insists on that.
                if !(senses.hears() && name == "attn_k") {
                    let last = shape[shape.len() - 1];
                    self.tensor(&format!("{prefix}.blk.{layer}.{name}.bias"), &[last]);
                }
            };
            both("ln1", &[WIDTH]);
            both("ln2", &[WIDTH]);
            match senses {
                Senses::Qwen3 => both("attn_qkv", &[WIDTH, 3 * WIDTH]),
                _ => ["attn_q", "attn_k", "attn_v"]
                    .iter()
                    .for_each(|name| both(name, &[WIDTH, WIDTH])),
            }
            both("attn_out", &[WIDTH, WIDTH]);
            both("ffn_up", &[WIDTH, MIDDLE]);
            both("ffn_down", &[MIDDLE, WIDTH]);
        }
        self.tensor(&format!("{prefix}.post_ln.weight"), &[WIDTH]);
        self.tensor(&format!("{prefix}.post_ln.bias"), &[WIDTH]);
    }

    fn patches(&mut self) {
        self.tensor("v.patch_embd.weight", &[PATCH, PATCH, 3, WIDTH]);
        self.tensor("v.patch_embd.bias", &[WIDTH]);
        self.tensor("v.position_embd.weight", &[WIDTH, (IMAGE / PATCH).pow(2)]);
    }

    fn gemma(&mut self, width: u32) {
        self.patches();
        self.tensor("mm.soft_emb_norm.weight", &[WIDTH]);
        self.tensor("mm.input_projection.weight", &[width, WIDTH]);
    }

    fn qwen(&mut self, width: u32) {
        self.patches();
        self.tensor("v.patch_embd.weight.1", &[PATCH, PATCH, 3, WIDTH]);
        let merged = 4 * WIDTH;
        for (number, shape) in [(0, [merged, merged]), (2, [merged, width])] {
            self.tensor(&format!("mm.{number}.weight"), &shape);
            self.tensor(&format!("mm.{number}.bias"), &shape[1..]);
        }
    }

    fn ear(&mut self, width: u32) {
        for (number, bands) in [(1, BANDS), (2, WIDTH)] {
            self.tensor(&format!("a.conv1d.{number}.weight"), &[3, bands, WIDTH]);
            self.tensor(&format!("a.conv1d.{number}.bias"), &[1, WIDTH]);
        }
        self.tensor("a.position_embd.weight", &[WIDTH, STEPS]);
        self.tensor("mm.a.fc.weight", &[WIDTH, width]);
        self.tensor("mm.a.fc.bias", &[width]);
    }

    fn tensor(&mut self, name: &str, shape: &[u32]) {
        let shape: Vec<u64> = shape.iter().map(|&length| length.into()).collect();
        let scales =
            name.ends_with("ln.weight") || name.contains("ln1.w") || name.contains("ln2.w");
        let (mean, spread) = match () {
            () if scales || name.contains("norm") => (1.0, 0.0),
            () if name.ends_with(".bias") => (0.0, 0.02),
            // A patch has many points, and all of them count.
            () if shape.len() > 2 => (0.0, 0.15),
            () => (0.0, 1.0 / (shape[0] as f32).sqrt()),
        };
        // llama.cpp folds over time in half precision alone.
        let folds = name.starts_with("a.conv1d") && name.ends_with(".weight");
        let kind = if folds { Kind::F16 } else { Kind::F32 };
        let noise = Noise {
            kind,
            rows: shape[1..].iter().product(),
            row: shape[0],
            spread,
            mean,
            quiet: 0,
            seed: noise::seed(self.seed, name),
        };
        let data = Data::Made(Arc::new(noise));
        self.writer.tensor(Tensor { name: name.to_owned(), shape, kind, data });
    }
}
