//! What a model is for, as its header tells: to write, or to read texts and sum them up.
//!
//! Pure; whether a file is sound is `gguf`'s matter.

use oratory_contract::Ability;
use serde::{Deserialize, Serialize};

use crate::fit;
use crate::gguf::{Facts, Pooling};

/// Families that see ahead and are no encoders: they write in a way that is not carried out here.
const OTHER: [&str; 6] = ["dream", "llada", "llada-moe", "rnd1", "wavtokenizer-dec", "clef"];

/// What a model is loaded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// It writes. Asked for a vector it gives its state after the last token.
    Write,
    /// It sums texts up, many at a time.
    Read(Reading),
}

/// How a model reads texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) pooling: Pooling,
    /// Whether a text must be read in one go, because every token sees all others.
    pub(crate) at_once: bool,
}

impl Purpose {
    /// Returns what a model is for; `None` if it is for nothing that is done here.
    pub(crate) fn of(facts: &Facts) -> Option<Self> {
        let family = facts.architecture.as_deref().unwrap_or_default();
        let at_once = facts.network.sees_ahead || fit::forgets(family);
        if at_once && OTHER.contains(&family) {
            return None;
        }
        // Some files bring the head of a reranker and do not say so.
        let rates = facts.weights.iter().any(|weight| weight.name == "cls.output.weight");
        let pooling = match facts.network.pooling {
            _ if rates => Some(Pooling::Rank),
            None if at_once => Some(Pooling::Mean),
            stated => stated,
        };
        Some(pooling.map_or(Self::Write, |pooling| Self::Read(Reading { pooling, at_once })))
    }

    /// Returns what such a model can do, and first what it is for.
    pub(crate) fn abilities(self) -> Vec<Ability> {
        match self {
            Self::Write => vec![Ability::Answer, Ability::Embed],
            Self::Read(Reading { pooling: Pooling::Rank, .. }) => vec![Ability::Rank],
            Self::Read(_) => vec![Ability::Embed],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gguf, shapes};

    fn purpose(name: &str) -> Purpose {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("made.gguf");
        shapes::write_hollow(&shapes::find(name).unwrap(), &path).unwrap();
        Purpose::of(&gguf::check(&path).unwrap()).unwrap()
    }

    #[test]
    fn headers_tell_writers_from_readers() {
        let read = |pooling, at_once| Purpose::Read(Reading { pooling, at_once });
        for (name, expected) in [
            ("tiny-qwen3", Purpose::Write),
            ("tiny-qwen35", Purpose::Write),
            ("tiny-bert", read(Pooling::Mean, true)),
            ("tiny-nomic-bert", read(Pooling::Mean, true)),
            ("tiny-bert-reranker", read(Pooling::Rank, true)),
            ("tiny-qwen3-reranker", read(Pooling::Rank, false)),
            ("tiny-qwen3-embedding", read(Pooling::Last, false)),
        ] {
            assert_eq!(purpose(name), expected, "{name}");
        }
    }
}
