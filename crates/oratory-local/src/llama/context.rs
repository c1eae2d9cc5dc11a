//! Runs a model over several sequences of tokens at once, and can be stopped in mid-batch.
//!
//! It mirrors nothing: what each sequence holds is the caller's to remember. It does not choose
//! tokens; `sampler` does.

use std::ffi::c_void;
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;

use super::threads::Threads;
use super::{Batch, Model, Watch};

/// How a context is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Tokens each sequence holds.
    pub(crate) size: u32,
    /// Sequences.
    pub(crate) sequences: u32,
    /// The most tokens in one batch.
    pub(crate) batch: u32,
    pub(crate) threads: usize,
    /// How long they spin for the next piece of work, from 0 to 100.
    pub(crate) spin: u32,
    /// The most tokens in one batch whose followers are rated.
    pub(crate) rated: u32,
    pub(crate) attention: Attention,
    pub(crate) cells: Cells,
}

/// How attention is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attention {
    /// As llama.cpp thinks best.
    Auto,
    /// In one fused step.
    Flash,
    /// Step by step, which is faster on most processors.
    Plain,
}

/// How keys and values are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cells {
    F16,
    Q8,
}

/// Which part of a sequence's state is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// Only what cannot be cut: recurrent states and sliding windows.
    Uncuttable,
}

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

/// A model with memory for some sequences.
pub(crate) struct Context<'a> {
    raw: NonNull<sys::llama_context>,
    model: &'a Model,
    size: usize,
    // Freed after the context, which uses them.
    _threads: Option<Threads>,
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `llama_init_from_model` and is freed once.
        unsafe { sys::llama_free(self.raw.as_ptr()) };
    }
}

impl<'a> Context<'a> {
    /// Makes room; `None` if there is not enough memory.
    pub(crate) fn new(model: &'a Model, layout: &Layout, watch: &'a Watch) -> Option<Self> {
        let params = params(layout, watch);
        // SAFETY: the model and `watch` are borrowed for 'a, so both outlive the context.
        let raw = NonNull::new(unsafe { sys::llama_init_from_model(model.raw(), params) })?;
        // SAFETY: reads a live context. Asked again because llama.cpp rounds the size up.
        let size = unsafe { sys::llama_n_ctx_seq(raw.as_ptr()) }.min(layout.size) as usize;
        let threads = Threads::new(layout.threads, layout.spin);
        if let Some(threads) = &threads {
            // SAFETY: both are live, and `_threads` is dropped after the context is freed.
            unsafe {
                sys::llama_attach_threadpool(raw.as_ptr(), threads.raw(), threads.raw());
            }
        }
        Some(Self { raw, model, size, _threads: threads })
    }

