//! Works on a caller's batches, one request at a time, so that whoever waits for an answer has the machine.
//!
//! Requests take the way of all others: labels, policy and records are the same.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, Request, header};
use oratory_contract::{CallerName, Failure, RequestId};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, Counts, Status};
use super::book::Batches;
use super::line::{self, Line, fault};
use super::sheet::Sheet;
use crate::asking::now;
use crate::dialect::Dialect;
use crate::folder::{INNER, unwritten};
use crate::rejected::Rejected;
use crate::router::House;
use crate::{anthropic, openai};

/// How often it is looked for what is too old, while nothing is to be done.
const SWEEP: Duration = Duration::from_secs(3600);
/// How long is waited when a batch cannot be worked on at all.
const TROUBLE: Duration = Duration::from_secs(60);
/// How often a request is asked again that the machine was too busy for.
const TRIES: u32 = 30;
/// The first and the longest wait before that.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// Works on batches until the house closes.
pub(super) async fn run(house: Arc<House>, batches: Arc<Batches>, owner: CallerName) {
    if !batches.files.is_ours() {
        return;
    }
    let stop = house.config.stop.clone();
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        () = work(&house, &batches, &owner, &stop) => {}
    }
}

async fn work(house: &Arc<House>, batches: &Batches, owner: &CallerName, stop: &CancellationToken) {
    loop {
        batches.forget_old();
        let Some((batch, off)) = batches.next() else {
            let _ = tokio::time::timeout(SWEEP, batches.news.notified()).await;
            continue;
        };
        let id = batch.id.clone();
        if let Err(failure) = (Work { house, batches, owner, batch, off, stop }).done().await {
            tracing::warn!(%id, %failure, "a batch cannot be worked on");
            tokio::time::sleep(TROUBLE).await;
        }
    }
}

/// A batch that is worked on.
struct Work<'a> {
    house: &'a Arc<House>,
    batches: &'a Batches,
    /// Whose batch it is.
    owner: &'a CallerName,
    batch: Batch,
    /// Calls it off.
    off: CancellationToken,
    stop: &'a CancellationToken,
}

/// How a request ended.
enum Ended {
    Answered(Value),
    Failed(Value),
    /// It is not known how.
    Open,
}

