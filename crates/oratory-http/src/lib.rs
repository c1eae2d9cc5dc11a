//! Serves Oratory to clients: listens, decodes their dialects, and encodes the answers.
//!
//! Decides nothing about a request; that is the pipeline's work.

mod answers;
mod anthropic;
mod arriving;
mod asking;
mod base64;
mod batches;
mod changes;
mod clock;
mod dialect;
mod door;
mod events;
mod failures;
mod folder;
mod health;
mod inputs;
mod lingering;
mod listed;
mod loaded;
mod loose;
mod manners;
mod media;
mod meters;
mod misread;
mod models;
mod ollama;
mod openai;
mod openapi;
mod outflow;
mod packing;
mod reading;
mod rejected;
mod router;
mod serve;
mod shape;
mod shortening;
mod teller;
mod telling;
mod tools;
mod traffic;
mod unread;

pub use changes::{Changes, Doing, Making, Material, Progress};
pub use door::{Door, Keyless};
pub use health::Check;
pub use loaded::Loaded;
pub use manners::{Origins, Served};
pub use meters::{Meter, MeterKind};
pub use router::{Config, Detect, House, description};
pub use serve::{Limits, Listen, serve};
