//! Finds what is private, says how sensitive it is, and replaces it before text leaves home.
//!
//! This crate alone makes [`Masked`], and a remote place accepts nothing else. It sends nothing
//! itself.

mod body;
mod cards;
mod find;
mod mask;
mod overlaps;
mod patterns;
mod remote;
mod restore;
mod same;
mod tagging;

pub use body::above;
pub use find::{Finding, Kind, find, labels, shaped};
pub use mask::{Masked, mask};
pub use remote::RemotePlace;
pub use restore::Names;
pub use tagging::{Unready, ready};
