//! Responses that were given, for those who go on from them.
//!
//! In memory only, within a budget, the oldest first to go; a caller sees the own ones alone.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oratory_contract::{CallerName, Labels, Message};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// Bytes of all kept responses together.
const MOST_BYTES: usize = 64 << 20;
/// What keeping one costs beside its text, roughly.
const OVERHEAD: usize = 1 << 10;

/// A response that was given.
#[derive(Debug)]
pub(crate) struct Kept {
    /// As it was told.
    pub(super) response: Value,
    /// The conversation that led to it, and it, without instructions.
    pub(super) messages: Vec<Message>,
    /// What of it came with its own request.
    pub(super) input: Vec<Value>,
    /// The label a caller has put on it: what goes on from it is no less private.
    pub(super) declared: Option<Labels>,
    /// What calls it off, while it is still being made.
    pub(super) work: Option<CancellationToken>,
}

type Key = (CallerName, String);

/// Responses that were given.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    kept: HashMap<Key, (Arc<Kept>, usize)>,
    /// In the order they came; names of forgotten ones stay until their turn.
    order: VecDeque<Key>,
    bytes: usize,
}

impl Shelf {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find(&self, caller: &CallerName, id: &str) -> Option<Arc<Kept>> {
        let key = (caller.clone(), id.to_owned());
        self.inner().kept.get(&key).map(|(kept, _)| kept.clone())
    }

    /// Forgets a response, and says whether it was there.
    pub(super) fn forget(&self, caller: &CallerName, id: &str) -> bool {
        self.inner().forget(&(caller.clone(), id.to_owned()))
    }

    pub(super) fn keep(&self, caller: &CallerName, id: String, kept: Kept) {
        let said = kept.messages.iter().flat_map(Message::texts).map(str::len).sum::<usize>();
        let media = kept.messages.iter().flat_map(|message| &message.media);
        let shown = media.map(|medium| medium.file.bytes().len()).sum::<usize>();
        let input: usize = kept.input.iter().map(|item| item.to_string().len()).sum();
        // The answer is there twice, and what asked for it may be long too.
        let told = kept.response.to_string().len() + input;
        let bytes = OVERHEAD * (1 + kept.messages.len() + kept.input.len()) + said + shown + told;
        if bytes > MOST_BYTES {
            return;
        }
        let (mut inner, key) = (self.inner(), (caller.clone(), id));
        // As it was before, if it is there already.
        inner.forget(&key);
        inner.bytes += bytes;
        inner.kept.insert(key.clone(), (Arc::new(kept), bytes));
        inner.order.push_back(key);
        while inner.bytes > MOST_BYTES {
            let Some(oldest) = inner.order.pop_front() else { break };
            inner.forget(&oldest);
        }
    }
}

impl Inner {
    fn forget(&mut self, key: &Key) -> bool {
        let Some((_, bytes)) = self.kept.remove(key) else { return false };
        self.bytes -= bytes;
        self.order.retain(|other| other != key);
        true
    }
}

#[cfg(test)]
mod tests {
    use oratory_contract::{Message, Role};
    use serde_json::json;

    use super::{Kept, Shelf};

    fn kept(text: &str) -> Kept {
        let messages = vec![Message::new(Role::User, text)];
        Kept { response: json!({}), messages, input: vec![], declared: None, work: None }
    }

    #[test]
    fn the_oldest_go_when_there_is_no_more_room_and_callers_are_kept_apart() {
        let (shelf, ada, bob) = (Shelf::default(), "ada".into(), "bob".into());
        let long = "x".repeat(20 << 20);
        for id in ["1", "2", "3", "4"] {
            shelf.keep(&ada, id.to_owned(), kept(&long));
        }
        assert!(shelf.find(&ada, "1").is_none());
        assert!(shelf.find(&ada, "2").is_some());
        assert!(shelf.find(&bob, "2").is_none());
        assert!(!shelf.forget(&bob, "2"));
        assert!(shelf.forget(&ada, "2"));
        assert!(shelf.find(&ada, "2").is_none());
        shelf.keep(&ada, "5".to_owned(), kept(&"x".repeat(70 << 20)));
        assert!(shelf.find(&ada, "5").is_none());
        assert!(shelf.find(&ada, "3").is_some());
    }
}
