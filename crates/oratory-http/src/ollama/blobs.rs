//! `/api/blobs/sha256:…`: files that models are to be made of, handed over by their digests.
//!
//! A file goes to the disk as it comes; what arrives in pieces or with another digest is no file.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use oratory_contract::Failure;
use tokio::sync::mpsc::{self, Sender};

use super::changing::allowed;
use crate::asking::answered;
use crate::dialect::Dialect;
use crate::reading;
use crate::rejected::Rejected;
use crate::router::{House, Inside};

/// Pieces that wait for the disk.
const AHEAD: usize = 8;

type Named = Result<Path<String>, PathRejection>;

/// `HEAD /api/blobs/DIGEST`
pub(super) async fn has(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    digest: Named,
) -> Response {
    answered(&house, Dialect::Ollama, async {
        let here = allowed(&house, &caller)?.has_file(&named(digest))?;
        let status = if here { StatusCode::OK } else { StatusCode::NOT_FOUND };
        Ok::<_, Rejected>(empty(status))
    })
    .await
}

/// `POST /api/blobs/DIGEST`
pub(super) async fn receive(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    digest: Named,
    request: Request,
) -> Response {
    answered(&house, Dialect::Ollama, async {
        let (changes, digest) = (allowed(&house, &caller)?, named(digest));
        if changes.has_file(&digest)? {
            return Ok(empty(StatusCode::OK));
        }
        let body = request.into_body();
        let (give, pieces) = mpsc::channel(AHEAD);
        let taken = changes.receive(digest, body.size_hint().exact(), pieces);
        let (given, taken) = tokio::join!(give_all(body, give), taken);
        given?;
        taken?;
        Ok::<_, Rejected>(empty(StatusCode::CREATED))
    })
    .await
}

/// Passes a body on, and says at last that it is whole.
async fn give_all(mut body: Body, give: Sender<Option<Bytes>>) -> Result<(), Failure> {
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(piece) = frame.map_err(reading::cut)?.into_data() else { continue };
        if give.send(Some(piece)).await.is_err() {
            // Whoever takes it says why it is not taken.
            return Ok(());
        }
    }
    let _ = give.send(None).await;
    Ok(())
}

/// Returns the name in a path; one that is no text is no digest either.
fn named(digest: Named) -> String {
    digest.map(|Path(digest)| digest).unwrap_or_default()
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
