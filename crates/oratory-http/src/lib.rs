//! Serves Oratory to clients: listens, decodes their dialects, and encodes the answers.
//!
//! Decides nothing about a request; that is the pipeline's work.

mod door;
mod failures;
mod health;
mod meters;
mod openai;
mod router;
mod serve;

pub use door::Door;
pub use health::Check;
pub use router::{Config, House};
pub use serve::{Limits, serve};
