//! How sensitive a piece of content is. Labels only ever join upward.
//!
//! Finding out which label fits is `oratory-privacy`'s work; acting on it is policy's.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Orders content from harmless to never-leaves-the-house.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    /// Anyone may read it.
    Public,
    /// Ours, not harmful: what text is until somebody says otherwise.
    #[default]
    Internal,
    /// Harms somebody if it gets out: personal data, contracts.
    Confidential,
    /// Never leaves this machine: keys, passwords.
    Secret,
}

impl Sensitivity {
    /// Every level, lowest first.
    pub const ALL: [Self; 4] = [Self::Public, Self::Internal, Self::Confidential, Self::Secret];

    /// Returns the level's name as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Confidential => "confidential",
            Self::Secret => "secret",
        }
    }

    /// Returns the level's rank, 0 for public, as policies compare it.
    pub fn rank(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for Sensitivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Sensitivity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|level| level.as_str() == text).ok_or_else(|| {
            format!("{text:?} is no label; write public, internal, confidential or secret")
        })
    }
}

/// Names a kind of content with rules of its own: `pii`, `credentials`, `acme-legal`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Compartment(Arc<str>);

impl Compartment {
    /// Returns the compartment's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Compartment {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

/// Says how sensitive a piece of content is and which compartments it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Labels {
    /// The level.
    pub sensitivity: Sensitivity,
    /// The compartments, none for most text.
    pub compartments: BTreeSet<Compartment>,
}

impl Labels {
    /// Returns labels of one level and no compartment.
    pub fn of(sensitivity: Sensitivity) -> Self {
        Self { sensitivity, compartments: BTreeSet::new() }
    }

    /// Adds a compartment.
    #[must_use]
    pub fn within(mut self, compartment: &str) -> Self {
        self.compartments.insert(compartment.into());
        self
    }

    /// Returns the labels of content made from both: the higher level, all compartments.
    #[must_use]
    pub fn join(mut self, other: &Self) -> Self {
        self.sensitivity = self.sensitivity.max(other.sensitivity);
        self.compartments.extend(other.compartments.iter().cloned());
        self
    }
}

impl FromStr for Labels {
    type Err = String;

    /// Reads what `Display` writes: `confidential+pii`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('+').map(str::trim);
        let level: Sensitivity = parts.next().unwrap_or_default().parse()?;
        parts.try_fold(Self::of(level), |labels, part| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if part.is_empty() || !part.chars().all(plain) {
                return Err(format!("{part:?} is no compartment; write one such as pii"));
            }
            Ok(labels.within(part))
        })
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sensitivity.as_str())?;
        for compartment in &self.compartments {
            write!(f, "+{}", compartment.as_str())?;
        }
        Ok(())
    }
}
