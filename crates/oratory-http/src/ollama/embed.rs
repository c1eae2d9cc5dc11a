//! `POST /api/embed` and its elder `POST /api/embeddings`: texts in, vectors out.
//!
//! Vectors have the length 1.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::{AtHome, Embed, Input, Task, TooLong};
use schemars::JsonSchema;
use serde::Serialize;

use super::options::{self, KeepAlive};
use crate::answers::{Gathered, Head};
use crate::asking::{self, Asking, Origin, Question};
use crate::dialect::Dialect;
use crate::health;
use crate::inputs::{self, Inputs};
use crate::misread;
use crate::rejected::Rejected;
use crate::router::{House, Inside};
use crate::teller::Teller;

const WANTED: &[misread::Wanted] = &[
    ("body", "a JSON object"),
    ("model", "a text"),
    ("input", "a text or a list of texts"),
    ("input[]", "a text"),
    ("prompt", "a text"),
    ("truncate", "true or false"),
    ("dimensions", "a whole number, 1 or more"),
    ("", "something else"),
];

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Several {
    model: String,
    input: Inputs,
    truncate: Option<bool>,
    dimensions: Option<u32>,
    keep_alive: Option<KeepAlive>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct One {
    model: String,
    prompt: String,
    keep_alive: Option<KeepAlive>,
}

/// How vectors are told.
pub(crate) enum Vectors {
    /// All of them, with what they took.
    Several(String),
    /// The only one.
    One,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct All {
    model: String,
    embeddings: Vec<Vec<f32>>,
    total_duration: u64,
    load_duration: u64,
    prompt_eval_count: u32,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Only {
    embedding: Vec<f32>,
}

/// `POST /api/embed`
pub(super) async fn embed(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    asking::respond::<Several>(&house, request).await
}

/// `POST /api/embeddings`
pub(super) async fn embeddings(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    asking::respond::<One>(&house, request).await
}

impl Question for Several {
    type Teller = Vectors;
    const DIALECT: Dialect = Dialect::Ollama;
    const WANTED: &'static [misread::Wanted] = WANTED;

    fn asking(self, from: &Origin<'_>) -> Result<Asking<Vectors>, Rejected> {
        let inputs = self.input.0;
        if inputs.iter().any(|input| matches!(input, Input::Tokens(_))) {
            let message = "`input` is a list of numbers; it must be a text or a list of texts";
            return Err(Rejected::field("input", message));
        }
        inputs::check_count("input", inputs.len())?;
        // What is not said means yes.
        let too_long = inputs::too_long(Some(self.truncate.unwrap_or(true)));
        let task = Task::Embed(Embed { inputs, dimensions: self.dimensions, too_long });
        asking_for(task, self.model, self.keep_alive, from, Vectors::Several)
    }
}

impl Question for One {
    type Teller = Vectors;
    const DIALECT: Dialect = Dialect::Ollama;
    const WANTED: &'static [misread::Wanted] = WANTED;

    fn asking(self, from: &Origin<'_>) -> Result<Asking<Vectors>, Rejected> {
        let inputs = vec![Input::Text(self.prompt)];
        let task = Task::Embed(Embed { inputs, dimensions: None, too_long: TooLong::Cut });
        asking_for(task, self.model, self.keep_alive, from, |_| Vectors::One)
    }
}

fn asking_for(
    task: Task,
    model: String,
    keep: Option<KeepAlive>,
    from: &Origin<'_>,
    vectors: impl FnOnce(String) -> Vectors,
) -> Result<Asking<Vectors>, Rejected> {
    let wanted = super::model(from.house, &model)?;
    let keep = options::keep(keep)?;
    let mut asking = inputs::asking(task, wanted, from, vectors(model))?;
    for asked in &mut asking.asked {
        asked.at_home = AtHome { keep, ..AtHome::default() };
    }
    Ok(asking)
}

impl Teller for Vectors {
    fn whole(self, head: &Head, mut answers: Vec<Gathered>) -> Result<Response, Rejected> {
        let mut answer = answers.pop().unwrap_or_default();
        let nanoseconds =
            |took: std::time::Duration| u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        Ok(match self {
            Self::One => {
                health::json(&Only { embedding: answer.vectors.pop().unwrap_or_default() })
            }
            Self::Several(model) => health::json(&All {
                model,
                prompt_eval_count: answer.usage().input,
                embeddings: answer.vectors,
                total_duration: nanoseconds(head.began.elapsed()),
                load_duration: nanoseconds(answer.begun.unwrap_or_default().loading),
            }),
        })
    }
}
