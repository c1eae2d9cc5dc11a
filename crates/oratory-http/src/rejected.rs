//! What is wrong with a request, and in which field.
//!
//! In no dialect's words; `failures` has those.

use std::borrow::Cow;

use oratory_contract::{At, Failure, FailureKind, RequestId};

use crate::failures::short;

/// What is wrong with a request, and in which field.
#[derive(Debug)]
pub(crate) struct Rejected {
    pub(crate) failure: Failure,
    pub(crate) param: Option<String>,
    /// Which record tells of it, if it came so far.
    pub(crate) id: Option<RequestId>,
}

impl Rejected {
    /// Returns what is wrong with one field.
    pub(crate) fn field(param: &str, message: impl Into<String>) -> Self {
        let failure = Failure::new(FailureKind::Invalid, At::Caller, message);
        Self { failure, param: Some(param.to_owned()), id: None }
    }

    /// Returns that something is named which is not there.
    pub(crate) fn missing(param: &str, message: String, hint: &str) -> Self {
        let failure = Failure::new(FailureKind::Missing, At::Caller, message).hint(hint);
        Self { failure, param: Some(param.to_owned()), id: None }
    }

    /// Returns the refusal of a field that would change the answer and cannot be honoured.
    pub(crate) fn cannot(field: &str, why: &str) -> Self {
        let message = format!("{CANNOT}`{field}`, and with it {why}");
        Self::field(field, message)
    }

    /// Says which record tells of it.
    pub(crate) fn told_in(mut self, id: RequestId) -> Self {
        self.id = Some(id);
        self
    }
}

const CANNOT: &str = "this Oratory cannot honour ";

impl From<Failure> for Rejected {
    fn from(failure: Failure) -> Self {
        let param = match (failure.kind, &failure.at) {
            (FailureKind::UnknownModel, _) => Some("model".to_owned()),
            (FailureKind::Invalid, At::Caller) => named_first(&failure.message),
            _ => None,
        };
        Self { failure, param, id: None }
    }
}

/// Returns the field that a message begins with, if it does: `tools[0] (web_search)`.
fn named_first(message: &str) -> Option<String> {
    let said = message.strip_prefix(CANNOT).unwrap_or(message);
    let (field, _) = said.strip_prefix('`')?.split_once('`')?;
    field.split(' ').next().map(str::to_owned)
}

/// Refuses a name that no model has, before every room behind this one would carry it along.
pub(crate) fn known_name(model: &str) -> Result<(), Rejected> {
    match short(model) {
        Cow::Borrowed(_) => Ok(()),
        Cow::Owned(model) => {
            let message = format!("there is no model {model:?} here");
            Err(Failure::new(FailureKind::UnknownModel, At::Caller, message).into())
        }
    }
}

/// Refuses a number outside of what it can mean.
pub(crate) fn within(field: &str, value: Option<f32>, low: f32, high: f32) -> Result<(), Rejected> {
    match value {
        Some(value) if !(low..=high).contains(&value) => {
            let message = format!("`{field}` is {value}; it must lie between {low} and {high}");
            Err(Rejected::field(field, message))
        }
        _ => Ok(()),
    }
}
