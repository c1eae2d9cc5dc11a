//! An answer that is sent as it comes.
//!
//! After the first bytes a failure can only be told within the answer; nothing follows it.
//! A prompt that takes long to read is waited for within the answer too, so that no client or
//! proxy takes the silence for the end.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, header};
use oratory_contract::Asked;
use oratory_pipeline::Decision;

use crate::answers::Answers;
use crate::asking::{self, mark, number};
use crate::reading::Share;
use crate::rejected::Rejected;
use crate::router::House;
use crate::teller::Teller;

type Beginning = Pin<Box<dyn Future<Output = Result<(Answers, Decision), Rejected>> + Send>>;

/// Returns the response that sends the answers as they come.
pub(crate) async fn response<T: Teller>(
    house: &Arc<House>,
    asked: Vec<Asked>,
    began: Instant,
    share: Share,
    teller: T,
) -> Result<Response, Rejected> {
    let id = asked.first().map(|asked| asked.id);
    let mut beginning: Beginning =
        Box::pin(asking::begin(house.clone(), asked, began, Some(share)));
    let silence = house.config.silence;
    if T::WAITING.is_empty() {
        return Ok(begun(beginning.await?, teller, silence));
    }
    match tokio::time::timeout(silence, &mut beginning).await {
        Ok(outcome) => Ok(begun(outcome?, teller, silence)),
        Err(_) => {
            let stage = Stage::Waiting(beginning, house.clone());
            let mut response = send(Sending { stage, teller, silence });
            // Who answers is not known yet, and what was asked is.
            id.into_iter().for_each(|id| number(response.headers_mut(), id));
            Ok(response)
        }
    }
}

fn begun<T: Teller>(
    (answers, decision): (Answers, Decision),
    mut teller: T,
    silence: Duration,
) -> Response {
    let mut out = Vec::new();
    teller.begin(&answers.head, &mut out);
    let stage = Stage::Running { answers: Box::new(answers), unsent: out };
    let mut response = send(Sending { stage, teller, silence });
    mark(response.headers_mut(), &decision);
    response
}

fn send<T: Teller>(sending: Sending<T>) -> Response {
    let pieces = futures_util::stream::unfold(sending, |mut sending| async move {
        let bytes = sending.next().await?;
        Some((Ok::<_, Infallible>(bytes), sending))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(T::PIECES));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // nginx would gather events before passing them on.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// An answer being sent.
struct Sending<T> {
    stage: Stage,
    teller: T,
    silence: Duration,
}

enum Stage {
    /// The prompt is still being read.
    Waiting(Beginning, Arc<House>),
    Running {
        answers: Box<Answers>,
        /// What comes before the next piece.
        unsent: Vec<u8>,
    },
    Over,
}

impl<T: Teller> Sending<T> {
    /// Returns the next bytes; `None` when all is said.
    async fn next(&mut self) -> Option<Bytes> {
        if let Stage::Waiting(beginning, _) = &mut self.stage {
            let Ok(outcome) = tokio::time::timeout(self.silence, beginning).await else {
                return Some(Bytes::from_static(T::WAITING));
            };
            match outcome {
                Ok((answers, _)) => {
                    let mut unsent = Vec::new();
                    self.teller.begin(&answers.head, &mut unsent);
                    self.stage = Stage::Running { answers: Box::new(answers), unsent };
                }
                Err(rejected) => return Some(self.rejected(&rejected)),
            }
        }
        let Stage::Running { answers, unsent } = &mut self.stage else { return None };
        let mut out = std::mem::take(unsent);
        // Most pieces of a quick model are there already, and need no clock.
        let next = match answers.next().now_or_never() {
            Some(next) => Ok(next),
            None => tokio::time::timeout(self.silence, answers.next()).await,
        };
        match next {
            Err(_) => self.teller.pulse(&mut out),
            Ok(Some((at, Ok(chunk)))) => {
                self.teller.piece(at, chunk, &mut out);
                if answers.are_over() {
                    self.teller.end(&mut out);
                    self.stage = Stage::Over;
                }
            }
            Ok(Some((_, Err(failure)))) => {
                self.teller.failure(&failure, &mut out);
                self.stage = Stage::Over;
            }
            Ok(None) => return None,
        }
        Some(out.into())
    }

    fn rejected(&mut self, rejected: &Rejected) -> Bytes {
        if let Stage::Waiting(_, house) = &self.stage {
            house.meters.failed(rejected.failure.kind);
        }
        let mut out = Vec::new();
        self.teller.failure(&rejected.failure, &mut out);
        self.stage = Stage::Over;
        out.into()
    }
}
