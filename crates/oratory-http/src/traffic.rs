//! What one connection is doing: how many requests are under way, and their bodies.
//!
//! Counts at the edges of hyper's service, so that no handler has to. Costs a request two
//! counters and nothing else.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio_util::sync::CancellationToken;

use crate::Limits;

/// What one connection is doing.
pub(crate) struct Traffic {
    pub(crate) limits: Limits,
    pub(crate) stop: CancellationToken,
    began: AtomicU64,
    ended: AtomicU64,
    unread: AtomicBool,
}

impl Traffic {
    pub(crate) fn new(limits: Limits, stop: CancellationToken) -> Arc<Self> {
        let (began, ended) = (AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(Self { limits, stop, began, ended, unread: AtomicBool::new(false) })
    }

    /// Notes a request, which is under way until the guard is gone.
    pub(crate) fn begin(self: Arc<Self>) -> UnderWay {
        self.began.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    /// Returns how many requests have been answered so far; `None` while one is under way.
    pub(crate) fn quiet(&self) -> Option<u64> {
        let ended = self.ended.load(Ordering::Acquire);
        (self.began.load(Ordering::Relaxed) == ended).then_some(ended)
    }

    /// Notes that a request was answered before all of its body had come.
    pub(crate) fn leave_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    /// Whether something the client sent, or still sends, will never be read.
    pub(crate) fn left_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }

    /// Resolves when nothing has been asked for as long as a request head may take.
    ///
    /// A connection that never sends a byte, stops in the middle of a head, or sends an HTTP/2
    /// preface and falls silent looks the same from here. One timer for each connection, not
    /// for each request.
    pub(crate) async fn abandoned(&self) {
        let mut before = Some(0);
        loop {
            tokio::time::sleep(self.limits.headers).await;
            let now = self.quiet();
            if now.is_some() && now == before {
                return;
            }
            before = now;
        }
    }
}

/// A request under way.
pub(crate) struct UnderWay(Arc<Traffic>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Release);
    }
}

/// The body of an answer; the request is under way until it has been told.
pub(crate) struct Leaving {
    body: Body,
    _under_way: UnderWay,
}

impl Leaving {
    pub(crate) fn new(body: Body, under_way: UnderWay) -> Self {
        Self { body, _under_way: under_way }
    }
}

impl hyper::body::Body for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
