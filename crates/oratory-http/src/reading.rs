//! Reads a request's body into memory, each within a limit and all of them within another.
//!
//! Knows no dialect; what a body means is its reader's matter.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::HeaderMap;
use oratory_contract::{At, Failure, FailureKind, Retry};

use crate::arriving::Cut;
use crate::packing;
use crate::router::House;

/// How many of the largest bodies fit into memory at once.
const BODIES: usize = 4;

/// Bytes that bodies may still take, all of them together.
pub(crate) struct Budget(AtomicUsize);

impl Budget {
    /// Returns the budget for bodies of at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self(AtomicUsize::new(limit.saturating_mul(BODIES)))
    }
}

/// One request's share of the budget, given back when it is dropped.
pub(crate) struct Share {
    house: Arc<House>,
    taken: usize,
}

impl Share {
    /// Takes more, unless too much is taken already.
    fn take(&mut self, bytes: usize) -> Result<(), Failure> {
        let left = &self.house.budget.0;
        let taken =
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        if taken.is_err() {
            let message = "too many large requests are being read at once";
            return Err(Failure::new(FailureKind::Overloaded, At::Oratory, message)
                .retry(Retry::After(Duration::from_secs(2)))
                .hint("send it again in a moment"));
        }
        self.taken += bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.house.budget.0.fetch_add(self.taken, Ordering::Relaxed);
    }
}

/// A body that is here, whole.
pub(crate) struct Sent {
    pub(crate) bytes: Bytes,
    pub(crate) share: Share,
}

/// Returns the body once all of it is here, as it was before it was packed.
pub(crate) async fn whole(
    house: &Arc<House>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Sent, Failure> {
    let packing = packing::of(headers)?;
    let Sent { bytes, mut share } = as_sent(house, body).await?;
    let Some(packing) = packing else { return Ok(Sent { bytes, share }) };
    let limit = house.config.body;
    let unpacked = move || packing::unpacked(packing, &bytes, limit);
    let unpacked = tokio::task::spawn_blocking(unpacked).await.unwrap_or_else(|error| {
        let message = "the body could not be unpacked";
        Err(Failure::new(FailureKind::Ours, At::Oratory, message).because(error))
    });
    let bytes = unpacked?;
    share.take(bytes.len())?;
    Ok(Sent { bytes, share })
}

async fn as_sent(house: &Arc<House>, mut body: Body) -> Result<Sent, Failure> {
    let limit = house.config.body;
    // A length that is said beforehand is believed when it is too large, and only then: what
    // has not come yet takes no memory.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large(limit));
    }
    let mut share = Share { house: house.clone(), taken: 0 };
    // Most bodies are one piece, and that piece is not copied.
    let (mut first, mut all) = (Bytes::new(), Vec::new());
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(piece) = frame.map_err(cut)?.into_data() else { continue };
        if piece.len() > limit - share.taken {
            return Err(too_large(limit));
        }
        share.take(piece.len())?;
        if share.taken == piece.len() {
            first = piece;
        } else {
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&piece);
        }
    }
    let bytes = if all.is_empty() { first } else { all.into() };
    Ok(Sent { bytes, share })
}

fn too_large(limit: usize) -> Failure {
    let message = format!("the body is larger than {limit} bytes");
    Failure::new(FailureKind::TooLarge, At::Caller, message)
        .hint("send less, or raise `server.body_megabytes`")
}

/// Returns why a body did not come whole.
pub(crate) fn cut(error: axum::Error) -> Failure {
    let error = error.into_inner();
    match error.downcast_ref::<Cut>() {
        Some(Cut::Slow) => {
            Failure::new(FailureKind::Timeout, At::Caller, "the body came too slowly")
        }
        Some(Cut::Stopping) => {
            Failure::new(FailureKind::Broken, At::Oratory, "this Oratory is stopping")
                .retry(Retry::After(Duration::from_secs(2)))
        }
        Some(Cut::Broken(_)) | None => {
            let message = "the body broke off, or its chunks are not well formed";
            Failure::new(FailureKind::Invalid, At::Caller, message)
        }
    }
    .because(error)
}
