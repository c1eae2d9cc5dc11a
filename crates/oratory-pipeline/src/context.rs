//! Step four: what the model should know beside the question.
//!
//! With no documents attached, that is the conversation itself; it must hold a question.

use oratory_contract::{Asked, At, Failure, FailureKind, Permit, Prepared};

/// Returns the request as it will be run.
pub(crate) fn gather(asked: Asked, permit: &Permit) -> Result<Prepared, Failure> {
    if asked.messages.is_empty() {
        return Err(Failure::new(
            FailureKind::Invalid,
            At::Caller,
            "`messages` is empty, so there is nothing to answer",
        )
        .hint("send at least one message, such as {\"role\": \"user\", \"content\": \"Hello\"}"));
    }
    Ok(Prepared::new(asked, permit))
}
