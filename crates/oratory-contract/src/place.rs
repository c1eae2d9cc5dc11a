//! Where inference runs, and what we know of the models there.
//!
//! `LocalPlace` is the seam to the engine; its remote twin lives in `oratory-privacy`,
//! because only that crate can make what a remote place accepts.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Ability, Answer, Failure, ModelName, PlaceName, Prepared, Price, Sensitivity};

/// How far from home a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// This machine.
    Edge,
    /// Our network.
    Onprem,
    /// Someone else's machine.
    Cloud,
}

impl Tier {
    /// Every tier, nearest first.
    pub const ALL: [Self; 3] = [Self::Edge, Self::Onprem, Self::Cloud];

    /// Returns the tier's name as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Onprem => "onprem",
            Self::Cloud => "cloud",
        }
    }
}

impl Tier {
    /// Returns where that is, in words that complete "it runs ...".
    pub fn whereabouts(self) -> &'static str {
        match self {
            Self::Edge => "on this machine",
            Self::Onprem => "on our own network",
            Self::Cloud => "on someone else's machine",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Tier {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|tier| tier.as_str() == text)
            .ok_or_else(|| format!("{text:?} is no tier; write edge, onprem or cloud"))
    }
}

/// The highest labels a place may receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Clearance {
    /// Content up to this level may arrive as it is.
    pub as_is: Sensitivity,
    /// Content up to this level may arrive once masked; `None` means masking does not help.
    pub masked: Option<Sensitivity>,
}

/// What we know of a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceCard {
    /// Its name.
    pub name: PlaceName,
    /// How far from home it is.
    pub tier: Tier,
    /// Where it is reached, for a person; never a credential.
    pub address: String,
    /// What it may receive.
    pub clearance: Clearance,
    /// What is agreed with whoever runs it.
    #[serde(flatten)]
    pub terms: Terms,
}

/// What is agreed with whoever runs a place, as a person has written it down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// Where its machines are: `eu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// How many days it keeps what it receives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
    /// What its tokens cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}

/// What we know of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelCard {
    /// Its name at its place.
    pub name: ModelName,
    /// Whether it can answer.
    pub readiness: Readiness,
    /// Tokens it can hold at once, if known.
    pub context: Option<u32>,
    /// Weights, if known.
    pub parameters: Option<u64>,
    /// Bytes on disk, if it is a file.
    pub bytes: Option<u64>,
    /// Which of the files that have had this name it is, so that an answer of one is not taken
    /// for another's; 0 where nobody can tell.
    #[serde(skip)]
    pub revision: u64,
    /// Whether it comes with the program, and is chosen only when nothing else is there.
    pub stand_in: bool,
    /// What it can do, and first what it is for.
    pub abilities: Vec<Ability>,
    /// The model it is a variant of, if an adapter makes it one; chosen only by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapts: Option<ModelName>,
    /// What its file says of where it comes from.
    #[serde(skip)]
    pub origin: ModelOrigin,
}

/// What is known of where a model comes from and what was made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelOrigin {
    /// The family of networks it belongs to.
    pub family: Option<String>,
    /// How its weights are written, such as `Q4_K_M`.
    pub quantisation: Option<String>,
    /// When its file was last changed, in seconds since 1970.
    pub modified: Option<u64>,
    /// The SHA-256 of its first file, where somebody has worked it out.
    pub sha256: Option<String>,
    /// Its licence, as its page has named it.
    pub licence: Option<String>,
    /// What its conversations begin with, if somebody has given it that.
    pub system: Option<String>,
    /// How it writes where a request says nothing, as lines of name and value.
    pub parameters: String,
}

impl ModelCard {
    /// Says whether a caller who writes `name` means this model. A variant may be asked for in
    /// another strength: `base+adapter:0.5`.
    pub fn is_named(&self, name: &str) -> bool {
        let own = self.name.as_str();
        name == own || self.adapts.is_some() && scaled(name).is_some_and(|(bare, _)| bare == own)
    }
}

/// Splits the strength off the name of a variant: `base+adapter:0.5`.
pub fn scaled(name: &str) -> Option<(&str, f32)> {
    let (bare, scale) = name.rsplit_once(':')?;
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    // What else Rust reads as a number, such as `inf` or `1e9`, is no strength.
    let plain = !scale.is_empty() && scale.len() <= 16 && scale.chars().all(number);
    Some((bare, plain.then(|| scale.parse().ok())??))
}

/// Whether a model can answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Readiness {
    /// It answers at once.
    Ready,
    /// It answers after loading.
    Cold,
    /// It cannot answer, for this reason.
    Unavailable(String),
    /// It could, and must not, for this reason.
    Forbidden(String),
}

/// Why a place does not answer just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// What is wrong, for a person.
    pub what: String,
    /// What to do next.
    pub next: Option<String>,
}

/// A place on this machine, which may receive anything.
#[async_trait]
pub trait LocalPlace: Send + Sync {
    /// Returns what is known of the place.
    fn card(&self) -> &PlaceCard;

    /// Returns the models here, best first.
    fn models(&self) -> Arc<[ModelCard]>;

    /// Starts an answer. Dropping the answer stops the work within one token.
    async fn run(&self, model: &ModelName, prepared: Prepared) -> Result<Answer, Failure>;
}
