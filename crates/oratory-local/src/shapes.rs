//! Model files in the true shapes of real families, with random weights, made by this program.
//!
//! They say nothing sensible; they load, cost and fit as their originals do, so that the engine,
//! the memory plan and benchmarks can be checked without a download.

mod adapter;
mod attention;
mod bert;
mod draft;
mod experts;
mod gemma;
mod hybrid;
mod latent;
mod mix;
mod named;
mod noise;
mod projector;
mod vocabulary;

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use crate::gguf::Writer;
use draft::Draft;

pub use adapter::write_adapter;
pub use mix::Mix;
pub use named::{find, names};
pub use projector::{Senses, write_projector};
pub use vocabulary::word;

/// The network a shape is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Dense, with grouped heads: Llama and Mistral.
    Llama,
    /// Dense, with norms on keys and queries.
    Qwen3,
    /// Experts in every layer.
    Qwen3Moe,
    /// Gated delta nets, with attention in every fourth layer.
    Qwen35,
    /// As `Qwen35`, with experts.
    Qwen3Next,
    /// Sliding windows, but for every sixth layer.
    Gemma3,
    /// Layers that share keys and values, and a small embedding for each.
    Gemma3n,
    /// Experts, attention sinks, sliding windows in every other layer.
    GptOss,
    /// Experts, and keys and values compressed together.
    DeepSeek2,
    /// Dense, with queries, keys and values in one tensor.
    Phi3,
    /// Encodes text with learned positions.
    Bert,
    /// Encodes text with rotary positions.
    NomicBert,
}

impl Family {
    /// Returns the name that model files use.
    pub fn architecture(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen3 => "qwen3",
            Self::Qwen3Moe => "qwen3moe",
            Self::Qwen35 => "qwen35",
            Self::Qwen3Next => "qwen3next",
            Self::Gemma3 => "gemma3",
            Self::Gemma3n => "gemma3n",
            Self::GptOss => "gpt-oss",
            Self::DeepSeek2 => "deepseek2",
            Self::Phi3 => "phi3",
            Self::Bert => "bert",
            Self::NomicBert => "nomic-bert",
        }
    }
}

/// What a made model is, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Its name.
    pub name: String,
    /// The network.
    pub family: Family,
    /// Layers, without those that predict further ahead.
    pub layers: u32,
    /// The width of the residual stream.
    pub width: u32,
    /// Heads of attention.
    pub heads: u32,
    /// Heads of keys and values.
    pub heads_kv: u32,
    /// The width of one head.
    pub head: u32,
    /// The width of the feed-forward network of dense layers.
    pub feed_forward: u32,
    /// Experts, where the family has them.
    pub experts: Experts,
    /// Compressed keys and values, where the family has them.
    pub latent: Latent,
    /// Delta nets, where the family has them.
    pub recurrent: Recurrent,
    /// Tokens that a layer with a sliding window sees.
    pub window: u32,
    /// Tokens the model was trained to hold.
    pub context: u32,
    /// Tokens in the vocabulary.
    pub vocabulary: u32,
    /// Whether the embedding is the output too.
    pub tied: bool,
    /// Layers that predict further ahead.
    pub ahead: u32,
    /// What it does with texts instead of writing them.
    pub reads: Reads,
    /// How the weights are stored.
    pub mix: Mix,
    /// Where the random numbers start.
    pub seed: u64,
}

/// What a model does with texts instead of writing them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reads {
    /// Nothing: it writes.
    No,
    /// It turns them into vectors.
    Embeds,
    /// It rates them.
    Ranks,
}

/// Experts of a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Experts {
    /// How many there are.
    pub count: u32,
    /// How many each token uses.
    pub used: u32,
    /// The width of one.
    pub feed_forward: u32,
    /// How many every token uses besides.
    pub shared: u32,
    /// Layers at the beginning that have none.
    pub dense_layers: u32,
}

/// Keys and values that are stored compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latent {
    /// The rank of queries; 0 leaves them whole.
    pub query: u32,
    /// The rank of keys and values.
    pub rank: u32,
    /// The rotated part of a head.
    pub rotated: u32,
}

/// A gated delta net.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recurrent {
    /// The width of one head.
    pub state: u32,
    /// Heads of keys.
    pub key_heads: u32,
    /// Heads of values.
    pub value_heads: u32,
}

/// Writes a model of this shape to `path`; equal shapes give equal bytes.
pub fn write(shape: &Shape, path: &Path) -> io::Result<()> {
    compile(shape).write(BufWriter::with_capacity(1 << 20, File::create(path)?))
}

/// Writes a file that claims this shape and holds only zeros, at no cost of disk.
#[cfg(test)]
pub(crate) fn write_hollow(shape: &Shape, path: &Path) -> io::Result<()> {
    compile(shape).hollow().write(File::create(path)?)
}

fn compile(shape: &Shape) -> Writer {
    let mut draft = Draft::new(shape);
    match shape.family {
        Family::Llama | Family::Qwen3 | Family::Phi3 => attention::put(&mut draft),
        Family::Qwen3Moe | Family::GptOss => experts::put(&mut draft),
        Family::Qwen35 | Family::Qwen3Next => hybrid::put(&mut draft),
        Family::Gemma3 | Family::Gemma3n => gemma::put(&mut draft),
        Family::DeepSeek2 => latent::put(&mut draft),
        Family::Bert | Family::NomicBert => bert::put(&mut draft),
    }
    draft.finish()
}
