//! The threads a context computes on, kept from one batch to the next.
//!
//! Without them llama.cpp starts new threads for every batch.

use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;

/// A pool of threads.
pub(super) struct Threads(NonNull<sys::ggml_threadpool>);

impl Drop for Threads {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `ggml_threadpool_new` and is freed once.
        unsafe { sys::ggml_threadpool_free(self.0.as_ptr()) };
    }
}

impl Threads {
    /// Starts the threads, which spin for their next piece of work so long (0 to 100) before they
    /// sleep; `None` if one is enough or the system has no more.
    pub(super) fn new(count: usize, spin: u32) -> Option<Self> {
        let count = i32::try_from(count).ok().filter(|count| (2..=512).contains(count))?;
        // SAFETY: plain data with no preconditions, and a pointer to a live local.
        let raw = unsafe {
            let mut params = sys::ggml_threadpool_params_default(count);
            params.poll = spin;
            sys::ggml_threadpool_new(&raw mut params)
        };
        NonNull::new(raw).map(Self)
    }

    pub(super) fn raw(&self) -> *mut sys::ggml_threadpool {
        self.0.as_ptr()
    }
}
