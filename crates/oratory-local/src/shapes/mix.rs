//! Which tensor is stored how, as llama.cpp's quantiser decides.
//!
//! Looks at names and sizes only.

use crate::gguf::Kind;

/// How a model's weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mix {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// 8 bits.
    Q8_0,
    /// 4 bits.
    Q4_0,
    /// 4 bits, with more for what matters more.
    Q4KM,
    /// 4-bit floats for experts, 8 bits for the rest.
    Mxfp4,
}

impl Mix {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::F32, Self::F16, Self::Q8_0, Self::Q4_0, Self::Q4KM, Self::Mxfp4];

    /// Returns its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Q8_0 => "Q8_0",
            Self::Q4_0 => "Q4_0",
            Self::Q4KM => "Q4_K_M",
            Self::Mxfp4 => "MXFP4",
        }
    }

    /// Returns the number of `general.file_type`.
    pub(super) fn file_type(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::F16 => 1,
            Self::Q4_0 => 2,
            Self::Q8_0 => 7,
            Self::Q4KM => 15,
            Self::Mxfp4 => 38,
        }
    }

    /// Returns how a tensor is stored; `place` is its layer and how many layers have its like.
    pub(super) fn kind(self, name: &str, shape: &[u64], tied: bool, place: (u32, u32)) -> Kind {
        if shape.len() == 1 || STAYS.iter().any(|part| name.contains(part)) {
            return Kind::F32;
        }
        if WIDE.iter().any(|part| name.contains(part)) {
            return if shape[0] >= 32 { Kind::F16 } else { Kind::F32 };
        }
        let output = name == "output.weight" || (tied && name == "token_embd.weight");
        let wanted = match self {
            Self::F32 => Kind::F32,
            Self::F16 => Kind::F16,
            Self::Q8_0 => Kind::Q8_0,
            Self::Q4_0 if output => Kind::Q6K,
            Self::Q4_0 => Kind::Q4_0,
            Self::Q4KM if output || (gets_more(name) && more_bits(place)) => Kind::Q6K,
            Self::Q4KM if name.contains("attn_qkv") => Kind::Q5K,
            Self::Q4KM => Kind::Q4K,
            Self::Mxfp4 if shape.len() == 3 => Kind::Mxfp4,
            Self::Mxfp4 => Kind::Q8_0,
        };
        fitting(wanted, shape[0])
    }
}

/// What is never quantised.
const STAYS: [&str; 8] = [
    "norm",
    "ffn_gate_inp",
    "ssm_conv1d",
    ".bias",
    "token_types",
    "position_embd",
    "rope_f",
    "cls.output",
];

/// What is stored in 16 bits whatever the rest is in.
const WIDE: [&str; 3] = ["altup", "laurel", "per_layer_model_proj"];

fn gets_more(name: &str) -> bool {
    name.contains("attn_v.") || name.contains("ffn_down")
}

fn more_bits((layer, layers): (u32, u32)) -> bool {
    layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2
}

/// Returns `wanted`, or what stands in for it where rows do not fill its blocks.
fn fitting(wanted: Kind, row: u64) -> Kind {
    let fits = |kind: Kind| row.is_multiple_of(kind.block_elements());
    let smaller = match wanted {
        Kind::Q4K => Kind::Q5_0,
        Kind::Q5K => Kind::Q5_1,
        Kind::Q6K => Kind::Q8_0,
        other => other,
    };
    match (fits(wanted), fits(smaller)) {
        (true, _) => wanted,
        (_, true) => smaller,
        _ => Kind::F16,
    }
}
