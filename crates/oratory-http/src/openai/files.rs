//! `/v1/files`: what batches are made of, and what came of them.
//!
//! Files lie on this machine until somebody deletes them or they are thirty days old.

use std::io::Read;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::Uri;
use oratory_contract::{At, CallerName, Failure, FailureKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::asking::{answered, declared};
use crate::dialect::Dialect;
use crate::failures::short;
use crate::folder::{Folder, Kept, KeptFile};
use crate::openapi::{Operation, Paths};
use crate::rejected::Rejected;
use crate::router::{House, Inside};
use crate::{health, listed, outflow, reading};

mod form;
mod page;

pub(super) use page::{List, page};

/// What a file of a batch's requests is for.
pub(super) const BATCH: &str = "batch";
/// Bytes of a file that go out at once.
const PIECE: usize = 64 << 10;
/// Files of one page, as OpenAI has it.
const MOST: usize = 10_000;

/// Adds the paths of files.
pub(super) fn paths(paths: Paths) -> Paths {
    let of = |name, about| Operation::new(name, Dialect::OpenAi, about);
    paths
        .post(
            "/v1/files",
            upload,
            of("keep_file", "Keeps a file of requests.")
                .takes_form(form::described)
                .labelled()
                .tells::<KeptFile>("File")
                .also(&["/files"]),
        )
        .get(
            "/v1/files",
            list,
            of("list_files", "The files that are kept.")
                .tells::<List<KeptFile>>("Files")
                .also(&["/files"]),
        )
        .get(
            "/v1/files/{id}",
            show,
            of("find_file", "A file that is kept.").tells::<KeptFile>("File"),
        )
        .get(
            "/v1/files/{id}/content",
            content,
            of("read_file", "What is in a file.").sends("application/octet-stream"),
        )
        .delete(
            "/v1/files/{id}",
            delete,
            of("delete_file", "Deletes a file.").tells::<Deleted>("DeletedFile"),
        )
}

/// A file that is gone.
#[derive(Serialize, JsonSchema)]
struct Deleted {
    id: String,
    object: &'static str,
    deleted: bool,
}

type Named = Result<Path<String>, PathRejection>;

/// `POST /v1/files`
async fn upload(
    Inside(caller): Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    answered(&house, Dialect::OpenAi, async {
        let (head, body) = request.into_parts();
        let label = declared(&head.headers)?.map(|labels| labels.sensitivity);
        let label = label.max(caller.least());
        let sent = reading::whole(&house, &head.headers, body).await?;
        let form = form::read(&head.headers, &sent.bytes)?;
        let folder = folder(&house, &caller.name)?;
        let kept = move || folder.add(&form.file, form.name, BATCH, label);
        let kept = tokio::task::spawn_blocking(kept).await.unwrap_or_else(|error| {
            let message = "the file could not be kept";
            Err(Failure::new(FailureKind::Ours, At::Oratory, message).because(error))
        });
        Ok::<_, Rejected>(health::json(&kept?))
    })
    .await
}

/// `GET /v1/files`
async fn list(Inside(caller): Inside, State(house): State<Arc<House>>, uri: Uri) -> Response {
    answered(&house, Dialect::OpenAi, async {
        let purpose = listed::field(&uri, "purpose");
        let mut files = folder(&house, &caller.name)?.list();
        files.retain(|file| purpose.is_none_or(|purpose| file.purpose == purpose));
        Ok::<_, Rejected>(health::json(&page(files, &uri, MOST, MOST)?))
    })
    .await
}

/// `GET /v1/files/ID`
async fn show(Inside(caller): Inside, State(house): State<Arc<House>>, id: Named) -> Response {
    answered(&house, Dialect::OpenAi, async {
        Ok::<_, Rejected>(health::json(&find(&house, &caller.name, &named(id))?.told))
    })
    .await
}

/// `GET /v1/files/ID/content`
async fn content(Inside(caller): Inside, State(house): State<Arc<House>>, id: Named) -> Response {
    answered(&house, Dialect::OpenAi, async {
        let file = find(&house, &caller.name, &named(id))?;
        let path = folder(&house, &caller.name)?.path(&file.told.id);
        let opened = tokio::task::spawn_blocking(move || std::fs::File::open(path)).await;
        let opened = opened.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let mut opened = opened.map_err(|error| {
            let message = "the file could not be read";
            Failure::new(FailureKind::Ours, At::Oratory, message).because(error)
        })?;
        let piece = move || {
            let mut piece = vec![0; PIECE];
            let read = opened.read(&mut piece)?;
            piece.truncate(read);
            Ok((read > 0).then(|| Bytes::from(piece)))
        };
        Ok::<_, Rejected>(outflow::response("application/octet-stream", piece))
    })
    .await
}

/// `DELETE /v1/files/ID`
async fn delete(Inside(caller): Inside, State(house): State<Arc<House>>, id: Named) -> Response {
    answered(&house, Dialect::OpenAi, async {
        let id = find(&house, &caller.name, &named(id))?.told.id;
        if let Some(batch) = house.batches(&caller.name)?.needs(&id) {
            let message = format!("{id} is being worked on by {batch}");
            let failure = Failure::new(FailureKind::Invalid, At::Caller, message);
            return Err(failure.hint("cancel the batch first, or wait for its end").into());
        }
        folder(&house, &caller.name)?.remove(&id)?;
        Ok::<_, Rejected>(health::json(&Deleted { id, object: "file", deleted: true }))
    })
    .await
}

/// Returns the folder of a caller's files, where there is one.
fn folder(house: &Arc<House>, caller: &CallerName) -> Result<Arc<Folder>, Failure> {
    Ok(house.batches(caller)?.files.clone())
}

/// Returns a file that is kept.
pub(super) fn find(house: &Arc<House>, caller: &CallerName, id: &str) -> Result<Kept, Rejected> {
    folder(house, caller)?.find(id).ok_or_else(|| {
        let message = format!("there is no file {:?} here", short(id));
        Rejected::missing("file_id", message, "GET /v1/files lists them; they go after thirty days")
    })
}

/// Returns the name in a path; one that is no text names nothing.
pub(super) fn named(id: Named) -> String {
    id.map(|Path(id)| id).unwrap_or_default()
}
