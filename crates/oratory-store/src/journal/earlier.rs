//! Records as earlier versions left them behind. Read, never written.
//!
//! Frames do not describe themselves, so each earlier shape has a type of its own here.

use oratory_contract::{Outcome, Record, RequestId, Usage};
use serde::Deserialize;

/// A record before money, energy and thinking were told.
#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(super) struct First {
    id: RequestId,
    started_ms: u64,
    caller: String,
    wanted: String,
    labels: String,
    permit: String,
    place: String,
    model: String,
    reason: String,
    masked_spans: u32,
    from_cache: bool,
    usage: FirstUsage,
    first_chunk_us: Option<u64>,
    total_us: u64,
    outcome: Outcome,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
struct FirstUsage {
    input: u32,
    cached: u32,
    output: u32,
}

impl From<First> for Record {
    fn from(first: First) -> Self {
        let FirstUsage { input, cached, output } = first.usage;
        Self {
            id: first.id,
            started_ms: first.started_ms,
            caller: first.caller,
            wanted: first.wanted,
            labels: first.labels,
            permit: first.permit,
            place: first.place,
            model: first.model,
            reason: first.reason,
            masked_spans: first.masked_spans,
            from_cache: first.from_cache,
            usage: Usage { input, cached, output, ..Usage::default() },
            spent: None,
            first_chunk_us: first.first_chunk_us,
            total_us: first.total_us,
            outcome: first.outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::left_behind;

    #[test]
    fn what_an_earlier_version_left_behind_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("oratory.db");
        let id = RequestId::new();
        let first = First {
            id,
            started_ms: 7,
            caller: "ada".to_owned(),
            wanted: "auto".to_owned(),
            labels: "public".to_owned(),
            permit: "home as it is".to_owned(),
            place: "home".to_owned(),
            model: "mini".to_owned(),
            reason: "home comes first".to_owned(),
            masked_spans: 3,
            from_cache: false,
            usage: FirstUsage { input: 5, cached: 2, output: 9 },
            first_chunk_us: Some(11),
            total_us: 13,
            outcome: Outcome::HungUp,
        };
        let frame = postcard::to_allocvec(&first).unwrap();
        let mut bytes = u32::try_from(frame.len()).unwrap().to_le_bytes().to_vec();
        bytes.extend(frame);
        std::fs::write(folder.path().join(format!("oratory.db-waiting-1-{id}-0")), bytes).unwrap();
        let left = left_behind(&database);
        let record = &left[0].records[0];
        assert_eq!((record.id, record.total_us, record.usage.output), (id, 13, 9));
        assert_eq!((record.spent, &record.outcome), (None, &Outcome::HungUp));
    }
}
