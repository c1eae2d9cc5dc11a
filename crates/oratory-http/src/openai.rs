//! OpenAI's dialect, as we serve it: chat completions, completions, embeddings; and reranking.
//!
//! Decodes, hands over, encodes. Fields it does not know are ignored; fields it knows and
//! cannot honour are refused by name.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use crate::asking;
use crate::router::{House, Inside};

mod chat;
mod completions;
mod embeddings;
mod question;
mod ranking;
mod responses;
mod sampling;
mod wire;

pub(crate) use completions::completions;
pub(crate) use embeddings::embeddings;
pub(crate) use ranking::rerank;
pub(crate) use responses::{Shelf, forget, respond, show};

/// `POST /v1/chat/completions`
pub(crate) async fn chat(_: Inside, State(house): State<Arc<House>>, request: Request) -> Response {
    asking::respond::<question::Question>(&house, request).await
}
