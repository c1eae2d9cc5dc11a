//! What requests for numbers have in common: how texts are given, and how many may be.
//!
//! Also reads prompts, which come in the same ways.

use oratory_contract::{Asked, Input, Task, TooLong, Wanted};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use crate::asking::{Asking, Origin};
use crate::rejected::{Rejected, known_name};
use crate::shape;

/// Texts in one request, as OpenAI has it.
const MOST: usize = 2048;

/// Refuses more texts than one request may have.
pub(crate) fn check_count(field: &str, count: usize) -> Result<(), Rejected> {
    if count > MOST {
        let message = format!("`{field}` has {count} texts; send at most {MOST}");
        return Err(Rejected::field(field, message));
    }
    Ok(())
}

/// Returns what becomes of texts that are too long.
pub(crate) fn too_long(truncate: Option<bool>) -> TooLong {
    if truncate.unwrap_or(false) { TooLong::Cut } else { TooLong::Refused }
}

/// Returns what asks for the numbers of a task.
pub(crate) fn asking<T>(
    task: Task,
    model: Wanted,
    from: &Origin<'_>,
    teller: T,
) -> Result<Asking<T>, Rejected> {
    known_name(model.as_str())?;
    let declared = from.declared.clone();
    Ok(Asking::one(Asked { declared, ..Asked::of(task, from.caller(), model) }, teller))
}

/// A text, several, a text as tokens, or several such.
pub(crate) struct Inputs(pub(crate) Vec<Input>);

shape::written!(Inputs, {
    "anyOf": [{ "type": "string" }, { "type": "array", "items": {
        "anyOf": [
            { "type": "string" },
            { "type": "integer", "minimum": 0 },
            { "type": "array", "items": { "type": "integer", "minimum": 0 } },
        ]
    } }]
});

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(InputsVisitor).map(Self)
    }
}

/// One of a list: a whole text, or one token of the only text.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Element {
    Text(String),
    Tokens(Vec<u32>),
    Token(u32),
}

struct InputsVisitor;

impl<'de> Visitor<'de> for InputsVisitor {
    type Value = Vec<Input>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text, a list of texts, or tokens")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<Input>, E> {
        Ok(vec![Input::Text(text.to_owned())])
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Vec<Input>, E> {
        Ok(vec![Input::Text(text)])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<Input>, A::Error> {
        let (mut inputs, mut tokens) = (Vec::new(), Vec::new());
        while let Some(element) = elements.next_element::<Element>()? {
            match element {
                Element::Text(text) => inputs.push(Input::Text(text)),
                Element::Tokens(tokens) => inputs.push(Input::Tokens(tokens)),
                Element::Token(token) => tokens.push(token),
            }
        }
        match (inputs.is_empty(), tokens.is_empty()) {
            (_, true) => Ok(inputs),
            (true, false) => Ok(vec![Input::Tokens(tokens)]),
            (false, false) => Err(de::Error::custom("tokens stand beside texts")),
        }
    }
}
