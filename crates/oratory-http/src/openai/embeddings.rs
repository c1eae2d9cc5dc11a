//! `POST /v1/embeddings`: texts in, vectors out, as numbers or in base64.
//!
//! Vectors have the length 1, also those cut by `dimensions`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::{Asked, Embed, Input, Labels, Task, TooLong, Wanted};
use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use super::numbers::{Numbers, respond};
use super::{Rejected, base64, known_name};
use crate::failures::short;
use crate::health;
use crate::router::{House, Inside};

/// Texts in one request, as OpenAI has it.
const MOST_TEXTS: usize = 2048;

#[derive(serde::Deserialize)]
struct Question {
    #[serde(default)]
    model: String,
    input: Inputs,
    dimensions: Option<u32>,
    encoding_format: Option<String>,
    /// Oratory's own: whether texts that are too long lose their end.
    truncate: Option<bool>,
}

/// How vectors are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Float,
    Base64,
}

#[derive(Serialize)]
struct List {
    object: &'static str,
    data: Vec<Item>,
    model: String,
    usage: UsageWire,
}

#[derive(Serialize)]
struct Item {
    object: &'static str,
    index: usize,
    embedding: Written,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Written {
    Float(Vec<f32>),
    Base64(String),
}

#[derive(Serialize)]
struct UsageWire {
    prompt_tokens: u32,
    total_tokens: u32,
}

/// `POST /v1/embeddings`
pub(crate) async fn embeddings(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    respond(&house, request, Question::asked, tell).await
}

impl Question {
    fn asked(
        self,
        house: &Arc<House>,
        declared: Option<Labels>,
    ) -> Result<(Asked, Encoding), Rejected> {
        known_name(&self.model)?;
        let encoding = match self.encoding_format.as_deref() {
            None | Some("float") => Encoding::Float,
            Some("base64") => Encoding::Base64,
            Some(other) => {
                let message =
                    format!("`encoding_format` is {:?}; write float or base64", short(other));
                return Err(Rejected::field("encoding_format", message));
            }
        };
        let inputs = self.input.0;
        if inputs.len() > MOST_TEXTS {
            let message = format!("`input` has {} texts; send at most {MOST_TEXTS}", inputs.len());
            return Err(Rejected::field("input", message));
        }
        let too_long = if self.truncate.unwrap_or(false) { TooLong::Cut } else { TooLong::Refused };
        let task = Task::Embed(Embed { inputs, dimensions: self.dimensions, too_long });
        let wanted = Wanted::parse(&self.model);
        Ok((Asked { declared, ..Asked::of(task, house.caller.clone(), wanted) }, encoding))
    }
}

fn tell(numbers: &Numbers, encoding: Encoding) -> Response {
    let written = |vector: &Vec<f32>| match encoding {
        Encoding::Float => Written::Float(vector.clone()),
        Encoding::Base64 => {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            Written::Base64(base64::encode(&bytes))
        }
    };
    let item = |(index, vector)| Item { object: "embedding", index, embedding: written(vector) };
    let tokens = numbers.usage.input;
    health::json(&List {
        object: "list",
        data: numbers.vectors.iter().enumerate().map(item).collect(),
        model: numbers.model.clone(),
        usage: UsageWire { prompt_tokens: tokens, total_tokens: tokens },
    })
}

/// A text, several, a text as tokens, or several such.
struct Inputs(Vec<Input>);

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
