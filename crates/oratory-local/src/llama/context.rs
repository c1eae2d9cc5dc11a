//! Runs a model over one sequence of tokens, and can be stopped in the middle of a batch.
//!
//! It does not choose tokens; `sampler` does.

use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use llama_cpp_sys_2 as sys;

use super::{Model, Token};

/// Tokens computed in one go. More is hardly faster, and progress is told between batches.
const BATCH: usize = 512;

/// The running computation failed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum DecodeError {
    #[error("the work was cancelled")]
    Cancelled,
    #[error("there is no room left in the context")]
    Full,
    #[error("llama.cpp could not compute the next token (code {0})")]
    Code(i32),
    #[error("the model computed numbers that are not numbers (NaN)")]
    NotANumber,
}

/// Shared with the thread that listens: whether to stop, and proof that work goes on.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    running: AtomicU64,
    cancelled: AtomicU64,
    ticks: AtomicU64,
}

impl Watch {
    /// Notes which request is computed now; 0 means none. Numbers never repeat.
    pub(crate) fn begin(&self, number: u64) {
        self.running.store(number, Ordering::SeqCst);
    }

    /// Stops a request, whether it is running, or comes later.
    pub(crate) fn cancel(&self, number: u64) {
        self.cancelled.store(number, Ordering::SeqCst);
    }

    /// Says whether the request computed now was stopped.
    pub(crate) fn stopped(&self) -> bool {
        let running = self.running.load(Ordering::SeqCst);
        running != 0 && running == self.cancelled.load(Ordering::SeqCst)
    }

    /// Returns a number that grows as long as something is computed.
    pub(crate) fn ticks(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }

    pub(crate) fn tick(&self) {
        self.ticks.fetch_add(1, Ordering::Relaxed);
    }
}

/// A model with the memory of one sequence.
pub(crate) struct Context<'a> {
    raw: NonNull<sys::llama_context>,
    model: &'a Model,
    /// The tokens in memory, oldest first.
    held: Vec<Token>,
    size: usize,
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `llama_init_from_model` and is freed once.
        unsafe { sys::llama_free(self.raw.as_ptr()) };
    }
}

impl<'a> Context<'a> {
    /// Makes room for `size` tokens; `None` if there is not enough memory.
    pub(crate) fn new(
        model: &'a Model,
        size: u32,
        threads: usize,
        watch: &'a Watch,
    ) -> Option<Self> {
        let threads = i32::try_from(threads).unwrap_or(1).max(1);
        // SAFETY: plain data with no preconditions.
        let mut params = unsafe { sys::llama_context_default_params() };
        params.n_ctx = size;
        params.n_batch = BATCH as u32;
        params.n_ubatch = BATCH as u32;
        params.n_seq_max = 1;
        params.n_threads = threads;
        params.n_threads_batch = threads;
        // SAFETY: reads what was compiled in.
        if !unsafe { sys::llama_supports_gpu_offload() } {
            // On a CPU `auto` means on, and decoding was measured a third slower with it.
            params.flash_attn_type = sys::LLAMA_FLASH_ATTN_TYPE_DISABLED;
        }
        // Memory of a sliding window holds only its end, so a kept prefix would be wrong.
        params.swa_full = true;
        params.no_perf = true;
        params.abort_callback = Some(on_tick);
        params.abort_callback_data = std::ptr::from_ref(watch).cast_mut().cast();
        // SAFETY: the model and `watch` are borrowed for 'a, so both outlive the context.
        let raw = NonNull::new(unsafe { sys::llama_init_from_model(model.raw(), params) })?;
        // SAFETY: reads a live context. Asked again because llama.cpp rounds the size up.
        let size = unsafe { sys::llama_n_ctx(raw.as_ptr()) }.min(size) as usize;
        Some(Self { raw, model, held: Vec::new(), size })
    }

