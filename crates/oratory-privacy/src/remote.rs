//! The seam to models elsewhere: they accept only what this crate has masked.
//!
//! `oratory-remote` implements it; the pipeline calls it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use oratory_contract::{Answer, Asked, Failure, ModelCard, ModelName, PlaceCard, Trouble, Words};

use crate::Masked;

/// A place that is not this machine.
#[async_trait]
pub trait RemotePlace: Send + Sync {
    /// Returns what is known of the place.
    fn card(&self) -> &PlaceCard;

    /// Returns the models there, best first, as far as they are known now.
    fn models(&self) -> Arc<[ModelCard]>;

    /// Returns what is wrong there, as far as it is known now.
    fn trouble(&self) -> Option<Trouble>;

    /// Returns what is asked that there are no words for there, as a plural; `None` where all can
    /// be said.
    fn lacks(&self, asked: &Asked) -> Option<&'static str>;

    /// Returns how long a model is better left alone with a request of at least so many tokens, by
    /// what the place has said of its limits; `None` where it may be asked.
    fn rests(&self, model: &ModelName, tokens: u64) -> Option<Duration>;

    /// Returns how many requests may be under way there at once.
    fn room(&self) -> usize;

    /// Says whether it understands these words, so that what stands in them can be passed on.
    fn speaks(&self, words: Words) -> bool;

    /// Returns what is asked that is left out there, since there are no words for it, though the
    /// request makes sense without it.
    fn leaves_out(&self, model: &ModelName, asked: &Asked) -> Vec<&'static str>;

    /// Starts an answer. Dropping the answer ends the call.
    async fn run(&self, model: &ModelName, masked: Masked) -> Result<Answer, Failure>;
}
