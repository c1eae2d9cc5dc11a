//! Calls models at other places, one module per dialect, through one egress gate.
//!
//! Accepts only what `oratory-privacy` has masked, follows no redirect, and uses no proxy that
//! was not configured.

mod access;
mod anthropic;
mod aws_frames;
mod bedrock;
mod dialect;
mod errors;
mod fields;
mod frames;
mod gate;
mod gemini;
mod heard;
mod key;
mod limits;
pub mod near;
mod ollama;
mod openai;
mod place;
mod responses;
mod said;
mod schema;
mod shut;
mod sigv4;
mod sse;
mod talk;
mod unwritten;

pub use access::Access;
pub use dialect::Dialect;
pub use gate::AddressError;
pub use key::Key;
pub use place::{Config, Place};
pub use shut::Shut;
pub use sigv4::Signing;
