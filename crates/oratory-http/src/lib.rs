//! Serves Oratory to clients: listens, decodes their dialects, and encodes the answers.
//!
//! Decides nothing about a request; that is the pipeline's work.

mod arriving;
mod door;
mod failures;
mod health;
mod lingering;
mod loaded;
mod meters;
mod openai;
mod reading;
mod router;
mod serve;
mod traffic;

pub use door::Door;
pub use health::Check;
pub use loaded::Loaded;
pub use meters::{Meter, MeterKind};
pub use router::{Config, House};
pub use serve::{Limits, serve};
