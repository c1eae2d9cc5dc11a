//! Anthropic's dialect, as we serve it: messages, and how many tokens they take.
//!
//! What a field becomes is in docs/dialects.md, field by field.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use crate::asking;
use crate::router::{House, Inside};

mod content;
mod counting;
mod question;
mod said;
mod stream;
mod wanted;
mod wire;
mod wishes;

/// `POST /v1/messages`
pub(crate) async fn messages(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    asking::respond::<question::Question>(&house, request).await
}

/// `POST /v1/messages/count_tokens`
pub(crate) async fn count_tokens(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    asking::respond::<counting::Counted>(&house, request).await
}
