//! What comes back as numbers instead of text: vectors and ratings, gathered.
//!
//! Serves both `embeddings` and `ranking`; a failure at any point makes the whole a failure.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use futures_util::StreamExt;
use oratory_contract::{Asked, At, Chunk, Failure, FailureKind, Labels, RequestId, Usage};
use serde::de::DeserializeOwned;

use super::telling::Telling;
use super::{AT_ONCE, Rejected, answered, declared, mark, misread, reply};
use crate::reading::{self, Sent};
use crate::router::House;

/// What a model made of the texts of one request.
pub(super) struct Numbers {
    pub(super) id: RequestId,
    pub(super) model: String,
    pub(super) vectors: Vec<Vec<f32>>,
    pub(super) ratings: Vec<f32>,
    pub(super) usage: Usage,
}

/// Answers a request whose body is a `Q`: `asked` says what it asks for, `tell` how it is told.
pub(super) async fn respond<Q, K>(
    house: &Arc<House>,
    request: Request,
    asked: impl FnOnce(Q, &Arc<House>, Option<Labels>) -> Result<(Asked, K), Rejected>,
    tell: impl FnOnce(&Numbers, K) -> Response,
) -> Response
where
    Q: DeserializeOwned + Send + 'static,
{
    answered(house, async {
        let began = Instant::now();
        let (head, body) = request.into_parts();
        let declared = declared(&head.headers)?;
        let sent = reading::whole(house, body).await?;
        // Its share is given back when the numbers are there: until then its text is kept.
        let (question, _share) = decode::<Q>(sent).await?;
        let (asked, kept) = asked(question, house, declared)?;
        let id = asked.id;
        let told_of = move |failure: Failure| Rejected { id: Some(id), ..failure.into() };
        let telling = Telling::begin(house.clone(), began);
        let told = match house.pipeline.answer(asked).await {
            Ok(told) => told,
            Err(failure) => {
                telling.counted_elsewhere();
                return Err(told_of(failure));
            }
        };
        let model = told.answer.model.to_string();
        let numbers = gather(id, model, told.answer.chunks, telling).await.map_err(told_of)?;
        let mut response = tell(&numbers, kept);
        mark(response.headers_mut(), &told.decision);
        Ok(response)
    })
    .await
}

async fn gather(
    id: RequestId,
    model: String,
    mut chunks: oratory_contract::Chunks,
    mut telling: Telling,
) -> Result<Numbers, Failure> {
    let mut numbers =
        Numbers { id, model, vectors: Vec::new(), ratings: Vec::new(), usage: Usage::default() };
    loop {
        let chunk = chunks.next().await.unwrap_or_else(|| Err(reply::cut_short()));
        if chunk.is_ok() {
            telling.note(&chunk);
        }
        match chunk {
            Ok(Chunk::Vector(vector)) => numbers.vectors.push(vector),
            Ok(Chunk::Rating(rating)) => numbers.ratings.push(rating),
            Ok(Chunk::Done(done)) => return Ok(Numbers { usage: done.usage, ..numbers }),
            // Comes only where it is asked for, which is not here.
            Ok(_) => {}
            Err(failure) => {
                telling.counted_elsewhere();
                return Err(failure);
            }
        }
    }
}

/// Reads a body's JSON, a long one where nobody else waits for it.
async fn decode<Q: DeserializeOwned + Send + 'static>(
    sent: Sent,
) -> Result<(Q, reading::Share), Rejected> {
    let decode = |sent: Sent| Ok((misread::read(&sent.bytes)?, sent.share));
    if sent.bytes.len() <= AT_ONCE {
        return decode(sent);
    }
    tokio::task::spawn_blocking(move || decode(sent)).await.unwrap_or_else(|error| {
        let message = "the request could not be decoded";
        Err(Failure::new(FailureKind::Ours, At::Oratory, message).because(error).into())
    })
}
