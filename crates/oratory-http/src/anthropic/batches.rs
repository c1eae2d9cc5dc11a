//! `/v1/messages/batches`: many messages handed over at once, answered while nobody waits.
//!
//! They are worked on, and lie on the disk, as OpenAI's do; here is how they are asked for and told.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::{HeaderMap, Uri};
use oratory_contract::{At, Caller, Failure, FailureKind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::asking::{answered, declared, decode, purpose};
use crate::batches::{Batch, Batches, MESSAGES, Manner, most, written};
use crate::dialect::Dialect;
use crate::failures::short;
use crate::folder::INNER;
use crate::openapi::{Operation, Paths};
use crate::rejected::Rejected;
use crate::router::{House, Inside};
use crate::{health, misread, reading};

mod results;
mod told;

use told::{Deleted, List, MessageBatch};

/// The longest name of a request, as Anthropic has it.
const NAME: usize = 64;

/// A wish for a batch.
#[derive(Deserialize, JsonSchema)]
struct Question {
    requests: Vec<Wish>,
}

/// One of its requests.
#[derive(Deserialize, JsonSchema)]
struct Wish {
    #[schemars(regex(pattern = "^[a-zA-Z0-9_-]{1,64}$"))]
    custom_id: String,
    /// What `POST /v1/messages` would be sent. It is read when its turn comes.
    params: Map<String, Value>,
}

const WANTED: &[misread::Wanted] = &[
    ("body", "a JSON object"),
    ("requests", "a list of requests"),
    ("requests[]", "an object with `custom_id` and `params`"),
    ("requests[].custom_id", "a text"),
    ("requests[].params", "an object"),
    ("", "something else"),
];

type Named = Result<Path<String>, PathRejection>;

/// Adds the paths of batches.
pub(super) fn paths(paths: Paths) -> Paths {
    let of = |name, about| Operation::new(name, Dialect::Anthropic, about);
    let tells = |name, about| of(name, about).tells::<MessageBatch>("MessageBatch");
    paths
        .post(
            "/v1/messages/batches",
            create,
            tells("begin_message_batch", "Answers messages, one after the other.")
                .labelled()
                .takes::<Question>("MessageBatchRequest"),
        )
        .get(
            "/v1/messages/batches",
            list,
            of("list_message_batches", "The batches of messages.").tells::<List>("MessageBatches"),
        )
        .get(
            "/v1/messages/batches/{id}",
            show,
            tells("find_message_batch", "How far a batch of messages is."),
        )
        .post(
            "/v1/messages/batches/{id}/cancel",
            cancel,
            tells("cancel_message_batch", "Calls a batch of messages off."),
        )
        .delete(
            "/v1/messages/batches/{id}",
            delete,
            of("delete_message_batch", "Removes a batch of messages that is over.")
                .tells::<Deleted>("DeletedMessageBatch"),
        )
        .get(
            "/v1/messages/batches/{id}/results",
            results,
            of("message_batch_results", "What came of each message.").sends(results::LINES),
        )
}

/// `POST /v1/messages/batches`
async fn create(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    answered(&house, Dialect::Anthropic, async {
        let (head, body) = request.into_parts();
        let label = declared(&head.headers)?.map(|labels| labels.sensitivity);
        let manner = Manner { label, purpose: purpose(&head.headers)? };
        let sent = reading::whole(&house, &head.headers, body).await?;
        let (question, _share) = decode::<Question>(sent, WANTED).await?;
        question.check()?;
        let batches = house.batches(&caller.name)?;
        let begun = tokio::task::spawn_blocking(move || begin(&batches, question, manner)).await;
        let batch = begun.unwrap_or_else(|error| {
            let message = "the batch could not be kept";
            Err(Failure::new(FailureKind::Ours, At::Oratory, message).because(error))
        })?;
        Ok::<_, Rejected>(health::json(&MessageBatch::of(&batch, &head.headers, &head.uri)))
    })
    .await
}

impl Question {
    /// Refuses what cannot be carried out as a whole. What is wrong with one message is told when
    /// its turn has come, as what came of it.
    fn check(&self) -> Result<(), Rejected> {
        let (count, most) = (self.requests.len(), most(MESSAGES));
        if count == 0 || count > most {
            let message = format!("`requests` holds {count} requests; send 1 to {most}");
            return Err(Rejected::field("requests", message));
        }
        let mut names = HashSet::new();
        for (at, Wish { custom_id, .. }) in self.requests.iter().enumerate() {
            let field = format!("requests[{at}].custom_id");
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
            if !(1..=NAME).contains(&custom_id.len()) || !custom_id.bytes().all(fits) {
                let message = format!(
                    "`{field}` is {:?}; write 1 to {NAME} of the characters a-z, A-Z, 0-9, _ and -",
                    short(custom_id)
                );
                return Err(Rejected::field(&field, message));
            }
            if !names.insert(custom_id) {
                let message = format!("`{field}` is {custom_id:?}, which another request has");
                return Err(Rejected::field(&field, message));
            }
        }
        Ok(())
    }
}

fn begin(batches: &Batches, question: Question, manner: Manner) -> Result<Batch, Failure> {
    let total = question.requests.len();
    let mut lines = String::new();
    for Wish { custom_id, params } in question.requests {
        lines += &written(&custom_id, MESSAGES, &Value::Object(params));
    }
    let name = "requests.jsonl".to_owned();
    let file = batches.files.add(lines.as_bytes(), name, INNER, manner.label)?;
    let mut batch = Batch::new(MESSAGES.to_owned(), file.id.clone(), None, manner);
    batch.request_counts.total = total;
    batches.add(batch).inspect_err(|_| {
        // If it stays, it goes when it is thirty days old.
        drop(batches.files.remove(&file.id));
    })
}

/// `GET /v1/messages/batches`
async fn list(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    answered(&house, Dialect::Anthropic, async {
        let all = house.batches(&caller.name)?.list(Dialect::Anthropic);
        Ok::<_, Rejected>(health::json(&told::page(all, &headers, &uri)?))
    })
    .await
}

/// `GET /v1/messages/batches/ID`
async fn show(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    id: Named,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    answered(&house, Dialect::Anthropic, async {
        let batch = find(&house, &caller, id)?;
        Ok::<_, Rejected>(health::json(&MessageBatch::of(&batch, &headers, &uri)))
    })
    .await
}

/// `POST /v1/messages/batches/ID/cancel`
async fn cancel(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    id: Named,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    answered(&house, Dialect::Anthropic, async {
        let id = find(&house, &caller, id)?.id;
        let batch = house.batches(&caller.name)?.cancel(Dialect::Anthropic, &id)?;
        let batch = batch.ok_or_else(|| unknown(&id))?;
        Ok::<_, Rejected>(health::json(&MessageBatch::of(&batch, &headers, &uri)))
    })
    .await
}

/// `DELETE /v1/messages/batches/ID`
async fn delete(Inside(caller): Inside, State(house): State<Arc<House>>, id: Named) -> Response {
    answered(&house, Dialect::Anthropic, async {
        let batch = find(&house, &caller, id)?;
        house.batches(&caller.name)?.remove(&batch)?;
        Ok::<_, Rejected>(health::json(&Deleted::of(batch)))
    })
    .await
}

/// `GET /v1/messages/batches/ID/results`
async fn results(Inside(caller): Inside, State(house): State<Arc<House>>, id: Named) -> Response {
    answered(&house, Dialect::Anthropic, async {
        let batch = find(&house, &caller, id)?;
        if !batch.status.is_over() {
            let message = format!("{} is still being worked on", batch.id);
            let failure = Failure::new(FailureKind::Invalid, At::Caller, message);
            return Err(failure.hint("its results are told once it has ended").into());
        }
        Ok::<_, Rejected>(results::response(&house.batches(&caller.name)?.files, &batch))
    })
    .await
}

fn find(house: &Arc<House>, caller: &Caller, id: Named) -> Result<Batch, Rejected> {
    let id = id.map(|Path(id)| id).unwrap_or_default();
    house.batches(&caller.name)?.find(Dialect::Anthropic, &id).ok_or_else(|| unknown(&id))
}

fn unknown(id: &str) -> Rejected {
    let message = format!("there is no batch {:?} here", short(id));
    let hint = "GET /v1/messages/batches lists them; they go after thirty days";
    Rejected::missing("message_batch_id", message, hint)
}
