//! The tagger as a detector: verified once, asked for every text.
//!
//! What it finds are guesses; `overlaps` decides where it and the patterns meet.

mod code;

use std::sync::LazyLock;

use oratory_brains::artefact::ArtefactError;
use oratory_brains::shipped::TAGGER as WEIGHTS;
use oratory_brains::tagger::{self, Tagger};

use crate::{Finding, Kind};

/// Why a detector cannot be used, and nothing may leave.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the detector of names and addresses cannot be used: {0}")]
pub struct Unready(String);

type Opened = Result<Tagger<'static>, ArtefactError>;

/// Says whether every detector is verified and ready. Where not, only home may be asked.
pub fn ready() -> Result<(), Unready> {
    checked(tagger())
}

fn checked(opened: &Opened) -> Result<(), Unready> {
    opened.as_ref().map(|_| ()).map_err(|error| Unready(error.to_string()))
}

fn tagger() -> &'static Opened {
    static TAGGER: LazyLock<Opened> = LazyLock::new(|| Tagger::open(WEIGHTS));
    &TAGGER
}

/// Returns what the tagger finds, in order, never overlapping; nothing where it is not ready.
pub(crate) fn tagged(text: &str) -> Vec<Finding> {
    let spans = tagger().as_ref().map(|tagger| tagger.find(text)).unwrap_or_default();
    if spans.is_empty() {
        return Vec::new();
    }
    let code = code::Code::of(text);
    let meant = spans.into_iter().filter(|span| !code.has(text, &span.range, span.kind));
    let finding = |span: tagger::Span| Finding {
        kind: kind(span.kind),
        span: span.range,
        score: span.score,
        why: "a guess from the words around",
    };
    meant.map(finding).collect()
}

fn kind(kind: tagger::Kind) -> Kind {
    match kind {
        tagger::Kind::Person => Kind::Person,
        tagger::Kind::Organisation => Kind::Organisation,
        tagger::Kind::Place => Kind::Place,
        tagger::Kind::Address => Kind::Address,
        tagger::Kind::JobTitle => Kind::JobTitle,
        tagger::Kind::Health => Kind::Health,
        tagger::Kind::BirthDate => Kind::BirthDate,
        tagger::Kind::UserName => Kind::UserName,
        tagger::Kind::Account => Kind::Account,
        tagger::Kind::Phone => Kind::Phone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_build_ships_is_whole() {
        assert_eq!(ready(), Ok(()));
    }

    #[test]
    fn a_damaged_artefact_is_not_used_and_says_so() {
        let mut damaged = WEIGHTS.to_vec();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        let error = checked(&Tagger::open(damaged.leak())).expect_err("it is damaged");
        assert_eq!(
            error.to_string(),
            "the detector of names and addresses cannot be used: the artefact is damaged: \
             its SHA-256 does not fit; fetch or train it again"
        );
    }
}
