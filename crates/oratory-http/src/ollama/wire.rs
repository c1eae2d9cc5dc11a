//! The parts of an answer that chat and generate share: calls, chances, counts, times.
//!
//! Field names and orders are Ollama's; times are in nanoseconds. What is not known is left out.

use std::time::{Duration, Instant};

use oratory_contract::{Begun, Chance, Done, Finish, Rated};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::answers::Called;

/// How an answer ended and what it took.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub(super) struct Ended {
    done: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    done_reason: &'static str,
    #[serde(skip_serializing_if = "is_zero")]
    total_duration: u64,
    #[serde(skip_serializing_if = "is_zero")]
    load_duration: u64,
    #[serde(skip_serializing_if = "is_zero")]
    prompt_eval_count: u64,
    #[serde(skip_serializing_if = "is_zero")]
    prompt_eval_duration: u64,
    #[serde(skip_serializing_if = "is_zero")]
    eval_count: u64,
    #[serde(skip_serializing_if = "is_zero")]
    eval_duration: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// When an answer began, and what it had taken until then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    asked: Instant,
    begun: Option<(Begun, Instant)>,
}

impl Watch {
    pub(super) fn new(asked: Instant) -> Self {
        Self { asked, begun: None }
    }

    /// Notes that the prompt has been read.
    pub(super) fn begun(&mut self, begun: Begun) {
        // An answer that was given before takes no time to read, and tells none.
        self.begun = (!begun.reading.is_zero()).then(|| (begun, Instant::now()));
    }

    /// Returns what the whole answer took.
    pub(super) fn ended(&self, done: &Done) -> Ended {
        let took = self.begun.map(|(begun, at)| (begun, at.elapsed()));
        self.ended_after(done, took)
    }

    /// Returns what an answer took that was gathered before it was told: writing took what
    /// loading and reading left.
    pub(super) fn gathered(&self, done: &Done, begun: Option<Begun>) -> Ended {
        let known = begun.filter(|begun| !begun.reading.is_zero());
        let writing =
            |begun: Begun| self.asked.elapsed().saturating_sub(begun.loading + begun.reading);
        self.ended_after(done, known.map(|begun| (begun, writing(begun))))
    }

    fn ended_after(&self, done: &Done, took: Option<(Begun, Duration)>) -> Ended {
        let nanoseconds = |took: Duration| u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let begun = took.map(|(begun, _)| begun).unwrap_or_default();
        Ended {
            done: true,
            done_reason: if done.finish == Finish::Length { "length" } else { "stop" },
            total_duration: nanoseconds(self.asked.elapsed()),
            load_duration: nanoseconds(begun.loading),
            prompt_eval_count: done.usage.input.into(),
            prompt_eval_duration: nanoseconds(begun.reading),
            eval_count: done.usage.output.into(),
            eval_duration: took.map_or(0, |(_, writing)| nanoseconds(writing)),
        }
    }
}

impl Ended {
    /// Returns the end of what only loads a model, or takes it out of memory.
    pub(super) fn of(reason: &'static str) -> Self {
        Self { done: true, done_reason: reason, ..Self::default() }
    }
}

/// Returns a call as Ollama writes it.
pub(super) fn call(called: &Called) -> Value {
    let arguments: Value = serde_json::from_str(&called.arguments).unwrap_or_else(|_| json!({}));
    let function =
        json!({ "index": called.index, "name": called.head.name, "arguments": arguments });
    json!({ "id": called.head.id, "function": function })
}

/// Returns how likely tokens were.
pub(super) fn chances(chances: &[Chance]) -> Vec<Value> {
    let chance = |chance: &Chance| {
        let mut told = rated(&chance.token);
        if !chance.top.is_empty() {
            told["top_logprobs"] = chance.top.iter().map(rated).collect();
        }
        told
    };
    chances.iter().map(chance).collect()
}

fn rated(rated: &Rated) -> Value {
    let token = String::from_utf8_lossy(&rated.bytes);
    // JSON knows no infinity.
    json!({ "token": token, "logprob": rated.logprob.max(-9999.0), "bytes": rated.bytes })
}
