//! Tokens of several sequences that are computed in one go.
//!
//! Kept from step to step, so that nothing is allocated per token.

use llama_cpp_sys_2 as sys;

use super::Token;

/// A batch being put together. Sequences must be added in rising order, for then those with
/// equally many tokens are computed together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    tokens: Vec<Token>,
    positions: Vec<sys::llama_pos>,
    sequences: Vec<sys::llama_seq_id>,
    counts: Vec<i32>,
    lists: Vec<*mut sys::llama_seq_id>,
    rated: Vec<i8>,
}

/// Whether the chances after a token are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rate {
    Yes,
    No,
}

impl Batch {
    pub(crate) fn clear(&mut self) {
        self.tokens.clear();
        self.positions.clear();
        self.sequences.clear();
        self.rated.clear();
    }

    /// Adds a token and returns its row.
    pub(crate) fn add(
        &mut self,
        sequence: usize,
        position: usize,
        token: Token,
        rate: Rate,
    ) -> usize {
        let fits = "positions and sequences are far below 2^31";
        self.tokens.push(token);
        self.positions.push(i32::try_from(position).expect(fits));
        self.sequences.push(i32::try_from(sequence).expect(fits));
        self.rated.push(i8::from(rate == Rate::Yes));
        self.tokens.len() - 1
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn is_known_to(&self, vocabulary: usize) -> bool {
        self.tokens.iter().all(|token| usize::try_from(*token).is_ok_and(|t| t < vocabulary))
    }

    /// Returns the batch as C sees it; good until the next change.
    pub(super) fn raw(&mut self) -> sys::llama_batch {
        self.counts.resize(self.tokens.len(), 1);
        self.lists.clear();
        self.lists.extend(self.sequences.iter_mut().map(std::ptr::from_mut));
        sys::llama_batch {
            n_tokens: i32::try_from(self.tokens.len()).expect("a batch is small"),
            token: self.tokens.as_mut_ptr(),
            embd: std::ptr::null_mut(),
            pos: self.positions.as_mut_ptr(),
            n_seq_id: self.counts.as_mut_ptr(),
            seq_id: self.lists.as_mut_ptr(),
            logits: self.rated.as_mut_ptr(),
        }
    }
}
