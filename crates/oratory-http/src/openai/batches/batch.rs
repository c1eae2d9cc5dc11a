//! One batch, as OpenAI's clients read it, and where it stands.
//!
//! Says nothing of how it is worked on.

use oratory_contract::RequestId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::book::Manner;
use super::line::Fault;
use crate::asking::now;
use crate::openai::files;

/// How long a batch may take, in seconds.
const WINDOW: u64 = 86_400;

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
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
    pub(super) fn is_over(self) -> bool {
        matches!(self, Self::Failed | Self::Completed | Self::Expired | Self::Cancelled)
    }
}

/// One batch.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Batch {
    pub(super) id: String,
    object: String,
    pub(super) endpoint: String,
    errors: Option<Faults>,
    pub(super) input_file_id: String,
    completion_window: String,
    pub(super) status: Status,
    pub(super) output_file_id: Option<String>,
    pub(super) error_file_id: Option<String>,
    pub(super) created_at: u64,
    in_progress_at: Option<u64>,
    pub(super) expires_at: u64,
    finalizing_at: Option<u64>,
    completed_at: Option<u64>,
    failed_at: Option<u64>,
    expired_at: Option<u64>,
    cancelling_at: Option<u64>,
    cancelled_at: Option<u64>,
    pub(super) request_counts: Counts,
    metadata: Option<Map<String, Value>>,
    /// What each of its requests is sent with; nobody is told.
    #[serde(skip)]
    #[schemars(skip)]
    pub(super) manner: Manner,
}

/// How many of its requests have come how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Counts {
    pub(super) total: usize,
    pub(super) completed: usize,
    pub(super) failed: usize,
}

/// What is wrong with its file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Faults {
    object: String,
    data: Vec<Fault>,
}

impl files::Listed for Batch {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> u64 {
        self.created_at
    }
}

impl Batch {
    /// Returns a new batch.
    pub(super) fn new(
        endpoint: String,
        input_file_id: String,
        metadata: Option<Map<String, Value>>,
        manner: Manner,
    ) -> Self {
        let created_at = now();
        Self {
            id: format!("batch_{}", RequestId::new()),
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

    /// Says that it stands elsewhere now.
    pub(super) fn becomes(&mut self, status: Status) {
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
    pub(super) fn fails(&mut self, data: Vec<Fault>) {
        self.errors = Some(Faults { object: "list".to_owned(), data });
        self.becomes(Status::Failed);
    }
}
