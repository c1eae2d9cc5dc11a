//! Model files in the GGUF format: checks a header before any engine sees it, and writes files.
//!
//! Plain safe Rust. It never loads weights, and it never allocates by a length that the file
//! claims: every claim is compared with the bytes that are really there.

mod damage;
mod network;
mod projector;
mod read;
mod source;
mod tensors;
mod types;
mod write;

pub use damage::{Damage, GgufError};
pub use network::{Head, Network, Pooling, Recurrent, Windows};
pub use projector::{Encoder, Projector};
pub use read::{Adapter, Facts, check, read};
pub use tensors::Weight;
pub use types::Kind;
pub use write::{Data, Field, Fill, Tensor, Writer};

/// The four bytes every GGUF file begins with.
const MAGIC: [u8; 4] = *b"GGUF";

/// Where tensor data is aligned to if the file does not say.
const DEFAULT_ALIGNMENT: u64 = 32;

/// The most layers llama.cpp has room for; one more aborts its process.
const MAX_BLOCKS: u64 = 512;

/// The most experts llama.cpp has room for in a layer.
const MAX_EXPERTS: u32 = 1024;

/// Rounds `value` up to a multiple of `alignment`, a power of two; `None` on overflow.
fn pad(value: u64, alignment: u64) -> Option<u64> {
    Some(value.checked_add(alignment - 1)? & !(alignment - 1))
}
