//! Step three: has this very question been answered already?
//!
//! Only answers that would come out the same are kept, never those of secret content, and a
//! hit needs the same caller, the same labels and a place the permit still allows.

use std::sync::Arc;

use futures_util::StreamExt;
use oratory_contract::{
    Answer, AnswerCache, Asked, CacheKey, Chunk, Chunks, Kept, Permit, Sensitivity,
};
use sha2::{Digest, Sha256};

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
    let repeatable = asked.sampling.temperature == Some(0.0);
    let allowed = permit.labels().sensitivity < Sensitivity::Secret;
    let cache = cache.filter(|_| repeatable && allowed)?;
    Some(Shelf { cache: cache.clone(), key: key(asked, permit)? })
}

impl Shelf {
    /// Returns the kept answer, if its place may still answer this request.
    pub(crate) fn find(&self, permit: &Permit) -> Option<Answer> {
        let kept = self.cache.find(&self.key).filter(|kept| permit.grant(&kept.place).is_some())?;
        let chunks = [Ok(Chunk::Text(kept.text)), Ok(Chunk::Done(kept.done))];
        let chunks = futures_util::stream::iter(chunks).boxed();
        Some(Answer { place: kept.place, model: kept.model, chunks })
    }

    /// Returns the answer unchanged, keeping it once it has come to its end.
    pub(crate) fn keep(self, answer: Answer) -> Answer {
        let Answer { place, model, chunks } = answer;
        let kept = (place.clone(), model.clone());
        let chunks: Chunks = chunks
            .scan(Some(String::new()), move |text, chunk| {
                match &chunk {
                    Ok(Chunk::Text(more)) => gather(text, more),
                    Ok(Chunk::Done(done)) => {
                        if let Some(text) = text.take() {
                            let (place, model) = kept.clone();
                            self.cache.keep(self.key, Kept { place, model, text, done: *done });
                        }
                    }
                    Err(_) => *text = None,
                }
                futures_util::future::ready(Some(chunk))
            })
            .boxed();
        Answer { place, model, chunks }
    }
}

fn gather(text: &mut Option<String>, more: &str) {
    if let Some(so_far) = text {
        so_far.push_str(more);
        if so_far.len() > LONGEST {
            *text = None;
        }
    }
}

/// Everything that could change the answer or who may see it, hashed.
fn key(asked: &Asked, permit: &Permit) -> Option<CacheKey> {
    let Asked { id: _, caller, model, messages, sampling, limits, delivery: _, declared: _ } =
        asked;
    let stated = (caller, permit.labels(), model.as_str(), messages, sampling, limits);
    Some(Sha256::digest(serde_json::to_vec(&stated).ok()?).into())
}
