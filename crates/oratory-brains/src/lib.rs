//! Small trained models that run in plain Rust, in the caller's thread, from bytes they are given.
//!
//! No engine, no files, no network and no clock: a model is a verified run of bytes, and what it
//! finds depends on the text alone. Training lives in `oratory-train`, which no product needs.

pub mod artefact;
pub mod embed;
pub mod predictor;
pub mod shipped;
pub mod sureness;
pub mod tagger;
