//! What a dialect must be able to do with answers: tell them whole, or piece by piece.
//!
//! `events` sends the pieces; here is only what is said.

use axum::response::Response;
use oratory_contract::{Chunk, Failure};

use crate::answers::{Gathered, Head};
use crate::rejected::Rejected;

/// Tells answers in one dialect. One that only ever tells whole ones needs no more than `whole`.
pub(crate) trait Teller: Send + 'static {
    /// The content type of an answer that is told as it comes.
    const PIECES: &'static str = "text/event-stream";
    /// What is sent while there is nothing to say yet, if anything may be.
    const WAITING: &'static [u8] = b": still at it\n\n";

    /// Writes what comes before everything else.
    fn begin(&mut self, _head: &Head, _out: &mut Vec<u8>) {}

    /// Writes a piece of the answer with this number.
    fn piece(&mut self, _at: usize, _chunk: Chunk, _out: &mut Vec<u8>) {}

    /// Writes what comes after every answer has ended.
    fn end(&mut self, _out: &mut Vec<u8>) {}

    /// Writes that there will be no more, and why; nothing follows.
    fn failure(&mut self, _failure: &Failure, _out: &mut Vec<u8>) {}

    /// Writes that it still goes on.
    fn pulse(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(Self::WAITING);
    }

    /// Returns the response that tells them whole.
    fn whole(self, head: &Head, answers: Vec<Gathered>) -> Result<Response, Rejected>;
}

/// Writes a server-sent event.
pub(crate) fn event(out: &mut Vec<u8>, name: Option<&str>, data: &impl serde::Serialize) {
    if let Some(name) = name {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(b"data: ");
    serde_json::to_writer(&mut *out, data).expect("writing to memory cannot fail");
    out.extend_from_slice(b"\n\n");
}
