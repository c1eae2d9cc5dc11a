//! The seam to receipts: whatever leaves is written down first, or does not leave.
//!
//! A departure tells what kind of things were in it, never their words.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::{Failure, PlaceName, RequestId, Tier};

/// One call that is about to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The place it is for.
    pub place: PlaceName,
    /// How far from home that is.
    pub tier: Tier,
    /// The method and the whole address: `POST https://api.example/v1/chat/completions`.
    pub to: String,
    /// What is told of the request behind it; `None` for calls of our own, such as lists of models.
    pub cargo: Option<Cargo>,
    /// How many bytes the body has.
    pub bytes: u64,
    /// The SHA-256 digest of the body.
    pub digest: [u8; 32],
}

/// What is told of a request that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cargo {
    /// The request, as its record names it.
    pub request: RequestId,
    /// Its labels, before anything was masked.
    pub labels: String,
    /// In which form it leaves.
    pub form: &'static str,
    /// Spans that were replaced, by kind.
    pub masked: BTreeMap<&'static str, u32>,
    /// The drawer that knows what stands for what; empty where nothing was replaced.
    pub drawer: String,
}

/// Writes departures down.
#[async_trait]
pub trait Departures: Send + Sync {
    /// Returns once the departure is written down, or says why nothing may leave now.
    async fn note(&self, departure: Departure) -> Result<(), Failure>;
}
