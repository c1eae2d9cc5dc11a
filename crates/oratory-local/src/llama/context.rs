//! Runs a model over several sequences of tokens at once, and can be stopped in mid-batch.
//!
//! It mirrors nothing: what each sequence holds is the caller's to remember. It does not choose
//! tokens; `sampler` does.

use std::ffi::c_void;
use std::path::Path;
use std::ptr::NonNull;
use std::rc::Rc;

use llama_cpp_sys_2 as sys;

use super::model::LoadError;
use super::threads::Threads;
use super::{Adapter, Batch, Model, Watch};
use crate::gguf::Pooling;

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
    pub(crate) states: States,
}

/// What is made of the state after each token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum States {
    /// Ratings of the next token. Each sequence has a memory of its own.
    Rated,
    /// They are handed out one by one. Sequences share one memory.
    Single,
    /// Those of a sequence become one. Sequences share one memory.
    Pooled(Pooling),
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
    /// Exact, to compare with what others compute.
    #[cfg(test)]
    F32,
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
    worn: Option<Rc<Adapter<'a>>>,
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
        Self::open(model, layout, watch, params(layout, watch))
    }

    /// Makes room for the model's layers that look ahead; `None` if it has none, too.
    pub(super) fn ahead(model: &'a Model, layout: &Layout, watch: &'a Watch) -> Option<Self> {
        let mut params = params(layout, watch);
        params.ctx_type = sys::LLAMA_CONTEXT_TYPE_MTP;
        Self::open(model, layout, watch, params)
    }

    fn open(
        model: &'a Model,
        layout: &Layout,
        _: &'a Watch,
        params: sys::llama_context_params,
    ) -> Option<Self> {
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
        Some(Self { raw, model, size, worn: None, _threads: threads })
    }

    /// Returns how many tokens fit into a sequence.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn raw(&self) -> *mut sys::llama_context {
        self.raw.as_ptr()
    }

    pub(super) fn model(&self) -> &'a Model {
        self.model
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

    /// Says whether batches hand out states from here on. While they do, every token of a batch
    /// counts as rated.
    pub(crate) fn hand_out_states(&mut self, yes: bool) {
        // SAFETY: a live context.
        unsafe { sys::llama_set_embeddings(self.raw.as_ptr(), yes) };
    }

    /// Returns the state after the token at `row` of the batch.
    pub(crate) fn state(&mut self, row: usize) -> Result<&[f32], DecodeError> {
        // SAFETY: a live context; null if there is none for that row.
        let raw = unsafe { sys::llama_get_embeddings_ith(self.raw.as_ptr(), number(row)) };
        self.numbers(raw, self.model.state_width())
    }

    /// Returns what the states of a sequence have become: a vector, or a rating for each class.
    pub(crate) fn pooled(
        &mut self,
        sequence: usize,
        pooling: Pooling,
    ) -> Result<&[f32], DecodeError> {
        // SAFETY: a live context; null if the batch held nothing of the sequence.
        let raw = unsafe { sys::llama_get_embeddings_seq(self.raw.as_ptr(), number(sequence)) };
        let length = match pooling {
            Pooling::Rank => self.model.classes(),
            Pooling::Mean | Pooling::First | Pooling::Last => self.model.state_width(),
        };
        self.numbers(raw, length)
    }

    fn numbers(&mut self, raw: *mut f32, length: usize) -> Result<&[f32], DecodeError> {
        if raw.is_null() {
            return Err(DecodeError::Code(-1));
        }
        // SAFETY: llama.cpp keeps as many floats there as the model's vectors are long, or as it
        // has classes, until the next decode, which needs `&mut self` too.
        let numbers = unsafe { std::slice::from_raw_parts(raw, length) };
        match numbers.iter().all(|number| number.is_finite()) {
            true => Ok(numbers),
            false => Err(DecodeError::NotANumber),
        }
    }

    /// Loads an adapter of the model. Here, because llama.cpp notes it with the model, where no
    /// other thread may look meanwhile: only contexts do.
    pub(crate) fn load_adapter(&mut self, path: &Path) -> Result<Adapter<'a>, LoadError> {
        Adapter::load(self.model, path)
    }

    /// Computes with this adapter, this strong, from the next batch on; `None` takes it off.
    pub(crate) fn wear(&mut self, adapter: Option<(Rc<Adapter<'a>>, f32)>) {
        let mut raw: Vec<_> = adapter.iter().map(|(adapter, _)| adapter.raw()).collect();
        let mut scales: Vec<f32> = adapter.iter().map(|(_, scale)| *scale).collect();
        // SAFETY: a live context; both lists are as long as said, and `worn` keeps the adapter
        // for as long as the context may look at it.
        unsafe {
            let (context, count) = (self.raw.as_ptr(), raw.len());
            sys::llama_set_adapters_lora(context, raw.as_mut_ptr(), count, scales.as_mut_ptr());
        }
        self.worn = adapter.map(|(adapter, _)| adapter);
    }

    /// Returns a copy of a sequence's state; empty if there is none.
    pub(crate) fn save(&mut self, sequence: usize, part: Part) -> Vec<u8> {
        let mut state = Vec::new();
        self.save_into(sequence, part, &mut state);
        state
    }

    /// Puts a copy of a sequence's state into `state`, whose memory is used again.
    pub(crate) fn save_into(&mut self, sequence: usize, part: Part, state: &mut Vec<u8>) {
        let (sequence, flags) = (number(sequence), flags(part));
        // SAFETY: a live context and a sequence of it; the buffer is as long as asked for.
        unsafe {
            let raw = self.raw.as_ptr();
            state.resize(sys::llama_state_seq_get_size_ext(raw, sequence, flags), 0);
            let (at, room) = (state.as_mut_ptr(), state.len());
            let wrote = sys::llama_state_seq_get_data_ext(raw, at, room, sequence, flags);
            state.truncate(wrote);
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
    let own = layout.states == States::Rated;
    params.n_ctx = layout.size.saturating_mul(if own { layout.sequences } else { 1 });
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
        #[cfg(test)]
        Cells::F32 => sys::GGML_TYPE_F32,
    };
    (params.type_k, params.type_v) = (cells, cells);
    // A window holds only its end, which is less memory and less work; `lanes` keeps copies
    // of it where a prompt may be cut.
    params.swa_full = false;
    // Each sequence attends to itself only, so none pays for the length of the others. Texts that
    // are only read come and go, and are of all lengths.
    params.kv_unified = !own;
    params.embeddings = !own;
    params.pooling_type = match layout.states {
        States::Rated | States::Single => sys::LLAMA_POOLING_TYPE_NONE,
        States::Pooled(Pooling::Mean) => sys::LLAMA_POOLING_TYPE_MEAN,
        States::Pooled(Pooling::First) => sys::LLAMA_POOLING_TYPE_CLS,
        States::Pooled(Pooling::Last) => sys::LLAMA_POOLING_TYPE_LAST,
        States::Pooled(Pooling::Rank) => sys::LLAMA_POOLING_TYPE_RANK,
    };
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
