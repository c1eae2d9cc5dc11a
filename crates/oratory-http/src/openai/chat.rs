//! A chat completion, told whole or as server-sent events.
//!
//! Several answers to one prompt are told beside each other, each with its number.

mod pieces;
mod whole;

use axum::response::Response;
use oratory_contract::{Chunk, Failure, Usage};

use self::pieces::Writer;
pub(super) use self::whole::Completion;
use crate::answers::{Gathered, Head};
use crate::dialect::Dialect;
use crate::failures;
use crate::rejected::Rejected;
use crate::teller::Teller;

/// Tells chat completions.
pub(crate) struct Chat {
    /// Whether a stream tells at its end what it took.
    usage: bool,
    /// Whether it tells how likely tokens were.
    chances: bool,
    /// What all answers took so far.
    took: Vec<Usage>,
    writer: Option<Writer>,
}

impl Chat {
    pub(super) fn new(usage: bool, chances: bool) -> Self {
        Self { usage, chances, took: Vec::new(), writer: None }
    }
}

impl Teller for Chat {
    fn begin(&mut self, head: &Head, _: &mut Vec<u8>) {
        self.writer = Some(Writer::new(head, self.chances));
    }

    fn piece(&mut self, at: usize, chunk: Chunk, out: &mut Vec<u8>) {
        if let Chunk::Done(done) = &chunk {
            self.took.push(done.usage);
        }
        if let Some(writer) = &mut self.writer {
            writer.piece(at, chunk, out);
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if let (Some(writer), true) = (&self.writer, self.usage) {
            writer.usage(crate::answers::together(self.took.drain(..)), out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn failure(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        told_failure(failure, out);
    }

    fn whole(self, head: &Head, answers: Vec<Gathered>) -> Result<Response, Rejected> {
        Ok(whole::response(head, &answers))
    }
}

/// Writes a failure as an event that clients raise as an error.
pub(super) fn told_failure(failure: &Failure, out: &mut Vec<u8>) {
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(&failures::body(Dialect::OpenAi, failure, None));
    out.extend_from_slice(b"\n\n");
}
