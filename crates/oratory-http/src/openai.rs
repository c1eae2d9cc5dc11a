//! OpenAI's dialect, as we serve it: chat completions, completions, embeddings; and reranking.
//!
//! Decodes, hands over, encodes. Fields it does not know are ignored; fields it knows and
//! cannot honour are refused by name.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use crate::asking;
use crate::dialect::Dialect;
use crate::models::{self, AnyList, AnyModel};
use crate::openapi::{Operation, Paths};
use crate::router::{House, Inside};

mod batches;
mod chat;
mod completions;
mod embeddings;
mod files;
mod moderation;
mod question;
mod ranking;
mod responses;
mod sampling;
mod wire;

/// Adds OpenAI's paths, and those of models and reranking, which several dialects share.
pub(crate) fn paths(paths: Paths) -> Paths {
    let of = |name, about| Operation::new(name, Dialect::OpenAi, about);
    let asks = |name, about| of(name, about).labelled();
    let listed = of("list_models", "The models there are.").tells::<AnyList>("Models");
    let named = of("find_model", "One model.").tells::<AnyModel>("Model");
    let paths = paths
        .post(
            "/v1/chat/completions",
            chat,
            asks("chat", "Answers a conversation.")
                .takes::<question::Question>("ChatRequest")
                .tells::<chat::Completion>("Chat")
                .sends(EVENTS)
                .also(&["/chat/completions"]),
        )
        .post(
            "/v1/chat/completions/input_tokens",
            count,
            asks("count_chat", "Counts its tokens.")
                .takes::<Counted<question::Question>>("ChatRequest")
                .tells::<InputTokens>("InputTokens")
                .also(&["/chat/completions/input_tokens"]),
        )
        .post(
            "/v1/completions",
            completions,
            asks("complete", "Goes on with texts.")
                .takes::<completions::Question>("CompletionRequest")
                .tells::<completions::Completion>("Completion")
                .sends(EVENTS)
                .also(&["/completions"]),
        )
        .post(
            "/v1/embeddings",
            embeddings,
            asks("embed", "Turns texts into vectors.")
                .takes::<embeddings::Question>("EmbeddingRequest")
                .tells::<embeddings::List>("Embeddings")
                .also(&["/embeddings"]),
        )
        .post(
            "/v1/rerank",
            rerank,
            asks("rerank", "Rates documents by a query.")
                .takes::<ranking::Question>("RerankRequest")
                .tells::<ranking::Told>("Ranking")
                .also(&["/v1/reranking", "/rerank", "/reranking"]),
        )
        .post(
            "/v1/moderations",
            moderation::moderate,
            of("moderate", "Says whether texts are private.")
                .takes::<moderation::Question>("ModerationRequest")
                .tells::<moderation::Moderation>("Moderation")
                .also(&["/moderations"]),
        )
        .get("/v1/models", models::list, listed.also(&["/models"]))
        .get("/v1/models/{*name}", models::one, named);
    batches::paths(files::paths(responses::paths(paths)))
}

/// What streams of OpenAI's are.
const EVENTS: &str = "text/event-stream";

use self::completions::completions;
use self::embeddings::embeddings;
use self::ranking::rerank;
pub(crate) use self::responses::Shelf;
use self::responses::{Counted, InputTokens};

/// Answers a request that a batch has made.
pub(crate) async fn answer(house: &Arc<House>, endpoint: &str, request: Request) -> Response {
    match endpoint {
        "/v1/completions" => asking::respond::<completions::Question>(house, request).await,
        "/v1/responses" => responses::answer(house, request).await,
        "/v1/embeddings" => asking::respond::<embeddings::Question>(house, request).await,
        _ => asking::respond::<question::Question>(house, request).await,
    }
}

/// `POST /v1/chat/completions`
async fn chat(_: Inside, State(house): State<Arc<House>>, request: Request) -> Response {
    asking::respond::<question::Question>(&house, request).await
}

/// `POST /v1/chat/completions/input_tokens`
async fn count(_: Inside, State(house): State<Arc<House>>, request: Request) -> Response {
    asking::respond::<Counted<question::Question>>(&house, request).await
}
