//! What has been heard of an answer, in whatever dialect it is told.
//!
//! Gathers chunks in the order in which they were said; holds nothing back.

use std::collections::HashMap;

use oratory_contract::{Asked, CallHead, CallPart, Chance, Chunk, Done, Finish, RequestId, Usage};

/// What has been heard of an answer.
pub(crate) struct Heard {
    /// What was said since somebody last took it.
    pub(crate) chunks: Vec<Chunk>,
    /// The tokens it took, as far as they have been told.
    pub(crate) usage: Usage,
    request: RequestId,
    stops: Vec<String>,
    /// The calls that have begun, by what the dialect calls them.
    calls: HashMap<u64, u32>,
    /// How many there were.
    count: u32,
    finish: Option<Finish>,
    over: bool,
}

impl Heard {
    /// Begins to listen to the answer to a request.
    pub(crate) fn of(asked: &Asked) -> Self {
        Self {
            chunks: Vec::new(),
            usage: Usage::default(),
            request: asked.id,
            stops: asked.limits.stop.clone(),
            calls: HashMap::new(),
            count: 0,
            finish: None,
            over: false,
        }
    }

    /// Hears some text.
    pub(crate) fn text(&mut self, text: Option<String>) {
        self.chunks.extend(text.filter(|text| !text.is_empty()).map(Chunk::Text));
    }

    /// Hears some of what the model thinks.
    pub(crate) fn thinking(&mut self, text: Option<String>) {
        self.chunks.extend(text.filter(|text| !text.is_empty()).map(Chunk::Thinking));
    }

    /// Hears how likely tokens were.
    pub(crate) fn chances(&mut self, chances: Vec<Chance>) {
        if !chances.is_empty() {
            self.chunks.push(Chunk::Chances(chances));
        }
    }

    /// Hears that a call begins. Where it has no name of its own, it is given one.
    pub(crate) fn call(&mut self, key: u64, id: Option<String>, name: String) {
        let index = self.count;
        self.count += 1;
        self.calls.insert(key, index);
        let id = id.filter(|id| !id.is_empty());
        let id = id.unwrap_or_else(|| format!("call_{}_{index}", self.request));
        let begins = Some(CallHead { id, name });
        self.chunks.push(Chunk::Call(CallPart { index, begins, arguments: String::new() }));
    }

    /// Says whether a call has begun.
    pub(crate) fn knows(&self, key: u64) -> bool {
        self.calls.contains_key(&key)
    }

    /// Hears more of what a call is given. Of a call that never began, nothing is heard.
    pub(crate) fn arguments(&mut self, key: u64, text: String) {
        if let Some(&index) = self.calls.get(&key).filter(|_| !text.is_empty()) {
            self.chunks.push(Chunk::Call(CallPart { index, begins: None, arguments: text }));
        }
    }

    /// Hears a call as a whole.
    pub(crate) fn whole_call(&mut self, id: Option<String>, name: String, arguments: String) {
        let key = u64::MAX - u64::from(self.count);
        self.call(key, id, name);
        self.arguments(key, arguments);
    }

    /// Hears why the answer ends.
    pub(crate) fn finish(&mut self, finish: Finish) {
        self.finish = Some(finish);
    }

    /// Hears that one of the stop texts was met, where it is one of them.
    pub(crate) fn stopped_at(&mut self, stop: &str) {
        let at = self.stops.iter().position(|known| known == stop);
        self.finish = Some(at.map_or(Finish::Stop, |at| Finish::Text(at as u32)));
    }

    /// Hears that there is nothing more to come.
    pub(crate) fn over(&mut self) {
        self.finish.get_or_insert(Finish::Stop);
        self.over = true;
    }

    /// Says whether nothing more is to come.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// Returns the end of the answer, if the place has said that it is the end.
    pub(crate) fn done(&self) -> Option<Done> {
        let finish = match self.finish? {
            // Some places call that a stop which waits for what comes of calls.
            Finish::Stop if self.count > 0 => Finish::Calls,
            finish => finish,
        };
        Some(Done { finish, usage: self.usage })
    }
}
