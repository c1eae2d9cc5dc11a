//! `POST /v1/embeddings`: texts in, vectors out, as numbers or in base64.
//!
//! Vectors have the length 1, also those cut by `dimensions`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::{Embed, Task, Wanted};
use schemars::JsonSchema;
use serde::Serialize;

use super::wire::InputUsage;
use crate::answers::{Gathered, Head};
use crate::asking::{self, Asking, Origin};
use crate::base64;
use crate::dialect::Dialect;
use crate::failures::short;
use crate::health;
use crate::inputs::{self, Inputs};
use crate::loose::Name;
use crate::misread;
use crate::rejected::Rejected;
use crate::router::{House, Inside};
use crate::teller::Teller;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Question {
    #[serde(default)]
    model: Name,
    input: Inputs,
    dimensions: Option<u32>,
    encoding_format: Option<String>,
    /// Oratory's own: whether texts that are too long lose their end.
    truncate: Option<bool>,
}

/// How vectors are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Float,
    Base64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct List {
    object: &'static str,
    data: Vec<Item>,
    model: String,
    usage: InputUsage,
}

#[derive(Serialize, JsonSchema)]
struct Item {
    object: &'static str,
    index: usize,
    embedding: Written,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Written {
    Float(Vec<f32>),
    Base64(String),
}

/// `POST /v1/embeddings`
pub(crate) async fn embeddings(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    asking::respond::<Question>(&house, request).await
}

impl asking::Question for Question {
    type Teller = Encoding;
    const DIALECT: Dialect = Dialect::OpenAi;
    const WANTED: &'static [misread::Wanted] = &[
        ("body", "a JSON object"),
        ("model", "a text"),
        ("input", "a text, a list of texts, or tokens"),
        ("input[]", "a text, or a list of tokens"),
        ("dimensions", "a whole number, 1 or more"),
        ("encoding_format", "float or base64"),
        ("truncate", "true or false"),
        ("", "something else"),
    ];

    fn asking(self, from: &Origin<'_>) -> Result<Asking<Encoding>, Rejected> {
        let encoding = match self.encoding_format.as_deref() {
            None | Some("float") => Encoding::Float,
            Some("base64") => Encoding::Base64,
            Some(other) => {
                let message =
                    format!("`encoding_format` is {:?}; write float or base64", short(other));
                return Err(Rejected::field("encoding_format", message));
            }
        };
        inputs::check_count("input", self.input.0.len())?;
        let too_long = inputs::too_long(self.truncate);
        let task =
            Task::Embed(Embed { inputs: self.input.0, dimensions: self.dimensions, too_long });
        inputs::asking(task, Wanted::parse(&self.model.0), from, encoding)
    }
}

impl Teller for Encoding {
    fn whole(self, head: &Head, mut answers: Vec<Gathered>) -> Result<Response, Rejected> {
        let answer = answers.pop().unwrap_or_default();
        let written = |vector: Vec<f32>| match self {
            Self::Float => Written::Float(vector),
            Self::Base64 => {
                let bytes: Vec<u8> =
                    vector.iter().flat_map(|number| number.to_le_bytes()).collect();
                Written::Base64(base64::encode(&bytes))
            }
        };
        let usage = answer.usage().into();
        let item =
            |(index, vector)| Item { object: "embedding", index, embedding: written(vector) };
        Ok(health::json(&List {
            object: "list",
            data: answer.vectors.into_iter().enumerate().map(item).collect(),
            model: head.model.to_string(),
            usage,
        }))
    }
}
