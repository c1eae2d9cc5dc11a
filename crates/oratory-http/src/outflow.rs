//! What is read from the disk while a client takes it, and no further.
//!
//! What is read, and how it is told, is up to who asks.

use std::io;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, header};
use tokio::sync::mpsc;

/// Pieces that may wait for the client.
const AHEAD: usize = 4;

/// Returns the response that tells pieces of this content type until there are no more.
pub(crate) fn response(
    kind: &'static str,
    mut next: impl FnMut() -> io::Result<Option<Bytes>> + Send + 'static,
) -> Response {
    let (give, pieces) = mpsc::channel(AHEAD);
    // It ends by itself with the pieces, or when nobody takes more of them.
    tokio::task::spawn_blocking(move || {
        while let Some(piece) = next().transpose() {
            let over = piece.is_err();
            if give.blocking_send(piece).is_err() || over {
                return;
            }
        }
    });
    let pieces = futures_util::stream::unfold(pieces, |mut pieces| async move {
        let piece = pieces.recv().await?;
        Some((piece, pieces))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
