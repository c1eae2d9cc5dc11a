//! Step four: what the model should know beside the question.
//!
//! With no documents attached, that is the conversation itself; it must hold a question.

use oratory_contract::{Asked, At, Failure, FailureKind, Form, Permit, Prepared, Task};

/// Refuses a form that is too long to be followed, before anybody reads it.
pub(crate) fn form(asked: &Asked) -> Result<(), Failure> {
    let size = asked.form.text().map_or(0, str::len);
    if size <= Form::LARGEST {
        return Ok(());
    }
    let what = match asked.form {
        Form::Regex(_) => "the regular expression",
        Form::Grammar(_) => "the grammar",
        _ => "the JSON schema",
    };
    let message = format!("{what} has {size} bytes; at most {} are followed", Form::LARGEST);
    Err(Failure::new(FailureKind::Invalid, At::Caller, message)
        .hint("ask for a simpler form, or for none"))
}

/// Returns the request as it will be run.
pub(crate) fn gather(asked: Asked, permit: &Permit) -> Result<Prepared, Failure> {
    let (empty, nothing, hint) = match &asked.task {
        // Of an empty conversation there is nothing to count, which is an answer too.
        Task::Count => return Ok(Prepared::new(asked, permit)),
        Task::Continue(input) => (
            input.is_empty(),
            "the prompt is empty, so there is nothing to go on with",
            "send at least one letter",
        ),
        Task::Answer => (
            asked.messages.is_empty(),
            "`messages` is empty, so there is nothing to answer",
            "send at least one message, such as {\"role\": \"user\", \"content\": \"Hello\"}",
        ),
        Task::Embed(embed) => (
            embed.inputs.is_empty(),
            "`input` is empty, so there is nothing to turn into a vector",
            "send at least one text",
        ),
        Task::Rank(rank) => (
            rank.documents.is_empty(),
            "`documents` is empty, so there is nothing to rate",
            "send at least one document",
        ),
    };
    if empty {
        return Err(Failure::new(FailureKind::Invalid, At::Caller, nothing).hint(hint));
    }
    Ok(Prepared::new(asked, permit))
}
