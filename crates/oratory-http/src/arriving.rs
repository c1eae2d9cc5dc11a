//! A request's body while it comes in: not too slowly, and not into a house that is closing.
//!
//! A body that is already here when it is read, as most are, costs no timer.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::traffic::Traffic;

/// A request's body while it comes in.
pub(crate) struct Arriving {
    body: Incoming,
    traffic: Arc<Traffic>,
    wait: Option<Pin<Box<Wait>>>,
}

/// Why a body ended before its end.
#[derive(Debug)]
pub(crate) enum Cut {
    /// It came too slowly.
    Slow,
    /// The house is closing.
    Stopping,
    /// The client broke off, or what it sent is no body.
    Broken(hyper::Error),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow => f.write_str("the body came too slowly"),
            Self::Stopping => f.write_str("the service is stopping"),
            Self::Broken(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Cut {}

impl Arriving {
    pub(crate) fn new(body: Incoming, traffic: Arc<Traffic>) -> Self {
        Self { body, traffic, wait: None }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            if let (Some(wait), Some(Ok(frame))) = (&mut this.wait, &frame) {
                wait.as_mut().came(frame.data_ref().map_or(0, Bytes::len));
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Cut::Broken)));
        }
        let wait = this.wait.get_or_insert_with(|| Box::pin(Wait::new(&this.traffic)));
        wait.as_mut().poll(cx, &this.traffic).map(|cut| Some(Err(cut)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if !self.body.is_end_stream() {
            self.traffic.leave_unread();
        }
    }
}

/// How long a body may still take, and whether anybody wants it.
struct Wait {
    since: Instant,
    last: Instant,
    bytes: u64,
    bell: Pin<Box<Sleep>>,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Wait {
    fn new(traffic: &Traffic) -> Self {
        let now = Instant::now();
        Self {
            since: now,
            last: now,
            bytes: 0,
            bell: Box::pin(tokio::time::sleep(traffic.limits.body_pause)),
            stop: Box::pin(traffic.stop.clone().cancelled_owned()),
        }
    }

    fn came(mut self: Pin<&mut Self>, bytes: usize) {
        // An empty piece is no progress.
        if bytes > 0 {
            self.last = Instant::now();
            self.bytes += bytes as u64;
        }
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>, traffic: &Traffic) -> Poll<Cut> {
        if self.stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Cut::Stopping);
        }
        // What came since the bell was set only moves the deadline back, so it is enough to
        // look when it rings.
        while self.bell.as_mut().poll(cx).is_ready() {
            let pause = traffic.limits.body_pause;
            let earned = Duration::from_secs(self.bytes / traffic.limits.body_rate.max(1));
            let deadline = (self.last + pause).min(self.since + pause + earned);
            if Instant::now() >= deadline {
                return Poll::Ready(Cut::Slow);
            }
            self.bell.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