    /// Returns how many tokens fit into a sequence.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    fn memory(&self) -> sys::llama_memory_t {
        // SAFETY: reads a live context.
        unsafe { sys::llama_get_memory(self.raw.as_ptr()) }
    }

    /// Forgets what a sequence holds from `length` on. `false` means that its state cannot be
    /// cut there, and nothing was changed.
    pub(crate) fn cut(&mut self, sequence: usize, length: usize) -> bool {
        let (sequence, at) = (number(sequence), number(length));
        // SAFETY: a live context; the caller's sequences exist; -1 means to the end.
        unsafe { sys::llama_memory_seq_rm(self.memory(), sequence, at, -1) }
    }

    /// Forgets everything a sequence holds.
    pub(crate) fn clear(&mut self, sequence: usize) {
        // SAFETY: as above; removing a whole sequence never fails.
        unsafe { sys::llama_memory_seq_rm(self.memory(), number(sequence), -1, -1) };
    }

    /// Returns the first position still held, which is not 0 in a sliding window; `None` if the
    /// sequence is empty.
    pub(crate) fn first_position(&self, sequence: usize) -> Option<usize> {
        // SAFETY: reads a live context.
        let first = unsafe { sys::llama_memory_seq_pos_min(self.memory(), number(sequence)) };
        usize::try_from(first).ok()
    }

    /// Runs a batch. On any error the caller must cut the sequences back to what they held.
    pub(crate) fn decode(&mut self, batch: &mut Batch) -> Result<(), DecodeError> {
        debug_assert!(batch.is_known_to(self.model.tokens()));
        // SAFETY: the raw batch points into `batch`, which outlives the call; it is not longer
        // than n_batch, and its sequences exist.
        let code = unsafe { sys::llama_decode(self.raw.as_ptr(), batch.raw()) };
        match code {
            0 => Ok(()),
            1 => Err(DecodeError::Full),
            2 => Err(DecodeError::Cancelled),
            code => Err(DecodeError::Code(code)),
        }
    }

    /// Returns how the model rates every token as the one after the token at `row` of the batch.
    pub(crate) fn logits(&mut self, row: usize) -> Result<&mut [f32], DecodeError> {
        // SAFETY: a live context; null if there are none for that row.
        let raw = unsafe { sys::llama_get_logits_ith(self.raw.as_ptr(), number(row)) };
        if raw.is_null() {
            return Err(DecodeError::Code(-1));
        }
        // SAFETY: llama.cpp keeps one float per token of the vocabulary there until the next
        // decode, which needs `&mut self` too.
        let logits = unsafe { std::slice::from_raw_parts_mut(raw, self.model.tokens()) };
        // The engine's own sampler would pick a token from NaN without a word. No early end to
        // the loop: so it runs over many numbers at a time.
        if logits.iter().fold(false, |nan, logit| nan | logit.is_nan()) {
            return Err(DecodeError::NotANumber);
        }
        Ok(logits)
    }

    /// Returns a copy of a sequence's state; empty if there is none.
    pub(crate) fn save(&mut self, sequence: usize, part: Part) -> Vec<u8> {
        let (sequence, flags) = (number(sequence), flags(part));
        // SAFETY: a live context and a sequence of it; the buffer is as long as asked for.
        unsafe {
            let raw = self.raw.as_ptr();
            let mut state = vec![0; sys::llama_state_seq_get_size_ext(raw, sequence, flags)];
            let (at, room) = (state.as_mut_ptr(), state.len());
            let wrote = sys::llama_state_seq_get_data_ext(raw, at, room, sequence, flags);
            state.truncate(wrote);
            state
        }
    }

    /// Puts a saved state into a sequence; `false` means that the sequence must be cleared.
    pub(crate) fn restore(&mut self, sequence: usize, part: Part, state: &[u8]) -> bool {
        let (raw, flags) = (self.raw.as_ptr(), flags(part));
        // SAFETY: a live context; llama.cpp reads no further than the length.
        let read = unsafe {
            let (at, length) = (state.as_ptr(), state.len());
            sys::llama_state_seq_set_data_ext(raw, at, length, number(sequence), flags)
        };
        read == state.len() && read > 0
    }

    /// Uses this many threads from the next batch on.
    pub(crate) fn use_threads(&mut self, threads: usize) {
        let threads = number(threads.max(1));
        // SAFETY: a live context; a pool larger than asked for leaves the rest asleep.
        unsafe { sys::llama_set_n_threads(self.raw.as_ptr(), threads, threads) };
    }
}

fn params(layout: &Layout, watch: &Watch) -> sys::llama_context_params {
    let threads = number(layout.threads.max(1));
    // SAFETY: plain data with no preconditions.
    let mut params = unsafe { sys::llama_context_default_params() };
    params.n_ctx = layout.size.saturating_mul(layout.sequences);
    params.n_batch = layout.batch;
    params.n_ubatch = layout.batch;
    params.n_seq_max = layout.sequences;
    // A token for each sequence is rated, and some more are where they are guessed ahead; room
    // for all of a batch would be hundreds of megabytes.
    params.n_outputs_max = layout.rated;
    params.n_threads = threads;
    params.n_threads_batch = threads;
    params.flash_attn_type = match layout.attention {
        Attention::Auto => sys::LLAMA_FLASH_ATTN_TYPE_AUTO,
        Attention::Flash => sys::LLAMA_FLASH_ATTN_TYPE_ENABLED,
        Attention::Plain => sys::LLAMA_FLASH_ATTN_TYPE_DISABLED,
    };
    let cells = match layout.cells {
        Cells::F16 => sys::GGML_TYPE_F16,
        Cells::Q8 => sys::GGML_TYPE_Q8_0,
    };
    (params.type_k, params.type_v) = (cells, cells);
    // A window holds only its end, which is less memory and less work; `lanes` keeps copies
    // of it where a prompt may be cut.
    params.swa_full = false;
    // Each sequence attends to itself only, so none pays for the length of the others.
    params.kv_unified = false;
    params.no_perf = true;
    params.abort_callback = Some(on_tick);
    params.abort_callback_data = std::ptr::from_ref(watch).cast_mut().cast();
    params
}

fn flags(part: Part) -> u32 {
    match part {
        Part::Whole => 0,
        // LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY, a macro that the bindings leave out.
        Part::Uncuttable => 1,
    }
}

fn number(value: usize) -> i32 {
    i32::try_from(value).expect("contexts, batches and sequences are far below 2^31")
}

/// Called by llama.cpp before each step of a computation; returns whether to stop.
unsafe extern "C" fn on_tick(data: *mut c_void) -> bool {
    // SAFETY: `Context::new` passes a `Watch` that outlives the context.
    let watch = unsafe { &*data.cast::<Watch>() };
    watch.tick();
    watch.stopped()
}
