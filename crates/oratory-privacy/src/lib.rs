//! Finds what is private, says how sensitive it is, and replaces it before text leaves home.
//!
//! This crate alone makes [`Masked`], and a remote place accepts nothing else. It sends nothing
//! itself.

mod cards;
mod find;
mod mask;
mod patterns;
mod remote;
mod restore;

pub use find::{Finding, Kind, find, labels};
pub use mask::{Masked, mask};
pub use remote::RemotePlace;
pub use restore::Names;
