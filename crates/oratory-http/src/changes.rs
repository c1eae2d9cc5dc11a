//! What clients may change of the models here, where a person has allowed it.
//!
//! How it is done is another room's matter; the binary brings the two together.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use oratory_contract::{Failure, Habits};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::mpsc::{Receiver, Sender};

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

/// A model that a client wants to have made.
#[derive(Clone, Debug)]
pub struct Making {
    /// Its name.
    pub name: String,
    /// What it is made of.
    pub of: Material,
    /// What holds where requests say nothing.
    pub habits: Habits,
    /// How it writes, in the client's words.
    pub parameters: Map<String, Value>,
    /// Its licence.
    pub licence: Option<String>,
}

/// What a model is made of.
#[derive(Clone, Debug)]
pub enum Material {
    /// A model here, by a name that need not be exact.
    Model(String),
    /// Files that were handed over, by their digests: a model, and perhaps what lets it see.
    Files(String, Option<String>),
}

/// Fetches, makes and removes models.
pub trait Changes: Send + Sync {
    /// Fetches a model, and tells how far it is as long as somebody listens. Dropped, it stops, and
    /// goes on from there the next time.
    fn pull(&self, name: String, tell: Sender<Progress>) -> Doing;

    /// Removes a model.
    fn remove(&self, name: String) -> Doing;

    /// Gives a model here another name.
    fn copy(&self, of: String, name: String) -> Doing;

    /// Makes a model, and tells how far it is.
    fn make(&self, making: Making, tell: Sender<Progress>) -> Doing;

    /// Says whether a file of this digest was handed over.
    fn has_file(&self, digest: &str) -> Result<bool, Failure>;

    /// Takes a file of this digest, and of this size if that is known, piece by piece; `None` says
    /// that it is whole.
    fn receive(&self, digest: String, bytes: Option<u64>, pieces: Receiver<Option<Bytes>>)
    -> Doing;
}
