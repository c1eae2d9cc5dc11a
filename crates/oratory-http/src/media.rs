//! Pictures and sounds as clients send them: base64, alone or in a `data:` address.
//!
//! Nothing is fetched, and nothing is looked into: whoever reads a file says what is wrong with it.

use oratory_contract::{Medium, Message, Role, Sense};

use crate::base64;
use crate::failures::short;
use crate::rejected::Rejected;

/// Pictures and sounds in one message.
const MOST: usize = 64;
/// The largest file of one.
const LARGEST: usize = 20 << 20;

/// Adds the picture that an address stands for to what a message says so far.
pub(crate) fn add_address(
    message: &mut Message,
    address: &str,
    field: &str,
) -> Result<(), Rejected> {
    let Some(data) = after(address, "data:") else {
        let rest = match after(address, "http").is_some() {
            true => "is an address, and nothing is fetched here",
            false => "is no picture",
        };
        return Err(wrong(field, &format!("{rest}; send the picture itself")));
    };
    // What the type says is not looked at: the file says it better.
    let Some((kind, letters)) = data.split_once(',') else {
        return Err(wrong(field, "has no comma before its data; send it"));
    };
    if !kind.ends_with(";base64") {
        let kind = short(kind);
        return Err(wrong(field, &format!("is of the type {kind:?}; send it in base64")));
    }
    add(message, Sense::Sight, letters, field)
}

/// Adds a sound; only uncompressed ones are read.
pub(crate) fn add_sound(
    message: &mut Message,
    letters: &str,
    format: &str,
    field: &str,
) -> Result<(), Rejected> {
    if format != "wav" {
        let field = format!("{field}.format");
        let message = format!("`{field}` is {:?}; sounds are read as wav alone", short(format));
        return Err(Rejected::field(&field, message));
    }
    add(message, Sense::Hearing, letters, &format!("{field}.data"))
}

/// Adds a file in base64 to what a message says so far.
pub(crate) fn add(
    message: &mut Message,
    sense: Sense,
    letters: &str,
    field: &str,
) -> Result<(), Rejected> {
    if message.role == Role::Assistant {
        let what = format!("`{field}` stands in a turn of the assistant's");
        return Err(Rejected::field(field, format!("{what}; {} belong to others", sense.things())));
    }
    if message.media.len() == MOST {
        let what = format!("`{field}` is one too many: a message holds at most {MOST}");
        return Err(Rejected::field(field, what));
    }
    // Four letters are three bytes; what is too large is not decoded first.
    if letters.len() / 4 * 3 > LARGEST {
        let what = format!("`{field}` is larger than {} MiB", LARGEST >> 20);
        return Err(Rejected::field(field, what));
    }
    let bytes = base64::decode(letters).map_err(|at| {
        let what = format!("`{field}` is not base64: the trouble begins at letter {}", at + 1);
        Rejected::field(field, what)
    })?;
    if bytes.is_empty() {
        return Err(Rejected::field(field, format!("`{field}` is empty")));
    }
    message.media.push(Medium { sense, at: message.content.len(), file: bytes.into() });
    Ok(())
}

fn wrong(field: &str, what: &str) -> Rejected {
    let message = format!("`{field}` {what}, as data:image/png;base64,…");
    Rejected::field(field, message)
}

/// Returns what follows `start`, in whichever case that is written.
fn after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let head = text.get(..start.len())?;
    head.eq_ignore_ascii_case(start).then(|| &text[start.len()..])
}
