//! Feeds a model what a projector has made of a picture or a sound.
//!
//! In pieces where that may be; where every part sees all others, in one go.

use std::ops::Range;

use llama_cpp_sys_2 as sys;

use super::{Context, DecodeError, Sight};

impl Context<'_> {
    /// Reads some rows of what is encoded into a sequence, the first row of all at `position`. On
    /// any error the caller must cut the sequence back to what it held.
    pub(crate) fn show(
        &mut self,
        sequence: usize,
        position: usize,
        sight: &Sight,
        rows: Range<usize>,
    ) -> Result<(), DecodeError> {
        let fits = "positions and sequences are far below 2^31";
        let start = i32::try_from(position).expect(fits);
        let count = rows.len();
        // All first coordinates, then all second ones, and so on.
        let places: Vec<Vec<i32>> =
            rows.clone().map(|row| sight.shape().place(row, start)).collect();
        let axes = places.first().map_or(0, Vec::len);
        let mut positions: Vec<i32> =
            (0..axes).flat_map(|axis| places.iter().map(move |place| place[axis])).collect();
        let mut own = vec![i32::try_from(sequence).expect(fits)];
        let mut lists = vec![own.as_mut_ptr(); count];
        let mut counts = vec![1; count];
        let mut rated = vec![0; count];
        let numbers = sight.rows(rows);
        let batch = sys::llama_batch {
            n_tokens: i32::try_from(count).expect(fits),
            token: std::ptr::null_mut(),
            // Only read, whatever its type says.
            embd: numbers.as_ptr().cast_mut(),
            pos: positions.as_mut_ptr(),
            n_seq_id: counts.as_mut_ptr(),
            seq_id: lists.as_mut_ptr(),
            logits: rated.as_mut_ptr(),
        };
        // SAFETY: a live context; every list is as long as the batch says and outlives the call,
        // and no batch is longer than n_batch.
        let code = unsafe {
            let context = self.raw();
            if sight.at_once() {
                sys::llama_set_causal_attn(context, false);
            }
            let code = sys::llama_decode(context, batch);
            if sight.at_once() {
                sys::llama_set_causal_attn(context, true);
            }
            code
        };
        match code {
            0 => Ok(()),
            1 => Err(DecodeError::Full),
            2 => Err(DecodeError::Cancelled),
            code => Err(DecodeError::Code(code)),
        }
    }
}
