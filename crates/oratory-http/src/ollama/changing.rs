//! `POST /api/pull` and `DELETE /api/delete`: models come and go, where a person has allowed it.
//!
//! A pull tells how far it is, line by line; whoever leaves ends it, and the next one goes on from there.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderValue, header};
use oratory_contract::{At, Caller, Failure, FailureKind};
use schemars::JsonSchema;
use tokio::sync::mpsc::{self, Receiver};

use super::LINES;
use crate::asking::{answered, decode};
use crate::changes::{Changes, Doing, Progress};
use crate::dialect::Dialect;
use crate::rejected::Rejected;
use crate::router::{House, Inside};
use crate::{failures, health, misread, reading};

/// Lines that wait for a client; later ones say the same and more.
pub(super) const LINES_AHEAD: usize = 16;

#[derive(serde::Deserialize, JsonSchema)]
pub(super) struct Question {
    // The elder name.
    #[serde(alias = "name")]
    model: String,
    stream: Option<bool>,
}

const WANTED: &[misread::Wanted] =
    &[("body", "a JSON object"), ("model", "a text"), ("stream", "true or false"), ("", "a text")];

/// `POST /api/pull`
pub(super) async fn pull(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    answered(&house, Dialect::Ollama, async {
        let question = read(&house, request).await?;
        let (tell, heard) = mpsc::channel(LINES_AHEAD);
        let doing = allowed(&house, &caller)?.pull(named(question.model)?, tell);
        if question.stream.unwrap_or(true) {
            return Ok(told(doing, heard));
        }
        drop(heard);
        doing.await?;
        Ok::<_, Rejected>(health::json(&success()))
    })
    .await
}

/// `DELETE /api/delete`
pub(super) async fn delete(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    answered(&house, Dialect::Ollama, async {
        let question = read(&house, request).await?;
        allowed(&house, &caller)?.remove(named(question.model)?).await?;
        Ok::<_, Rejected>(health::json(&success()))
    })
    .await
}

async fn read(house: &Arc<House>, request: Request) -> Result<Question, Rejected> {
    let (head, body) = request.into_parts();
    let sent = reading::whole(house, &head.headers, body).await?;
    let (question, _share) = decode::<Question>(sent, WANTED).await?;
    Ok(question)
}

/// Returns a name that may be one.
pub(super) fn named(model: String) -> Result<String, Rejected> {
    match model.trim().is_empty() || failures::short(&model) != model {
        true => Err(Rejected::field("model", "`model` is empty or longer than any name")),
        false => Ok(model),
    }
}

/// Returns who changes models, if a person has allowed it.
pub(super) fn allowed<'h>(house: &'h House, caller: &Caller) -> Result<&'h dyn Changes, Failure> {
    if caller.rights.is_some() {
        let name = caller.name.as_str();
        let message = format!("{name:?} has a key to ask with, not one to change models with");
        return Err(Failure::new(FailureKind::Refused, At::Caller, message)
            .hint("use `oratory models` on the machine itself, or the key of `server.key`"));
    }
    house.config.changes.as_deref().ok_or_else(|| {
        let message = "models are not changed over HTTP here";
        Failure::new(FailureKind::Refused, At::Caller, message).hint(
            "set `models.over_http` to \"on\", or use `oratory models pull` and `rm` on the \
             machine itself",
        )
    })
}

pub(super) fn success() -> Progress {
    Progress { status: "success".to_owned(), ..Progress::default() }
}

/// A pull that is being told.
struct Telling {
    /// Until it has ended.
    doing: Option<Doing>,
    heard: Receiver<Progress>,
}

/// Tells how far something is, line by line, until it has ended.
pub(super) fn told(doing: Doing, heard: Receiver<Progress>) -> Response {
    let telling = Telling { doing: Some(doing), heard };
    let lines = futures_util::stream::unfold(telling, |mut telling| async move {
        let line = telling.next().await?;
        Some((Ok::<_, Infallible>(line), telling))
    });
    let mut response = Response::new(Body::from_stream(lines));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(LINES));
    response
}

impl Telling {
    /// Returns the next line; `None` when all is told.
    async fn next(&mut self) -> Option<Vec<u8>> {
        let doing = self.doing.as_mut()?;
        let line = tokio::select! {
            biased;
            Some(progress) = self.heard.recv() => line(&progress),
            outcome = doing => {
                self.doing = None;
                match outcome {
                    Ok(()) => line(&success()),
                    Err(failure) => {
                        let mut line = failures::body(Dialect::Ollama, &failure, None);
                        line.push(b'\n');
                        line
                    }
                }
            }
        };
        Some(line)
    }
}

fn line(progress: &Progress) -> Vec<u8> {
    let mut line = serde_json::to_vec(progress).expect("plain data always serialises");
    line.push(b'\n');
    line
}