impl Work<'_> {
    async fn done(self) -> Result<(), Failure> {
        let id = self.batch.id.clone();
        let Some(lines) = self.lines().await? else { return Ok(()) };
        let (mut given, mut failed) = (self.sheet("output")?, self.sheet("error")?);
        self.count(lines.len(), &given, &failed);
        if self.batch.status == Status::Validating {
            self.batches.change(&id, |batch| {
                // Unless it was called off in the meantime.
                if batch.status == Status::Validating {
                    batch.becomes(Status::InProgress);
                }
            })?;
        }
        for line in &lines {
            if given.names.contains(&line.custom_id) || failed.names.contains(&line.custom_id) {
                continue;
            }
            if self.is_over() {
                break;
            }
            match self.asked(line).await {
                Ended::Answered(told) => given.add(&line.custom_id, &told, &Value::Null),
                Ended::Failed(told) => failed.add(&line.custom_id, &told, &Value::Null),
                Ended::Open => break,
            }
            .map_err(unwritten)?;
            self.count(lines.len(), &given, &failed);
        }
        // The next start goes on from here.
        if self.stop.is_cancelled() {
            return Ok(());
        }
        self.finish(&lines, &given, &mut failed)
    }

    /// Whether nothing more of it is to be asked.
    fn is_over(&self) -> bool {
        let status = self.batches.status(&self.batch.id);
        self.stop.is_cancelled()
            || self.off.is_cancelled()
            || now() >= self.batch.expires_at
            || matches!(status, None | Some(Status::Cancelling))
    }

    /// Returns its requests; `None` if its file is no such file, which is said in the batch then.
    async fn lines(&self) -> Result<Option<Vec<Line>>, Failure> {
        let path = self.batches.files.path(&self.batch.input_file_id);
        let endpoint = self.batch.endpoint.clone();
        let read = tokio::task::spawn_blocking(move || {
            let told = |message: String| vec![fault("input_file_id", message, None)];
            let bytes = std::fs::read(path)
                .map_err(|error| told(format!("the file cannot be read: {error}")))?;
            let text =
                String::from_utf8(bytes).map_err(|_| told("the file is not UTF-8".to_owned()))?;
            line::read(&text, &endpoint)
        });
        let read = read.await.unwrap_or_else(|error| {
            Err(vec![fault("input_file_id", format!("the file cannot be read: {error}"), None)])
        });
        match read {
            Ok(lines) => Ok(Some(lines)),
            Err(faults) => {
                self.batches.change(&self.batch.id, |batch| batch.fails(faults))?;
                Ok(None)
            }
        }
    }

    fn sheet(&self, kind: &str) -> Result<Sheet, Failure> {
        Sheet::open(self.batches.files.path(&self.batch.file(kind))).map_err(unwritten)
    }

    fn count(&self, total: usize, given: &Sheet, failed: &Sheet) {
        let failed = match self.batch.dialect() {
            // Its clients are told apart what failed and what was never asked.
            Dialect::Anthropic => failed.names.len() - failed.unasked,
            _ => failed.names.len(),
        };
        let counts = Counts { total, completed: given.names.len(), failed };
        self.batches.counted(&self.batch.id, |batch| batch.request_counts = counts);
    }

    /// Asks one request, again if the machine is too busy.
    async fn asked(&self, line: &Line) -> Ended {
        let mut pause = PAUSE;
        for attempt in 1.. {
            let response = tokio::select! {
                () = self.off.cancelled() => return Ended::Open,
                response = self.answer(line) => response,
            };
            let (status, retry) = (response.status(), retry_after(&response));
            let busy = matches!(status.as_u16(), 429 | 503) && attempt < TRIES;
            let told = told(response).await;
            // What fails while the house closes says nothing of the request.
            if self.stop.is_cancelled() {
                return Ended::Open;
            }
            if !busy {
                return if status.is_success() {
                    Ended::Answered(told)
                } else {
                    Ended::Failed(told)
                };
            }
            tokio::select! {
                () = self.off.cancelled() => return Ended::Open,
                () = tokio::time::sleep(retry.unwrap_or(pause).clamp(PAUSE, LONGEST)) => {}
            }
            pause = (pause * 2).min(LONGEST);
        }
        Ended::Open
    }

    async fn answer(&self, line: &Line) -> Response {
        if let Err(rejected) = whole_and_now(&line.body) {
            let dialect = self.batch.dialect();
            return dialect.failure(&rejected.failure, rejected.param.as_deref());
        }
        let dialect = self.batch.dialect();
        // What they may is asked anew for every request: a key that is gone asks nothing more.
        let caller = match self.house.config.door.known(self.owner) {
            Ok(caller) => caller,
            Err(failure) => return dialect.failure(&failure, None),
        };
        let (house, mut request) = (self.house, self.request(line));
        request.extensions_mut().insert(caller);
        match dialect {
            Dialect::Anthropic => anthropic::answer(house, request).await,
            _ => openai::answer(house, &self.batch.endpoint, request).await,
        }
    }

    fn request(&self, line: &Line) -> Request<Body> {
        let mut request = Request::new(Body::from(line.body.clone()));
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let manner = &self.batch.manner;
        let label = manner.label.map(|label| label.as_str().to_owned());
        for (name, value) in
            [("x-oratory-label", label), ("x-oratory-purpose", manner.purpose.clone())]
        {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                headers.insert(name, value);
            }
        }
        request
    }

    /// Makes files of what came of it, and says that it is over.
    fn finish(&self, lines: &[Line], given: &Sheet, failed: &mut Sheet) -> Result<(), Failure> {
        let (id, files) = (&self.batch.id, &self.batches.files);
        let called_off =
            self.off.is_cancelled() || self.batches.status(id) == Some(Status::Cancelling);
        let rest = |line: &&Line| {
            !given.names.contains(&line.custom_id) && !failed.names.contains(&line.custom_id)
        };
        let late: Vec<&Line> = lines.iter().filter(rest).collect();
        let ends = match (called_off, late.is_empty()) {
            (true, _) => Status::Cancelled,
            (false, true) => Status::Completed,
            (false, false) => Status::Expired,
        };
        if let Some(error) = unasked(ends, self.batch.dialect()) {
            let names = late.iter().map(|line| &*line.custom_id);
            failed.close(names, &error).map_err(unwritten)?;
        }
        self.count(lines.len(), given, failed);
        let label = self.batch.manner.label;
        let purpose = match self.batch.dialect() {
            Dialect::Anthropic => INNER,
            _ => "batch_output",
        };
        let kept = |sheet: &Sheet, kind: &str| {
            let name = format!("{id}_{kind}.jsonl");
            let adopt = || files.adopt(self.batch.file(kind), name, purpose, label);
            (!sheet.names.is_empty()).then(adopt).transpose()
        };
        let (output, errors) = (kept(given, "output")?, kept(failed, "error")?);
        self.batches.change(id, |batch| {
            batch.output_file_id = output.map(|file| file.id);
            batch.error_file_id = errors.map(|file| file.id);
            if ends != Status::Cancelled {
                batch.becomes(Status::Finalizing);
            }
            batch.becomes(ends);
        })?;
        Ok(())
    }
}

/// Returns what is said of requests that were never asked, if anything is.
fn unasked(ends: Status, dialect: Dialect) -> Option<Value> {
    let (code, message) = match (ends, dialect) {
        (Status::Expired, _) => ("batch_expired", "the batch was over before its turn"),
        // OpenAI's clients look for no line of what they have called off themselves.
        (Status::Cancelled, Dialect::Anthropic) => {
            ("batch_cancelled", "the batch was called off before its turn")
        }
        _ => return None,
    };
    Some(json!({ "code": code, "message": message }))
}

/// Refuses what nobody is there for.
fn whole_and_now(body: &str) -> Result<(), Rejected> {
    #[derive(serde::Deserialize)]
    struct Wishes {
        stream: Option<Value>,
        background: Option<Value>,
    }
    // What is no such body at all, its reader says.
    let Ok(wishes) = serde_json::from_str::<Wishes>(body) else { return Ok(()) };
    if wishes.stream == Some(Value::Bool(true)) {
        return Err(Rejected::cannot("stream", "nobody would be there to hear it"));
    }
    if wishes.background == Some(Value::Bool(true)) {
        return Err(Rejected::cannot("background", "a batch is made in the background anyway"));
    }
    Ok(())
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Returns what a response told, as a line of a batch tells it.
async fn told(response: Response) -> Value {
    let (head, body) = response.into_parts();
    let id = head.headers.get("x-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    // It was made here, and is as long as an answer is.
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    json!({
        "status_code": head.status.as_u16(),
        "request_id": id.unwrap_or_else(|| RequestId::new().to_string()),
        "body": body,
    })
}
