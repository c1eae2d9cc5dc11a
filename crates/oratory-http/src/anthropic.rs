//! Anthropic's dialect, as we serve it: messages, and how many tokens they take.
//!
//! What a field becomes is in docs/dialects.md, field by field.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use crate::asking;
use crate::dialect::Dialect;
use crate::openapi::{Operation, Paths};
use crate::router::{House, Inside};

mod batches;
mod content;
mod counting;
mod editing;
mod question;
mod said;
mod stream;
mod wanted;
mod wire;
mod wishes;

/// Adds Anthropic's paths.
pub(crate) fn paths(paths: Paths) -> Paths {
    let asks = |name, about| Operation::new(name, Dialect::Anthropic, about).labelled();
    batches::paths(paths)
        .post(
            "/v1/messages",
            messages,
            asks("message", "Answers a conversation.")
                .takes::<question::Question>("MessageRequest")
                .tells::<wire::Message>("Message")
                .sends("text/event-stream"),
        )
        .post(
            "/v1/messages/count_tokens",
            count_tokens,
            asks("count_tokens", "Counts its tokens.")
                .takes::<counting::Counted>("CountRequest")
                .tells::<counting::Told>("Count"),
        )
}

/// Answers a request that a batch has made.
pub(crate) async fn answer(house: &Arc<House>, request: Request) -> Response {
    asking::respond::<question::Question>(house, request).await
}

/// `POST /v1/messages`
async fn messages(_: Inside, State(house): State<Arc<House>>, request: Request) -> Response {
    asking::respond::<question::Question>(&house, request).await
}

/// `POST /v1/messages/count_tokens`
async fn count_tokens(_: Inside, State(house): State<Arc<House>>, request: Request) -> Response {
    asking::respond::<counting::Counted>(&house, request).await
}
