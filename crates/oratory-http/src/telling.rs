//! Keeps the meters true while an answer is told.
//!
//! Dropped before the end, it counts a caller who hung up.

use std::sync::Arc;
use std::time::Instant;

use oratory_contract::{Chunk, Failure};

use crate::router::House;

/// An answer being told.
pub(crate) struct Telling {
    house: Arc<House>,
    began: Instant,
    first: bool,
    over: bool,
}

impl Telling {
    pub(crate) fn begin(house: Arc<House>, began: Instant) -> Self {
        house.meters.began();
        Self { house, began, first: true, over: false }
    }

    /// Notes what is about to be told.
    pub(crate) fn note(&mut self, chunk: &Result<Chunk, Failure>) {
        let meters = &self.house.meters;
        if std::mem::take(&mut self.first) {
            meters.first_chunk(self.began.elapsed());
        }
        match chunk {
            Ok(Chunk::Done(done)) => meters.answered(done.usage),
            Ok(_) => return,
            Err(failure) => meters.failed(failure.kind),
        }
        self.over = true;
    }

    /// Ends without counting: somebody else counts this failure.
    pub(crate) fn counted_elsewhere(mut self) {
        self.over = true;
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        if !self.over {
            self.house.meters.hung_up();
        }
        self.house.meters.ended();
    }
}
