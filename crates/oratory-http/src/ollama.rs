//! Ollama's dialect, as we serve it: chat, generate, embeddings, and the models there are.
//!
//! What a field becomes is in docs/dialects.md, field by field.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::Wanted;

use crate::rejected::{Rejected, known_name};
use crate::router::{House, Inside};

mod chat;
mod embed;
mod generate;
mod keeping;
mod listing;
mod options;
mod said;
mod show;
mod spoken;
mod wanted;
mod wire;

pub(crate) use embed::{embed, embeddings};
pub(crate) use listing::{ps, tags, version};
pub(crate) use show::show;

/// `POST /api/chat`
pub(crate) async fn chat(_: Inside, State(house): State<Arc<House>>, request: Request) -> Response {
    keeping::respond::<chat::Question>(&house, request).await
}

/// `POST /api/generate`
pub(crate) async fn generate(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    keeping::respond::<generate::Question>(&house, request).await
}

/// Returns the model a name means: `latest` is the tag that goes without saying.
fn model(house: &House, name: &str) -> Result<Wanted, Rejected> {
    known_name(name)?;
    let bare = name.strip_suffix(":latest").filter(|_| {
        let here = |name: &str| {
            let sites = house.pipeline.portfolio().sites().iter();
            sites.flat_map(|site| site.models().to_vec()).any(|card| card.is_named(name))
        };
        !here(name)
    });
    Ok(Wanted::parse(bare.unwrap_or(name)))
}

/// `POST` or `DELETE` of what changes the models here, which this Oratory does at its own
/// command line.
pub(crate) async fn elsewhere(_: Inside, uri: http::Uri) -> Response {
    use oratory_contract::{At, Failure, FailureKind};
    let message = format!("{} is not served: models are not changed over HTTP", uri.path());
    let failure = Failure::new(FailureKind::Invalid, At::Caller, message)
        .hint("`oratory models pull`, `import` and `rm` do it on the machine itself");
    let mut response = crate::dialect::Dialect::Ollama.failure(&failure, None);
    *response.status_mut() = http::StatusCode::NOT_IMPLEMENTED;
    response
}
