//! Finds what is private, says how sensitive it is, and replaces it before text leaves home.
//!
//! This crate alone makes [`Masked`], and a remote place accepts nothing else. It sends nothing
//! itself.

mod across;
mod banks;
mod body;
mod cards;
mod checks;
mod context;
mod cues;
mod custom;
mod dates;
mod digits;
mod disguise;
mod documents;
mod find;
mod found;
mod iban;
mod kind;
mod mask;
mod national;
mod network;
mod numbers;
mod overlaps;
mod phone;
mod positions;
mod remote;
mod request;
mod restore;
mod run;
mod same;
mod scan;
mod secrets;
mod stream;
mod tagging;
mod wallets;
mod web;

pub use across::find_across;
pub use body::above;
pub use custom::{Custom, CustomError, Description};
pub use find::{Finding, find, find_with, labels, labels_with, shaped, shaped_with};
pub use found::Found;
pub use kind::{Kind, Own};
pub use mask::{Masked, mask, mask_text};
pub use remote::RemotePlace;
pub use request::{labels_of, opening};
pub use restore::Names;
pub use stream::{Seen, Stream};
pub use tagging::{Unready, ready};
