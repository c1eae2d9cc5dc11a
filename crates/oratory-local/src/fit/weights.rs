//! Which weights are copied into another order, and how many bytes a token reads.
//!
//! Knows tensors by name, type and shape.

use crate::gguf::{Facts, Weight};

/// Types that llama.cpp can repack, by number: Q4_0, Q4_K, IQ4_NL, MXFP4.
const EVERYWHERE: [u32; 4] = [2, 12, 20, 39];
/// And on processors of the Arm kind also: Q8_0, Q5_K, Q6_K.
const ARM: [u32; 3] = [8, 13, 14];

/// Which weights llama.cpp copies into an order that its kernels like better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repack {
    /// None.
    Off,
    /// Those that processors with AVX2 have kernels for.
    X86,
    /// Those that processors of the Arm kind have kernels for.
    Arm,
}

impl Repack {
    /// Returns what happens on this machine. What a graphics card computes is not repacked.
    pub fn here() -> Self {
        match std::env::consts::ARCH {
            "x86_64" => Self::X86,
            "aarch64" if cfg!(not(target_os = "macos")) => Self::Arm,
            _ => Self::Off,
        }
    }

    fn takes(self, kind: u32) -> bool {
        match self {
            Self::Off => false,
            Self::X86 => EVERYWHERE.contains(&kind),
            Self::Arm => EVERYWHERE.contains(&kind) || ARM.contains(&kind),
        }
    }
}

/// Returns the bytes of weights that are copied.
pub(super) fn repacked(facts: &Facts, repack: Repack) -> u64 {
    let copied = facts.weights.iter().filter(|weight| {
        repack.takes(weight.kind) && is_multiplied(weight) && weight.shape[1].is_multiple_of(8)
    });
    let tied = !facts.weights.iter().any(|weight| weight.name == "output.weight");
    // A tied embedding is looked up in the file and multiplied in the copy.
    let twice = facts
        .weights
        .iter()
        .filter(|weight| tied && weight.name == "token_embd.weight" && repack.takes(weight.kind));
    copied.chain(twice).fold(0, |sum, weight| sum.saturating_add(weight.bytes))
}

/// Says whether a weight is multiplied as a matrix, or as the matrices of experts.
fn is_multiplied(weight: &Weight) -> bool {
    let name = &weight.name;
    let looked_up = name.contains("token_embd") || name.contains("token_types");
    match weight.shape.len() {
        2 => !looked_up,
        3 => name.contains("_exps"),
        _ => false,
    }
}

/// Returns the bytes of weights that computing one more token reads: of experts those used, of
/// the embedding one row.
pub fn active_bytes(facts: &Facts) -> u64 {
    let (count, used) = facts.network.experts;
    let tied = !facts.weights.iter().any(|weight| weight.name == "output.weight");
    let layers = facts.network.layers;
    facts.weights.iter().fold(0_u64, |sum, weight| {
        let name = &weight.name;
        let bytes = if name.contains("_exps") && count > 0 {
            (u128::from(weight.bytes) * u128::from(used) / u128::from(count)) as u64
        } else if name.contains("token_embd") && !(tied && name == "token_embd.weight") {
            0
        } else if layer(name).is_some_and(|number| number >= layers) {
            // Layers that predict further ahead are not run.
            0
        } else {
            weight.bytes
        };
        sum.saturating_add(bytes)
    })
}

fn layer(name: &str) -> Option<u32> {
    name.strip_prefix("blk.")?.split('.').next()?.parse().ok()
}
