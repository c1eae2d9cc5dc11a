//! A streamed answer, chunk by chunk. Dropping it closes the connection.
//!
//! Holds the place's room for as long as the answer lasts.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use oratory_contract::{Chunk, Chunks, Failure};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::Endpoint;
use crate::frames::Frames;
use crate::heard::Heard;
use crate::said::Wrong;

/// How long the end of the body is waited for after the end of the answer.
const LAST_MOMENT: Duration = Duration::from_millis(2);

/// The largest streamed answer, in bytes: one that never ends must not take all memory.
const LARGEST: usize = 256 * 1024 * 1024;

struct Listening {
    place: Arc<Endpoint>,
    body: Incoming,
    frames: Frames,
    heard: Heard,
    received: usize,
    ready: VecDeque<Result<Chunk, Failure>>,
    over: bool,
    deadline: Instant,
    _room: OwnedSemaphorePermit,
}

/// Returns the chunks in the body of a streamed answer.
pub(super) fn chunks(
    place: Arc<Endpoint>,
    body: Incoming,
    heard: Heard,
    deadline: Instant,
    room: OwnedSemaphorePermit,
) -> Chunks {
    let listening = Listening {
        deadline,
        frames: place.speech.frames(),
        place,
        body,
        heard,
        received: 0,
        ready: VecDeque::new(),
        over: false,
        _room: room,
    };
    futures_util::stream::unfold(listening, |mut listening| async move {
        loop {
            if let Some(chunk) = listening.ready.pop_front() {
                return Some((chunk, listening));
            }
            if listening.over {
                return None;
            }
            listening.hear().await;
            if listening.over {
                listening.let_go().await;
            }
        }
    })
    .boxed()
}

impl Listening {
    async fn hear(&mut self) {
        let left = self.deadline.saturating_duration_since(Instant::now());
        // A place that always has something to say, such as that it lives, is never waited for.
        if left.is_zero() {
            return self.end(Err(self.place.late()));
        }
        let patience = self.place.silence.min(left);
        match tokio::time::timeout(patience, self.body.frame()).await {
            Err(_) if left < self.place.silence => self.end(Err(self.place.late())),
            Err(_) => self.end(Err(self.place.silent(patience))),
            Ok(Some(Ok(frame))) => {
                if let Ok(bytes) = frame.into_data() {
                    self.take_in(&bytes);
                }
            }
            Ok(Some(Err(error))) => self.end(Err(self.place.broke_off(&error.to_string()))),
            Ok(None) => self.close(),
        }
    }

    /// Waits a moment for the end of the body: a connection that has come to its end can serve
    /// the next request, and making a new one takes far longer.
    async fn let_go(&mut self) {
        let end = async { while let Some(Ok(_)) = self.body.frame().await {} };
        let _ = tokio::time::timeout(LAST_MOMENT, end).await;
    }

    fn take_in(&mut self, bytes: &Bytes) {
        self.received += bytes.len();
        let Self { place, frames, heard, .. } = self;
        let mut wrong = None;
        let pushed = frames.push(bytes, |event| {
            if wrong.is_none() && !heard.is_over() {
                wrong = place.speech.event(heard, event).err();
            }
        });
        self.ready.extend(self.heard.chunks.drain(..).map(Ok));
        if let Some(wrong) = wrong {
            self.end(Err(self.place.wrong(wrong)));
        } else if let Err(error) = pushed {
            self.end(Err(self.place.broke_off(&error.to_string())));
        } else if self.heard.is_over() {
            let done = self.heard.done().expect("an answer that is over has an end");
            self.end(Ok(Chunk::Done(done)));
        } else if self.received > LARGEST {
            self.end(Err(self.place.broke_off("it is larger than any answer may be")));
        }
    }

    /// Hears what the end of the body completes. Half an event is an answer that was cut.
    fn close(&mut self) {
        let Self { place, frames, heard, .. } = self;
        let mut wrong = None;
        let ended = frames.end(|event| wrong = place.speech.event(heard, event).err());
        self.ready.extend(self.heard.chunks.drain(..).map(Ok));
        self.end(match (wrong, ended, self.heard.done()) {
            (Some(wrong @ Wrong::Said(_)), ..) => Err(self.place.wrong(wrong)),
            (None, Ok(()), Some(done)) => Ok(Chunk::Done(done)),
            _ => Err(self.place.broke_off("the connection was closed")),
        });
    }

    fn end(&mut self, last: Result<Chunk, Failure>) {
        self.ready.push_back(last);
        self.over = true;
    }
}
