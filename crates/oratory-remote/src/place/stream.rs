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
use crate::openai::Heard;
use crate::sse::Events;

/// How long the end of the body is waited for after the end of the answer.
const LAST_MOMENT: Duration = Duration::from_millis(2);

struct Listening {
    place: Arc<Endpoint>,
    body: Incoming,
    events: Events,
    heard: Heard,
    ready: VecDeque<Result<Chunk, Failure>>,
    over: bool,
    deadline: Instant,
    _room: OwnedSemaphorePermit,
}

/// Returns the chunks in the body of a streamed answer.
pub(super) fn chunks(
    place: Arc<Endpoint>,
    body: Incoming,
    limit: Duration,
    room: OwnedSemaphorePermit,
) -> Chunks {
    let listening = Listening {
        deadline: Instant::now() + limit,
        place,
        body,
        events: Events::default(),
        heard: Heard::default(),
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
            Ok(None) => {
                let end = self.heard.done().map(Chunk::Done);
                self.end(end.ok_or_else(|| self.place.broke_off("the connection was closed")));
            }
        }
    }

    /// Waits a moment for the end of the body: a connection that has come to its end can serve
    /// the next request, and making a new one takes far longer.
    async fn let_go(&mut self) {
        let end = async { while let Some(Ok(_)) = self.body.frame().await {} };
        let _ = tokio::time::timeout(LAST_MOMENT, end).await;
    }

    fn take_in(&mut self, bytes: &Bytes) {
        let Self { place, events, heard, ready, .. } = self;
        let mut finished = false;
        let pushed = events.push(bytes, |payload| {
            finished |= payload == b"[DONE]";
            match heard.event(&place.card.name, payload) {
                Ok(Some(text)) => ready.push_back(Ok(Chunk::Text(text))),
                Ok(None) => {}
                Err(failure) => ready.push_back(Err(failure)),
            }
        });
        if let Err(oversize) = pushed {
            let failure = self.place.broke_off(&oversize.to_string());
            self.end(Err(failure));
        } else if let Some(failed) = self.ready.iter().position(Result::is_err) {
            self.ready.truncate(failed + 1);
            self.over = true;
        } else if finished {
            let done = self.heard.done().expect("the end mark has just been heard");
            self.end(Ok(Chunk::Done(done)));
        }
    }

    fn end(&mut self, last: Result<Chunk, Failure>) {
        self.ready.push_back(last);
        self.over = true;
    }
}
