//! The word by which a client asks that what a model cannot hold be left out of its conversation.
//!
//! What goes and what stays is the engine's matter; the answer says how much it was.

use oratory_contract::{Shortening, TooLong};

use crate::failures::short;
use crate::rejected::Rejected;

/// Returns what `truncation` asks for, in OpenAI's words.
pub(crate) fn truncation(word: Option<&str>) -> Result<Shortening, Rejected> {
    match word {
        None | Some("disabled") => Ok(Shortening::default()),
        Some("auto") => Ok(oldest()),
        Some(other) => {
            let message = format!("`truncation` is {:?}; write auto or disabled", short(other));
            Err(Rejected::field("truncation", message))
        }
    }
}

/// Returns what `truncate` asks for, in Ollama's words.
pub(crate) fn truncate(whether: Option<bool>) -> Shortening {
    if whether.unwrap_or(false) { oldest() } else { Shortening::default() }
}

fn oldest() -> Shortening {
    Shortening { too_long: TooLong::Cut, ..Shortening::default() }
}
