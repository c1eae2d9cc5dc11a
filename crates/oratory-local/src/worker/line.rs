//! The worker's end of the pipe to the supervisor.
//!
//! Two threads write to it; a frame is never torn.

use std::fs::File;
use std::sync::{Mutex, PoisonError, TryLockError};

use crate::machine;
use crate::protocol::{self, Report};

/// Where reports go.
pub(super) struct Line {
    out: Mutex<File>,
}

impl Line {
    pub(super) fn new(out: File) -> Self {
        Self { out: Mutex::new(out) }
    }

    /// Sends a report, waiting while the pipe is full. Without a reader the process ends.
    pub(super) fn send(&self, report: &Report) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if protocol::write(&mut *out, report).is_err() {
            machine::end_now(1);
        }
    }

    /// Sends a report unless another is being sent, which says as much as a pong.
    ///
    /// The listening thread must not wait here, or it could not hear a cancel.
    pub(super) fn offer(&self, report: &Report) {
        let mut out = match self.out.try_lock() {
            Ok(out) => out,
            Err(TryLockError::Poisoned(out)) => out.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if protocol::write(&mut *out, report).is_err() {
            machine::end_now(1);
        }
    }
}
