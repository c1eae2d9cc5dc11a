//! Says in a person's words why a request could not be read, and where.
//!
//! serde speaks of `u32`, sequences and structs; people wrote numbers, lists and objects.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::failures::short;
use crate::rejected::Rejected;
use crate::unread::Unread;

/// What belongs at a path; a number in brackets is left out of the path. The last row of a list
/// has an empty path and fits everything.
pub(crate) type Wanted = (&'static str, &'static str);

/// Reads a body, naming the field where that cannot be done.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8], wanted: &[Wanted]) -> Result<T, Rejected> {
    serde_json::from_slice(bytes).map_err(|_| misread::<T>(bytes, wanted))
}

/// Reads a body as `read` does, and gathers what stands in it that its reader does not know.
pub(crate) fn read_all<T: DeserializeOwned>(
    bytes: &[u8],
    wanted: &[Wanted],
) -> Result<(T, Unread), Rejected> {
    let mut unread = Unread::default();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_ignored::deserialize(&mut reader, |path| unread.note(&path));
    let read = read.and_then(|read| reader.end().map(|()| read));
    let read = read.map_err(|_: serde_json::Error| misread::<T>(bytes, wanted))?;
    unread.gather(bytes);
    Ok((read, unread))
}

/// Reads a body again only to find the place: the common case pays nothing for it.
fn misread<T: DeserializeOwned>(bytes: &[u8], wanted: &[Wanted]) -> Rejected {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Err(error) => rejected(&error.path().to_string(), error.inner(), wanted),
        Ok(_) => Rejected::field("body", "something follows the JSON of the body"),
    }
}

/// Returns what is wrong with a body that serde could not read.
fn rejected(path: &str, error: &serde_json::Error, wanted: &[Wanted]) -> Rejected {
    let inside = path.contains(|c: char| c.is_alphanumeric());
    let param = if inside { short(path).into_owned() } else { "body".to_owned() };
    let said = error.to_string();
    if error.classify() != Category::Data {
        return Rejected::field(&param, format!("the body is not JSON: {}", short(&said)));
    }
    if let Some(name) = between(&said, "missing field `", "`") {
        let param = if inside { format!("{param}.{name}") } else { name.to_owned() };
        return Rejected::field(&param, format!("`{param}` is missing"));
    }
    if let Some(name) = between(&said, "duplicate field `", "`") {
        return Rejected::field(name, format!("`{name}` is there twice"));
    }
    let Some(found) = found(&said) else {
        // Our own readers' words.
        let said = said.rsplit_once(" at line ").map_or(&*said, |(said, _)| said);
        return Rejected::field(&param, format!("`{param}`: {}", short(said)));
    };
    let plain: String = param.chars().filter(|c| !c.is_ascii_digit()).collect();
    // What is left for the last row stands at the top; deeper down, anything may be meant.
    let rest = |path: &str| path.is_empty() && !plain.contains('[');
    let wanted = wanted.iter().find(|(path, _)| *path == plain || rest(path));
    let wanted = wanted.map_or("something else", |(_, wanted)| wanted);
    Rejected::field(&param, format!("`{param}` is {found}; it must be {wanted}"))
}

/// Returns what serde found, in a person's words.
fn found(said: &str) -> Option<String> {
    if said.starts_with("invalid length") {
        return Some("too long or too short".to_owned());
    }
    let rest = said
        .strip_prefix("invalid type: ")
        .or_else(|| said.strip_prefix("invalid value: "))
        .or_else(|| said.strip_prefix("unknown variant "))?;
    let (found, _) = rest.rsplit_once(", expected ")?;
    Some(match found {
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        found => match found.strip_prefix("string ") {
            Some(text) => format!("the text {}", short(text)),
            None => short(between(found, "`", "`").unwrap_or(found)).into_owned(),
        },
    })
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    // A text that merely quotes such words is no such message.
    let starts = text.starts_with(before) || before == "`";
    starts.then(|| rest.split_once(after).map(|(inner, _)| inner))?
}
