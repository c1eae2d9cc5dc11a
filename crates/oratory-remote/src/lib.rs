//! Calls models at other places, one module per dialect, through one egress gate.
//!
//! Accepts only what `oratory-privacy` has masked, follows no redirect, and uses no proxy that
//! was not configured.

mod gate;
mod key;
mod openai;
mod place;
mod sse;

pub use gate::AddressError;
pub use key::Key;
pub use place::{Config, Place};
