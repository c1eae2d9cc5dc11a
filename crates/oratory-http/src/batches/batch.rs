//! One batch and where it stands, in the words of OpenAI, in which it is also written down.
//!
//! Says nothing of how it is worked on.

use oratory_contract::RequestId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::book::Manner;
use super::line::Fault;
use crate::asking::now;
use crate::dialect::Dialect;
use crate::listed::Listed;

/// How long a batch may take, in seconds.
const WINDOW: u64 = 86_400;

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Validating,
    Failed,
    InProgress,
    Finalizing,
    Completed,
    Expired,
    Cancelling,
    Cancelled,
}

impl Status {
    /// Whether nothing more becomes of it.
    pub(crate) fn is_over(self) -> bool {
        matches!(self, Self::Failed | Self::Completed | Self::Expired | Self::Cancelled)
    }
}

/// One batch.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Batch {
    pub(crate) id: String,
    object: String,
    pub(crate) endpoint: String,
    errors: Option<Faults>,
    pub(crate) input_file_id: String,
    completion_window: String,
    pub(crate) status: Status,
    pub(crate) output_file_id: Option<String>,
    pub(crate) error_file_id: Option<String>,
    pub(crate) created_at: u64,
    in_progress_at: Option<u64>,
    pub(crate) expires_at: u64,
    finalizing_at: Option<u64>,
    completed_at: Option<u64>,
    failed_at: Option<u64>,
    expired_at: Option<u64>,
    pub(crate) cancelling_at: Option<u64>,
    cancelled_at: Option<u64>,
    pub(crate) request_counts: Counts,
    metadata: Option<Map<String, Value>>,
    /// What each of its requests is sent with; nobody is told.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) manner: Manner,
}

/// How many of its requests have come how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Counts {
    pub(crate) total: usize,
    pub(crate) completed: usize,
    pub(crate) failed: usize,
}

/// What is wrong with its file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Faults {
    object: String,
    data: Vec<Fault>,
}

impl Listed for Batch {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> u64 {
        self.created_at
    }
}

impl Batch {
    /// Returns a new batch.
    pub(crate) fn new(
        endpoint: String,
        input_file_id: String,
        metadata: Option<Map<String, Value>>,
        manner: Manner,
    ) -> Self {
        let created_at = now();
        let kind = match super::dialect(&endpoint) {
            Dialect::Anthropic => "msgbatch",
            _ => "batch",
        };
        Self {
            id: format!("{kind}_{}", RequestId::new()),
            object: "batch".to_owned(),
            endpoint,
            errors: None,
            input_file_id,
            completion_window: super::WINDOW.to_owned(),
            status: Status::Validating,
            output_file_id: None,
            error_file_id: None,
            created_at,
            in_progress_at: None,
            expires_at: created_at + WINDOW,
            finalizing_at: None,
            completed_at: None,
            failed_at: None,
            expired_at: None,
            cancelling_at: None,
            cancelled_at: None,
            request_counts: Counts::default(),
            metadata,
            manner,
        }
    }

    /// Returns whose words its requests are in.
    pub(crate) fn dialect(&self) -> Dialect {
        super::dialect(&self.endpoint)
    }

    /// Returns the name of a file of what came of it. It is the same at every try, so that no
    /// answer is lost between two notes.
    pub(crate) fn file(&self, kind: &str) -> String {
        let (_, name) = self.id.split_once('_').unwrap_or_default();
        format!("file-{name}-{kind}")
    }

    /// Returns when it was over.
    pub(crate) fn ended_at(&self) -> Option<u64> {
        self.completed_at.or(self.failed_at).or(self.expired_at).or(self.cancelled_at)
    }

    /// Says that it stands elsewhere now.
    pub(crate) fn becomes(&mut self, status: Status) {
        self.status = status;
        let at = match status {
            Status::Validating => return,
            Status::Failed => &mut self.failed_at,
            Status::InProgress => &mut self.in_progress_at,
            Status::Finalizing => &mut self.finalizing_at,
            Status::Completed => &mut self.completed_at,
            Status::Expired => &mut self.expired_at,
            Status::Cancelling => &mut self.cancelling_at,
            Status::Cancelled => &mut self.cancelled_at,
        };
        // A restart does not begin anew what has begun.
        at.get_or_insert_with(now);
    }

    /// Says that its file cannot be worked on.
    pub(crate) fn fails(&mut self, data: Vec<Fault>) {
        self.errors = Some(Faults { object: "list".to_owned(), data });
        self.becomes(Status::Failed);
    }
}
