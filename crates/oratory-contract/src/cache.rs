//! The seam to kept answers.
//!
//! A key never crosses a partition: same caller, same labels, same request, or no hit.

use crate::{Chunk, ModelName, PlaceName};

/// Identifies a request whose answer may be reused. Equal keys mean equal requests.
pub type CacheKey = [u8; 32];

/// An answer worth keeping.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The place that answered.
    pub place: PlaceName,
    /// The model that answered.
    pub model: ModelName,
    /// Which of the files that have had this name.
    pub revision: u64,
    /// All it consists of, the end included.
    pub chunks: Vec<Chunk>,
}

/// Keeps answers within a budget of memory, forgetting the least recently used.
pub trait AnswerCache: Send + Sync {
    /// Returns the answer kept under `key`.
    fn find(&self, key: &CacheKey) -> Option<Kept>;
    /// Keeps an answer.
    fn keep(&self, key: CacheKey, kept: Kept);
}
