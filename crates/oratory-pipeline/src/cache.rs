//! Step three: has this very question been answered already?
//!
//! Only answers that would come out the same are kept, never those of secret content, and a
//! hit needs the same caller, the same labels and a place the permit still allows.

use std::sync::Arc;

use futures_util::StreamExt;
use oratory_contract::{
    Answer, AnswerCache, Asked, Begun, CacheKey, Chunk, Chunks, Kept, ModelName, Permit, PlaceName,
    Readiness, Sensitivity, Task,
};
use sha2::{Digest, Sha256};

use crate::route::omitted;
use crate::{Portfolio, Site};

/// The longest answer worth keeping, in bytes.
const LONGEST: usize = 256 * 1024;

/// Where this request's answer would be kept; `None` if it must not be.
pub(crate) struct Shelf {
    cache: Arc<dyn AnswerCache>,
    key: CacheKey,
}

/// Returns where the answer to this request may be kept.
pub(crate) fn shelf(
    cache: Option<&Arc<dyn AnswerCache>>,
    asked: &Asked,
    permit: &Permit,
) -> Option<Shelf> {
    // What a model makes of the same text is quickly made again, and large to keep.
    let repeatable = asked.task == Task::Answer && asked.sampling.temperature == Some(0.0);
    let allowed = permit.labels().sensitivity < Sensitivity::Secret;
    // Nobody has looked into a picture, which may well be secret.
    let readable = asked.media().next().is_none();
    let cache = cache.filter(|_| repeatable && allowed && readable)?;
    Some(Shelf { cache: cache.clone(), key: key(asked, permit)? })
}

impl Shelf {
    /// Returns the kept answer, if its place may still answer this request.
    pub(crate) fn find(&self, permit: &Permit, portfolio: &Portfolio) -> Option<Answer> {
        let kept = self.cache.find(&self.key).filter(|kept| permit.grant(&kept.place).is_some())?;
        // A model that was replaced or deleted does not answer from the past.
        if revision(portfolio, &kept.place, &kept.model) != Some(kept.revision) {
            return None;
        }
        let chunks = futures_util::stream::iter(kept.chunks.into_iter().map(Ok)).boxed();
        Some(Answer { place: kept.place, model: kept.model, chunks })
    }

    /// Returns the answer unchanged, keeping it once it has come to its end.
    pub(crate) fn keep(self, answer: Answer, portfolio: &Portfolio) -> Answer {
        let Some(revision) = revision(portfolio, &answer.place, &answer.model) else {
            return answer;
        };
        let Answer { place, model, chunks } = answer;
        let kept = (place.clone(), model.clone());
        let chunks: Chunks = chunks
            .scan(Some(Gathered::default()), move |gathered, chunk| {
                match &chunk {
                    Ok(more) => *gathered = gathered.take().and_then(|so_far| so_far.with(more)),
                    Err(_) => *gathered = None,
                }
                if matches!(chunk, Ok(Chunk::Done(_)))
                    && let Some(Gathered { chunks, .. }) = gathered.take()
                {
                    let (place, model) = kept.clone();
                    self.cache.keep(self.key, Kept { place, model, revision, chunks });
                }
                futures_util::future::ready(Some(chunk))
            })
            .boxed();
        Answer { place, model, chunks }
    }
}

/// Returns what of a request the place of a kept answer was not told.
pub(crate) fn left_out(kept: &Answer, portfolio: &Portfolio, asked: &Asked) -> Vec<String> {
    let sites = portfolio.sites();
    let site = sites.iter().find(|site| site.card().name == kept.place);
    site.map(|site| omitted::by(site, &kept.model, asked)).unwrap_or_default()
}

/// Returns which file a model is now; `None` if it cannot answer.
fn revision(portfolio: &Portfolio, place: &PlaceName, model: &ModelName) -> Option<u64> {
    let sites = portfolio.sites();
    let site = sites.iter().find(|site| site.card().name == *place)?;
    match site {
        // What others serve under a name is their matter.
        Site::Remote(_) => Some(0),
        Site::Local(place) => {
            let models = place.models();
            let card = models.iter().find(|card| card.is_named(model.as_str()))?;
            let there = matches!(card.readiness, Readiness::Ready | Readiness::Cold);
            there.then_some(card.revision)
        }
    }
}

/// An answer so far.
#[derive(Default)]
struct Gathered {
    chunks: Vec<Chunk>,
    bytes: usize,
}

impl Gathered {
    /// Adds a chunk, text to the text before it; `None` once it is too long to keep.
    fn with(mut self, chunk: &Chunk) -> Option<Self> {
        match (self.chunks.last_mut(), chunk) {
            (Some(Chunk::Text(so_far)), Chunk::Text(more))
            | (Some(Chunk::Thinking(so_far)), Chunk::Thinking(more)) => so_far.push_str(more),
            // Given again, it takes no time.
            (_, Chunk::Begun(begun)) => {
                let Begun { input, cached, left_out, .. } = *begun;
                let begun = Begun { input, cached, left_out, ..Begun::default() };
                self.chunks.push(Chunk::Begun(begun));
            }
            _ => self.chunks.push(chunk.clone()),
        }
        self.bytes += match chunk {
            Chunk::Text(text) | Chunk::Thinking(text) => text.len(),
            Chunk::Call(part) => part.arguments.len() + size_of::<Chunk>(),
            Chunk::Chances(chances) => chances.len() * size_of::<Chunk>(),
            Chunk::Vector(numbers) => size_of_val(&numbers[..]),
            Chunk::Begun(_) | Chunk::Rating(_) | Chunk::Done(_) => 0,
        };
        (self.bytes <= LONGEST).then_some(self)
    }
}

/// Everything that could change the answer or who may see it, hashed.
fn key(asked: &Asked, permit: &Permit) -> Option<CacheKey> {
    let Asked { id: _, caller, model, messages, tools, form, effort, .. } = asked;
    let Asked { sampling, limits, delivery: _, declared: _, at_home, extras, .. } = asked;
    let what = (model.as_str(), messages, tools, form, effort);
    let stated =
        (&caller.name, permit.labels(), what, sampling, limits, &at_home.shortening, extras);
    Some(Sha256::digest(serde_json::to_vec(&stated).ok()?).into())
}
