//! A thin safe skin over llama.cpp: models, contexts, tokens, sampling.
//!
//! Only the worker process may use it: a bad file or a bug in there can end the process.
//! It knows no requests, templates or frames.

mod context;
mod log;
mod model;
mod sampler;
mod text;

pub(crate) use context::{Context, DecodeError, Watch};
pub(crate) use model::{Model, Token};
pub(crate) use sampler::Sampler;
pub(crate) use text::Whole;

use std::sync::Once;

use llama_cpp_sys_2 as sys;

/// Proof that llama.cpp is ready; it may only be started once in a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backend(());

impl Backend {
    /// Starts llama.cpp if that has not happened, and takes over its log.
    pub(crate) fn start() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            log::capture();
            // SAFETY: `Once` keeps this to a single call, which is all it asks for.
            unsafe { sys::llama_backend_init() };
        });
        Self(())
    }
}
