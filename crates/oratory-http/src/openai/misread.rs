//! Says in a person's words why a request could not be read, and where.
//!
//! serde speaks of `u32`, sequences and structs; people wrote numbers, lists and objects.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::Rejected;
use crate::failures::short;

/// What belongs where, by path; a number in brackets is left out.
const WANTED: [(&str, &str); 43] = [
    ("body", "a JSON object"),
    ("model", "a text"),
    ("messages", "a list of messages"),
    ("messages[]", "an object with `role` and `content`"),
    ("messages[].role", "system, developer, user or assistant"),
    ("messages[].content", "a text or a list of text parts"),
    ("messages[].content[]", "an object with `type` and `text`"),
    ("messages[].content[].type", "a text"),
    ("messages[].content[].text", "a text"),
    ("stream", "true or false"),
    ("stream_options", "an object"),
    ("stream_options.include_usage", "true or false"),
    ("max_tokens", "a whole number, 1 or more"),
    ("max_completion_tokens", "a whole number, 1 or more"),
    ("stop", "a text or a list of at most 16 texts"),
    ("stop[]", "a text"),
    ("top_k", "a whole number, 0 or more"),
    ("seed", "a whole number"),
    ("n", "a whole number"),
    ("response_format", "an object with `type`"),
    ("response_format.type", "a text"),
    ("tools", "a list of tools"),
    ("tools[]", "an object with `type` and `function`"),
    ("tools[].function", "an object with `name` and `parameters`"),
    ("tools[].function.name", "a text"),
    ("tools[].function.description", "a text"),
    ("messages[].tool_calls", "a list of calls"),
    ("parallel_tool_calls", "true or false"),
    ("logprobs", "true or false"),
    ("logit_bias", "an object of token numbers and numbers"),
    ("reasoning_effort", "none, minimal, low, medium or high"),
    ("modalities", "a list of texts"),
    ("modalities[]", "a text"),
    ("input", "a text, a list of texts, or tokens"),
    ("input[]", "a text, or a list of tokens"),
    ("dimensions", "a whole number, 1 or more"),
    ("encoding_format", "float or base64"),
    ("truncate", "true or false"),
    ("query", "a text"),
    ("documents", "a list of texts"),
    ("top_n", "a whole number, 1 or more"),
    ("return_documents", "true or false"),
    // All that are left are sampling parameters.
    ("", "a number"),
];

/// Reads a body, naming the field where that cannot be done.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Rejected> {
    serde_json::from_slice(bytes).map_err(|_| {
        // Read again only to find the place: the common case pays nothing for it.
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        match serde_path_to_error::deserialize::<_, T>(&mut reader) {
            Err(error) => rejected(&error.path().to_string(), error.inner()),
            Ok(_) => Rejected::field("body", "something follows the JSON of the body"),
        }
    })
}

/// Returns what is wrong with a body that serde could not read.
fn rejected(path: &str, error: &serde_json::Error) -> Rejected {
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
    let wanted = WANTED.iter().find(|(path, _)| *path == plain || path.is_empty());
    let (_, wanted) = wanted.expect("the last row fits everything");
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
