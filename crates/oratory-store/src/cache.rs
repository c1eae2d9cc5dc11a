//! Answers kept in memory within a byte budget; the least recently used goes first.
//!
//! Finding and keeping take constant time. Which requests may share an answer is decided by
//! whoever makes the key.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use oratory_contract::{AnswerCache, CacheKey, Chunk, Kept};

use self::list::{Index, List};

mod list;
#[cfg(test)]
mod tests;

/// What an entry takes beside its text: key, map slot, list links, token counts.
const OVERHEAD: usize = 256;

/// Keeps answers in memory within a byte budget.
pub struct MemoryCache {
    budget: usize,
    // A plain mutex: nothing in here waits, and the map is touched once or twice per request.
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<CacheKey, Index>,
    by_use: List<(CacheKey, Kept)>,
    bytes: usize,
}

impl MemoryCache {
    /// Returns an empty cache that never holds more than `budget` bytes; 0 keeps nothing.
    pub fn new(budget: usize) -> Self {
        Self { budget, entries: Mutex::default() }
    }

    // A panic under the lock could only leave bytes miscounted; refusing answers would be worse.
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AnswerCache for MemoryCache {
    fn find(&self, key: &CacheKey) -> Option<Kept> {
        let mut entries = self.lock();
        let index = *entries.by_key.get(key)?;
        entries.by_use.touch(index);
        Some(entries.by_use.get(index).1.clone())
    }

    fn keep(&self, key: CacheKey, kept: Kept) {
        let size = size(&kept);
        let mut entries = self.lock();
        entries.forget(&key);
        // Making room for an answer that cannot fit would only empty the cache.
        if size > self.budget {
            return;
        }
        while entries.bytes + size > self.budget {
            entries.forget_oldest();
        }
        entries.bytes += size;
        let index = entries.by_use.push((key, kept));
        entries.by_key.insert(key, index);
    }
}

impl Entries {
    fn forget(&mut self, key: &CacheKey) {
        if let Some(index) = self.by_key.remove(key) {
            let (_, kept) = self.by_use.remove(index);
            self.bytes -= size(&kept);
        }
    }

    fn forget_oldest(&mut self) {
        let oldest = self.by_use.oldest().expect("bytes are counted, so there is an entry");
        let key = self.by_use.get(oldest).0;
        self.forget(&key);
    }
}

fn size(kept: &Kept) -> usize {
    let chunks = kept.chunks.iter().map(|chunk| {
        size_of::<Chunk>()
            + match chunk {
                Chunk::Text(text) | Chunk::Thinking(text) => text.capacity(),
                Chunk::Call(part) => part.arguments.capacity() + OVERHEAD,
                Chunk::Chances(chances) => chances.len() * OVERHEAD,
                Chunk::Vector(numbers) => numbers.capacity() * size_of::<f32>(),
                Chunk::Begun(_) | Chunk::Rating(_) | Chunk::Done(_) => 0,
            }
    });
    let names = kept.place.as_str().len() + kept.model.as_str().len();
    OVERHEAD + chunks.sum::<usize>() + names
}
