//! The embedded engine: llama.cpp in supervised worker processes, and the model files here.
//!
//! Inference never runs in the server's process: a model file can end the process that loads
//! it. This crate holds all of the product's `unsafe`; it knows no policy and no dialect.

pub mod energy;
pub mod fit;
pub mod gguf;
pub mod hardware;
pub mod shapes;
pub mod story;
pub mod worker;

mod adapter;
mod built_in;
mod catalog;
mod constraint;
mod engine;
mod llama;
mod machine;
mod picture;
mod prompt;
mod protocol;
mod purpose;
mod sight;
mod sound;
mod speech;
mod supervisor;
mod template;
mod tune;

pub use built_in::BuiltIn;
pub use catalog::{ModelFile, Register, Registered, model_files, model_name, model_names};
pub use engine::{Config, Draft, Drafts, Engine, Guess, Known};
pub use machine::{free_space, memory};
pub use supervisor::{Program, WorkerInfo, WorkerState};
pub use tune::{Tuned, Use};
