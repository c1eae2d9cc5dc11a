//! Ollama's dialect, as we serve it: chat, generate, embeddings, and the models there are.
//!
//! What a field becomes is in docs/dialects.md, field by field.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::{At, Failure, FailureKind, Wanted};

use crate::changes::Progress;
use crate::dialect::Dialect;
use crate::openapi::{Operation, Paths};
use crate::rejected::{Rejected, known_name};
use crate::router::{House, Inside};

mod blobs;
mod changing;
mod chat;
mod embed;
mod generate;
mod keeping;
mod listing;
mod making;
mod options;
mod said;
mod show;
mod spoken;
mod wanted;
mod wire;

/// What streams of Ollama's are: a line of JSON each.
const LINES: &str = "application/x-ndjson";

/// Adds Ollama's paths.
pub(crate) fn paths(paths: Paths) -> Paths {
    let of = |name, about| Operation::new(name, Dialect::Ollama, about);
    let asks = |name, about| of(name, about).labelled();
    paths
        .post(
            "/api/chat",
            chat,
            asks("ollama_chat", "Answers a conversation.")
                .takes::<chat::Question>("OllamaChatRequest")
                .tells::<spoken::Line>("OllamaLine")
                .sends(LINES),
        )
        .post(
            "/api/generate",
            generate,
            asks("ollama_generate", "Answers a prompt.")
                .takes::<generate::Question>("OllamaGenerateRequest")
                .tells::<spoken::Line>("OllamaLine")
                .sends(LINES),
        )
        .post(
            "/api/embed",
            embed::embed,
            asks("ollama_embed", "Turns texts into vectors.")
                .takes::<embed::Several>("OllamaEmbedRequest")
                .tells::<embed::All>("OllamaVectors"),
        )
        .post(
            "/api/embeddings",
            embed::embeddings,
            asks("ollama_embeddings", "Turns a text into a vector.")
                .takes::<embed::One>("OllamaEmbeddingRequest")
                .tells::<embed::Only>("OllamaVector"),
        )
        .get(
            "/api/tags",
            listing::tags,
            of("ollama_tags", "The models there are.").tells::<listing::Tags>("OllamaTags"),
        )
        .get(
            "/api/ps",
            listing::ps,
            of("ollama_ps", "The models in memory.").tells::<listing::Running>("OllamaRunning"),
        )
        .post(
            "/api/show",
            show::show,
            of("ollama_show", "What is known of a model.")
                .takes::<show::Question>("OllamaShowRequest")
                .tells::<show::Shown>("OllamaShown"),
        )
        .get(
            "/api/version",
            listing::version,
            of("ollama_version", "The version that is spoken.")
                .tells::<listing::Version>("OllamaVersion"),
        )
        .post(
            "/api/pull",
            changing::pull,
            of("ollama_pull", "Fetches a model, where that is allowed.")
                .takes::<changing::Question>("OllamaModelRequest")
                .tells::<Progress>("OllamaProgress")
                .sends(LINES),
        )
        .delete(
            "/api/delete",
            changing::delete,
            of("ollama_delete", "Removes a model, where that is allowed.")
                .takes::<changing::Question>("OllamaModelRequest")
                .tells::<Progress>("OllamaProgress"),
        )
        .post(
            "/api/copy",
            making::copy,
            of("ollama_copy", "Gives a model another name, where that is allowed.")
                .takes::<making::Copy>("OllamaCopyRequest"),
        )
        .post(
            "/api/create",
            making::create,
            of("ollama_create", "Makes a model of another, or of files, where that is allowed.")
                .takes::<making::Question>("OllamaCreateRequest")
                .tells::<Progress>("OllamaProgress")
                .sends(LINES),
        )
        .head(
            "/api/blobs/{digest}",
            blobs::has,
            of("ollama_has_blob", "Whether a file was handed over, where that is allowed."),
        )
        .post(
            "/api/blobs/{digest}",
            blobs::receive,
            of("ollama_blob", "Hands over a file by its digest, where that is allowed.")
                .takes_bytes()
                .created(),
        )
        .post(
            "/api/push",
            elsewhere,
            of("ollama_push", "Not served: models are not given away.").fails(),
        )
}

/// `POST /api/chat`
async fn chat(_: Inside, State(house): State<Arc<House>>, request: Request) -> Response {
    keeping::respond::<chat::Question>(&house, request).await
}

/// `POST /api/generate`
async fn generate(_: Inside, State(house): State<Arc<House>>, request: Request) -> Response {
    keeping::respond::<generate::Question>(&house, request).await
}

/// Returns the model a name means: `latest` is the tag that goes without saying.
fn model(house: &House, name: &str) -> Result<Wanted, Rejected> {
    known_name(name)?;
    let bare = name.strip_suffix(":latest").filter(|_| {
        let here = |name: &str| {
            let sites = house.pipeline.portfolio().sites();
            sites.iter().flat_map(|site| site.models().to_vec()).any(|card| card.is_named(name))
        };
        !here(name)
    });
    Ok(Wanted::parse(bare.unwrap_or(name)))
}

/// `POST /api/push`, which would give a model away.
async fn elsewhere(_: Inside, uri: http::Uri) -> Response {
    let message = format!("{} is not served: models are not given away", uri.path());
    let failure = Failure::new(FailureKind::Refused, At::Caller, message)
        .hint("its file lies in the folder of models; send that, if its licence allows it");
    Dialect::Ollama.failure(&failure, None)
}
