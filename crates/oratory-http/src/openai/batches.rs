//! `/v1/batches`: many requests in one file, answered one after the other while nobody waits.
//!
//! Each takes the way of every request. What was answered stays so, also over a restart.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::Uri;
use oratory_contract::CallerName;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::files::{BATCH, List, find, named, page};
use crate::asking::{answered, declared, decode, purpose};
use crate::batches::{Batch, Manner, WINDOW};
use crate::dialect::Dialect;
use crate::failures::short;
use crate::openapi::{Operation, Paths};
use crate::rejected::Rejected;
use crate::router::{House, Inside};
use crate::{health, misread, reading};

/// Where the requests of a batch may go.
const ENDPOINTS: [&str; 4] =
    ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/embeddings"];
/// Batches of one page.
const USUAL: usize = 20;
const MOST: usize = 100;

type Named = Result<axum::extract::Path<String>, axum::extract::rejection::PathRejection>;

/// A wish for a batch.
#[derive(Deserialize, JsonSchema)]
struct Question {
    input_file_id: String,
    endpoint: String,
    completion_window: String,
    metadata: Option<Map<String, Value>>,
}

const WANTED: &[misread::Wanted] =
    &[("body", "a JSON object"), ("metadata", "an object"), ("", "a text")];

/// Adds the paths of batches.
pub(super) fn paths(paths: Paths) -> Paths {
    let of = |name, about| Operation::new(name, Dialect::OpenAi, about);
    paths
        .post(
            "/v1/batches",
            create,
            of("begin_batch", "Answers the requests of a file, one after the other.")
                .labelled()
                .takes::<Question>("BatchRequest")
                .tells::<Batch>("Batch")
                .also(&["/batches"]),
        )
        .get(
            "/v1/batches",
            list,
            of("list_batches", "The batches there are.")
                .tells::<List<Batch>>("Batches")
                .also(&["/batches"]),
        )
        .get(
            "/v1/batches/{id}",
            show,
            of("find_batch", "How far a batch is.").tells::<Batch>("Batch"),
        )
        .post(
            "/v1/batches/{id}/cancel",
            cancel,
            of("cancel_batch", "Calls a batch off.").tells::<Batch>("Batch"),
        )
}

/// `POST /v1/batches`
async fn create(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    answered(&house, Dialect::OpenAi, async {
        let (head, body) = request.into_parts();
        let label = declared(&head.headers)?.map(|labels| labels.sensitivity);
        let purpose = purpose(&head.headers)?;
        let sent = reading::whole(&house, &head.headers, body).await?;
        let (question, _share) = decode::<Question>(sent, WANTED).await?;
        let of_file = question.checked(&house, &caller.name)?;
        // What is made of a file is no less private than the file.
        let label = label.max(of_file).max(caller.least());
        let batch = Batch::new(
            question.endpoint,
            question.input_file_id,
            question.metadata,
            Manner { label, purpose },
        );
        Ok::<_, Rejected>(health::json(&house.batches(&caller.name)?.add(batch)?))
    })
    .await
}

impl Question {
    /// Refuses what cannot be carried out; returns the label of the file.
    fn checked(
        &self,
        house: &Arc<House>,
        caller: &CallerName,
    ) -> Result<Option<oratory_contract::Sensitivity>, Rejected> {
        if !ENDPOINTS.contains(&&*self.endpoint) {
            let message = format!(
                "`endpoint` is {:?}; write {}",
                short(&self.endpoint),
                ENDPOINTS.join(", ")
            );
            return Err(Rejected::field("endpoint", message));
        }
        if self.completion_window != WINDOW {
            let message = format!(
                "`completion_window` is {:?}; write {WINDOW}",
                short(&self.completion_window)
            );
            return Err(Rejected::field("completion_window", message));
        }
        let file = find(house, caller, &self.input_file_id)?;
        if !file.is_for(BATCH) {
            let message = format!("`input_file_id` names a file that is not for a {BATCH}");
            return Err(Rejected::field("input_file_id", message));
        }
        Ok(file.label)
    }
}

/// `GET /v1/batches`
async fn list(Inside(caller): Inside, State(house): State<Arc<House>>, uri: Uri) -> Response {
    answered(&house, Dialect::OpenAi, async {
        Ok::<_, Rejected>(health::json(&page(
            house.batches(&caller.name)?.list(Dialect::OpenAi),
            &uri,
            USUAL,
            MOST,
        )?))
    })
    .await
}

/// `GET /v1/batches/ID`
async fn show(Inside(caller): Inside, State(house): State<Arc<House>>, id: Named) -> Response {
    answered(&house, Dialect::OpenAi, async {
        let id = named(id);
        let found = house.batches(&caller.name)?.find(Dialect::OpenAi, &id);
        let found = found.ok_or_else(|| unknown(&id))?;
        Ok::<_, Rejected>(health::json(&found))
    })
    .await
}

/// `POST /v1/batches/ID/cancel`
async fn cancel(Inside(caller): Inside, State(house): State<Arc<House>>, id: Named) -> Response {
    answered(&house, Dialect::OpenAi, async {
        let id = named(id);
        let found = house.batches(&caller.name)?.cancel(Dialect::OpenAi, &id)?;
        let found = found.ok_or_else(|| unknown(&id))?;
        Ok::<_, Rejected>(health::json(&found))
    })
    .await
}

fn unknown(id: &str) -> Rejected {
    let message = format!("there is no batch {:?} here", short(id));
    Rejected::missing("batch_id", message, "GET /v1/batches lists them; they go after thirty days")
}
