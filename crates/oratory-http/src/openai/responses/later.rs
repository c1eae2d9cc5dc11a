//! Responses that are made while nobody waits: begun at once, looked at later, or called off.
//!
//! They take the way of every request; what is special is only that the client does not hold on.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use oratory_contract::{Asked, Failure};
use tokio_util::sync::CancellationToken;

use super::question::Question;
use super::told::Responses;
use crate::answers::Head;
use crate::asking::{self, Asking, Origin, answered, now};
use crate::dialect::Dialect;
use crate::health;
use crate::rejected::Rejected;
use crate::router::House;

/// Answers a request, now or later.
pub(super) async fn respond(house: &Arc<House>, request: Request) -> Response {
    let began = Instant::now();
    answered(house, Dialect::OpenAi, async {
        let (question, from, share) = asking::read::<Question>(house, request, began).await?;
        match question.is_for_later()? {
            true => begin(question, &from),
            false => asking::tell(question, &from, share).await,
        }
    })
    .await
}

fn begin(question: Question, from: &Origin<'_>) -> Result<Response, Rejected> {
    let Asking { mut asked, mut teller } = asking::understood(question, from)?;
    // A response is one answer.
    let Some(asked) = asked.pop() else {
        return Err(Rejected::field("input", "`input` is empty"));
    };
    let head = Head {
        id: asked.id,
        model: asked.model.as_str().into(),
        created: now(),
        began: from.began,
    };
    let work = CancellationToken::new();
    let response = teller.begun(&head, &work);
    let house = from.house.clone();
    from.house.config.tasks.spawn(async move {
        tokio::select! {
            () = work.cancelled() => {}
            () = run(house, asked, head, teller) => {}
        }
    });
    Ok(health::json(&response))
}

async fn run(house: Arc<House>, asked: Asked, head: Head, mut teller: Responses) {
    let answered = async {
        let (answers, _) = asking::begin(house.clone(), vec![asked], head.began, None).await?;
        let (created, model) = (head.created, answers.head.model.clone());
        let whole = answers.gather().await?.pop().unwrap_or_default();
        Ok::<_, Rejected>((Head { created, model, ..head.clone() }, whole))
    };
    match answered.await {
        Ok((head, answer)) => {
            teller.ended(&head, &answer);
        }
        Err(rejected) => {
            let failure: &Failure = &rejected.failure;
            house.meters.failed(failure.kind);
            teller.failed(&head, failure);
        }
    }
}
