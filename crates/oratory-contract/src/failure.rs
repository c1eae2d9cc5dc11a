//! The one shape every failure takes once it leaves its room.
//!
//! Messages name what was wrong, where, and what to do next; they never carry request text.

use std::fmt;
use std::time::Duration;

use crate::{PlaceName, Usage};

/// Any error, kept for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a request was not answered, or not to its end.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What sort of failure.
    pub kind: FailureKind,
    /// Where it happened.
    pub at: At,
    /// Whether trying again helps.
    pub retry: Retry,
    /// What was wrong, for a person.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The tokens it took until then, as far as the place has said.
    pub usage: Usage,
    /// What caused it, for the log.
    #[source]
    pub source: Option<BoxError>,
}

impl Failure {
    /// Returns a failure with no hint, not worth retrying.
    pub fn new(kind: FailureKind, at: At, message: impl Into<String>) -> Self {
        Self {
            kind,
            at,
            retry: Retry::Never,
            message: message.into(),
            hint: None,
            usage: Usage::default(),
            source: None,
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says whether trying again helps.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Says what it took until then.
    #[must_use]
    pub fn after(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// Keeps what caused it.
    #[must_use]
    pub fn because(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// What sort of failure. One table in `oratory-http` turns it into each dialect's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The request makes no sense as written.
    Invalid,
    /// Nobody here is allowed to ask without a key, or the key is wrong.
    Unauthorized,
    /// Policy forbids it.
    Refused,
    /// The caller has spent what they may.
    OverBudget,
    /// No such model.
    UnknownModel,
    /// Nothing else of this name is here either.
    Missing,
    /// The prompt does not fit the model's context.
    TooLong,
    /// The body is larger than we read.
    TooLarge,
    /// Every place in the queue is taken.
    Overloaded,
    /// The place took too long.
    Timeout,
    /// The place could not be reached, or the answer broke off.
    Unreachable,
    /// The model file or the model process is broken.
    Broken,
    /// The place answered with an error of its own.
    Upstream,
    /// The account at the place has no credit left.
    Unpaid,
    /// A fault of ours.
    Ours,
}

impl FailureKind {
    /// Every kind, so that tables can be tested whole.
    pub const ALL: [Self; 15] = [
        Self::Invalid,
        Self::Unauthorized,
        Self::Refused,
        Self::OverBudget,
        Self::UnknownModel,
        Self::Missing,
        Self::TooLong,
        Self::TooLarge,
        Self::Overloaded,
        Self::Timeout,
        Self::Unreachable,
        Self::Broken,
        Self::Upstream,
        Self::Unpaid,
        Self::Ours,
    ];

    /// Says whether another place may do better with the same request.
    pub fn may_end_elsewhere(self) -> bool {
        match self {
            Self::Overloaded
            | Self::Timeout
            | Self::Unreachable
            | Self::Broken
            | Self::Upstream
            | Self::Unpaid => true,
            Self::Invalid
            | Self::Unauthorized
            | Self::Refused
            | Self::OverBudget
            | Self::Missing
            | Self::UnknownModel
            | Self::TooLong
            | Self::TooLarge
            | Self::Ours => false,
        }
    }

    /// Returns the kind's name as records and metrics write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unauthorized => "unauthorized",
            Self::Refused => "refused",
            Self::OverBudget => "over_budget",
            Self::UnknownModel => "unknown_model",
            Self::Missing => "missing",
            Self::TooLong => "too_long",
            Self::TooLarge => "too_large",
            Self::Overloaded => "overloaded",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Broken => "broken",
            Self::Upstream => "upstream",
            Self::Unpaid => "unpaid",
            Self::Ours => "internal",
        }
    }
}

/// Where a failure happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// In what the caller sent.
    Caller,
    /// In a model on this machine.
    Local,
    /// At another place.
    Remote(PlaceName),
    /// In Oratory.
    Oratory,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller => f.write_str("caller"),
            Self::Local => f.write_str("local"),
            Self::Remote(place) => write!(f, "remote:{place}"),
            Self::Oratory => f.write_str("oratory"),
        }
    }
}

/// Whether trying again helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It fails the same way again.
    Never,
    /// At once, if you like.
    Now,
    /// After this long.
    After(Duration),
}
