//! What clients may change of the models here, where a person has allowed it.
//!
//! How it is done is another room's matter; the binary brings the two together.

use std::future::Future;
use std::pin::Pin;

use oratory_contract::Failure;
use serde::Serialize;
use tokio::sync::mpsc::Sender;

/// How far a model has come, in Ollama's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Progress {
    /// What is being done.
    pub status: String,
    /// The file it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Bytes there will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Bytes that are here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<u64>,
}

/// Something that ends with a failure or without one.
pub type Doing = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// Fetches and removes models.
pub trait Changes: Send + Sync {
    /// Fetches a model, and tells how far it is as long as somebody listens. Dropped, it stops, and
    /// goes on from there the next time.
    fn pull(&self, name: String, tell: Sender<Progress>) -> Doing;

    /// Removes a model.
    fn remove(&self, name: String) -> Doing;
}
