//! Suites of cases with known answers, and how an answer is scored.
//!
//! Nothing here runs a model, reads a file or keeps time.

pub mod everyday;
pub mod replay;
