//! The layers of a model that predict further ahead, as a context of their own.
//!
//! Each token comes with what the model knew before it. Where a model has no such layers, or
//! llama.cpp cannot run them, there is no such context.

use llama_cpp_sys_2 as sys;

use super::context::{Context, DecodeError, Layout};
use super::{Model, Token, Watch};

// llama.cpp keeps these in a C++ header that has no bindings: the names are those of the pinned
// version, and linking fails if they change.
unsafe extern "C" {
    #[link_name = "_Z26llama_set_embeddings_nextnP13llama_contextbb"]
    fn set_hidden(context: *mut sys::llama_context, wanted: bool, only_rated: bool);
    #[link_name = "_Z30llama_get_embeddings_nextn_ithP13llama_contexti"]
    fn hidden(context: *mut sys::llama_context, row: i32) -> *mut f32;
}

/// A token that was said, where, and what the model knew before it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) token: Token,
    pub(crate) position: usize,
    pub(crate) hidden: Vec<f32>,
}

/// After which tokens of a batch is kept what the model knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Rated,
    // Layers that look ahead compute all rows, and llama.cpp would hand out the first of them in
    // place of those that are rated.
    All,
}

impl Context<'_> {
    /// Makes the context keep what it knows after tokens.
    pub(crate) fn keep_hidden(&mut self, after: After) {
        // SAFETY: a live context; it holds from the next batch on.
        unsafe { set_hidden(self.raw(), true, after == After::Rated) };
    }

    /// Returns what the model knew after the token at `row` of the last batch, if it was kept.
    pub(crate) fn hidden(&mut self, row: usize) -> Option<Vec<f32>> {
        let width = self.model().width();
        // SAFETY: a live context; null if there is nothing for that row.
        let raw = unsafe { hidden(self.raw(), i32::try_from(row).ok()?) };
        // SAFETY: llama.cpp keeps a row of that width there until the next batch.
        (!raw.is_null()).then(|| unsafe { std::slice::from_raw_parts(raw, width) }.to_vec())
    }
}

/// The layers that look ahead, with a memory of their own for one text.
pub(crate) struct Ahead<'a> {
    context: Context<'a>,
    embeddings: Vec<f32>,
}

impl<'a> Ahead<'a> {
    /// Makes room; `None` if the model has no such layers, or there is not enough memory.
    pub(crate) fn new(model: &'a Model, layout: &Layout, watch: &'a Watch) -> Option<Self> {
        let mut context = Context::ahead(model, layout, watch)?;
        context.keep_hidden(After::All);
        Some(Self { context, embeddings: Vec::new() })
    }

    /// Returns how many tokens its memory holds.
    pub(crate) fn size(&self) -> usize {
        self.context.size()
    }

    /// Forgets everything from a position on.
    pub(crate) fn cut(&mut self, position: usize) {
        if !self.context.cut(0, position) {
            self.context.clear(0);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.context.clear(0);
    }

    /// Reads tokens; what follows the last of them is rated.
    pub(crate) fn read(&mut self, steps: &[Step]) -> Result<(), DecodeError> {
        self.embeddings.clear();
        let mut tokens: Vec<Token> = Vec::with_capacity(steps.len());
        let mut positions: Vec<sys::llama_pos> = Vec::with_capacity(steps.len());
        for step in steps {
            self.embeddings.extend_from_slice(&step.hidden);
            tokens.push(step.token);
            positions.push(i32::try_from(step.position).map_err(|_| DecodeError::Full)?);
        }
        if self.embeddings.len() != steps.len() * self.context.model().width() {
            return Err(DecodeError::Code(-1));
        }
        let count = i32::try_from(steps.len()).map_err(|_| DecodeError::Full)?;
        let mut rated: Vec<i8> = (1..=count).map(|at| i8::from(at == count)).collect();
        let batch = sys::llama_batch {
            n_tokens: count,
            token: tokens.as_mut_ptr(),
            embd: self.embeddings.as_mut_ptr(),
            pos: positions.as_mut_ptr(),
            // All belong to the first sequence.
            n_seq_id: std::ptr::null_mut(),
            seq_id: std::ptr::null_mut(),
            logits: rated.as_mut_ptr(),
        };
        // SAFETY: the batch points into lists that outlive the call, as long as it says.
        match unsafe { sys::llama_decode(self.context.raw(), batch) } {
            0 => Ok(()),
            1 => Err(DecodeError::Full),
            2 => Err(DecodeError::Cancelled),
            code => Err(DecodeError::Code(code)),
        }
    }

    /// Returns how every token is rated as the one after the last that was read.
    pub(crate) fn logits(&mut self, read: usize) -> Result<&mut [f32], DecodeError> {
        self.context.logits(read.saturating_sub(1))
    }

    /// Returns what these layers know after the last token that was read.
    pub(crate) fn hidden(&mut self, read: usize) -> Option<Vec<f32>> {
        self.context.hidden(read.saturating_sub(1))
    }
}