    /// Returns how many tokens fit.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Keeps what memory shares with `tokens` and forgets the rest; returns how many were kept.
    ///
    /// At least the last token is forgotten, because its logits are needed again. Where memory
    /// cannot be cut, as in recurrent models, everything goes.
    pub(crate) fn keep_prefix(&mut self, tokens: &[Token]) -> usize {
        let same = self.held.iter().zip(tokens).take_while(|(a, b)| a == b).count();
        let same = same.min(tokens.len().saturating_sub(1));
        self.cut(same)
    }

    /// Forgets everything.
    pub(crate) fn forget(&mut self) {
        self.cut(0);
    }

    fn cut(&mut self, length: usize) -> usize {
        let at = i32::try_from(length).expect("a context is shorter than 2^31");
        // SAFETY: a live context; sequence 0 exists; -1 means to the end.
        let done = length > 0
            && unsafe {
                let memory = sys::llama_get_memory(self.raw.as_ptr());
                sys::llama_memory_seq_rm(memory, 0, at, -1)
            };
        if !done {
            // SAFETY: a live context; clearing is always possible.
            unsafe { sys::llama_memory_clear(sys::llama_get_memory(self.raw.as_ptr()), true) };
        }
        self.held.truncate(if done { length } else { 0 });
        self.held.len()
    }

    /// Adds tokens to memory, in batches, calling `between` after each.
    pub(crate) fn feed(
        &mut self,
        tokens: &[Token],
        mut between: impl FnMut(usize),
    ) -> Result<(), DecodeError> {
        for batch in tokens.chunks(BATCH) {
            if self.held.len() + batch.len() > self.size {
                return Err(DecodeError::Full);
            }
            let before = self.held.len();
            if let Err(error) = self.decode(batch) {
                // Part of the batch may be in memory; what we hold must be what it holds.
                self.cut(before);
                return Err(error);
            }
            self.held.extend_from_slice(batch);
            between(self.held.len());
        }
        Ok(())
    }

    fn decode(&mut self, batch: &[Token]) -> Result<(), DecodeError> {
        let mut batch = batch.to_vec();
        let known = 0..self.model.tokens() as Token;
        debug_assert!(batch.iter().all(|token| known.contains(token)));
        let length = i32::try_from(batch.len()).expect("a batch is small");
        // SAFETY: the batch points into `batch`, which outlives the call and is not longer than
        // n_batch; positions follow on from memory, which `held` mirrors.
        let code = unsafe {
            let batch = sys::llama_batch_get_one(batch.as_mut_ptr(), length);
            sys::llama_decode(self.raw.as_ptr(), batch)
        };
        match code {
            0 => Ok(()),
            1 => Err(DecodeError::Full),
            2 => Err(DecodeError::Cancelled),
            code => Err(DecodeError::Code(code)),
        }
    }

    /// Returns how the model rates every token as the next one.
    pub(crate) fn logits(&mut self) -> Result<&mut [f32], DecodeError> {
        // SAFETY: a live context; -1 asks for the last token's, null if there are none.
        let raw = unsafe { sys::llama_get_logits_ith(self.raw.as_ptr(), -1) };
        if raw.is_null() {
            return Err(DecodeError::Code(-1));
        }
        // SAFETY: llama.cpp keeps one float per token of the vocabulary there until the next
        // decode, which needs `&mut self` too.
        let logits = unsafe { std::slice::from_raw_parts_mut(raw, self.model.tokens()) };
        // The engine's own sampler would pick a token from NaN without a word.
        if logits.iter().any(|logit| logit.is_nan()) {
            return Err(DecodeError::NotANumber);
        }
        Ok(logits)
    }
}

/// Called by llama.cpp before each step of a computation; returns whether to stop.
unsafe extern "C" fn on_tick(data: *mut c_void) -> bool {
    // SAFETY: `Context::new` passes a `Watch` that outlives the context.
    let watch = unsafe { &*data.cast::<Watch>() };
    watch.tick();
    watch.stopped()
}
