//! A thin safe skin over llama.cpp: models, contexts, tokens, sampling.
//!
//! Only the worker process may use it: a bad file or a bug in there can end the process.
//! It knows no requests, templates or frames.

mod adapter;
mod ahead;
mod batch;
mod context;
mod log;
mod model;
mod projector;
mod sampler;
mod showing;
mod special;
mod text;
mod threads;
mod watch;

pub(crate) use adapter::Adapter;
pub(crate) use ahead::{After, Ahead, Step};
pub(crate) use batch::{Batch, Rate};
pub(crate) use context::{Attention, Cells, Context, DecodeError, Layout, Part, States};
pub(crate) use model::{Loading, Lock, Model, Repack, Token};
pub(crate) use projector::{
    Chunk, Percept, PerceptError, Projecting, Projector, Seen, Shape, Sight,
};
pub(crate) use sampler::{Choice, Sampler, Trust};
pub(crate) use text::Whole;
pub(crate) use watch::Watch;

use std::ffi::CStr;
use std::sync::Once;

use llama_cpp_sys_2 as sys;

/// Returns the version of llama.cpp that is compiled in.
pub(crate) fn version() -> &'static [u8] {
    // SAFETY: a static string that ends in zero.
    unsafe { CStr::from_ptr(sys::llama_version()) }.to_bytes()
}

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

/// Returns the graphics cards that this build can use; none where it was built for none.
pub(crate) fn cards() -> Vec<crate::hardware::Card> {
    // SAFETY: reads what was compiled in. Without cards no backend is started for the answer.
    if !unsafe { sys::llama_supports_gpu_offload() } {
        return Vec::new();
    }
    // SAFETY: devices below the count exist for as long as the process; the name ends in zero.
    unsafe {
        (0..sys::ggml_backend_dev_count())
            .map(|number| sys::ggml_backend_dev_get(number))
            .filter(|&device| {
                sys::ggml_backend_dev_type(device) == sys::GGML_BACKEND_DEVICE_TYPE_GPU
            })
            .map(|device| {
                let (mut free, mut total) = (0, 0);
                sys::ggml_backend_dev_memory(device, &raw mut free, &raw mut total);
                let name = std::ffi::CStr::from_ptr(sys::ggml_backend_dev_description(device));
                let name = name.to_string_lossy().into_owned();
                crate::hardware::Card { name, memory: total as u64, available: free as u64 }
            })
            .collect()
    }
}
