//! `POST /v1/moderations`: whether texts are private, as the detectors at home see it.
//!
//! No model judges anything else: of harm in words nothing is said, and so nothing is denied either.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::{At, Failure, FailureKind, RequestId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::asking::{answered, decode};
use crate::dialect::Dialect;
use crate::failures::short;
use crate::rejected::{Rejected, known_name};
use crate::router::{House, Inside};
use crate::{health, inputs, misread, reading};

/// What is looked for, whether it is found or not.
const ALWAYS: [&str; 2] = ["credentials", "pii"];

#[derive(Deserialize, JsonSchema)]
pub(super) struct Question {
    input: Texts,
    /// Ignored: the detectors are one and the same.
    model: Option<String>,
}

/// One text, or several, plain or as parts.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Texts {
    One(String),
    Several(Vec<Text>),
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Text {
    Bare(String),
    Part { r#type: String, text: Option<String> },
}

const WANTED: &[misread::Wanted] = &[
    ("body", "a JSON object"),
    ("input", "a text, or a list of texts"),
    ("model", "a text"),
    ("", "something else"),
];

/// What was found.
#[derive(Serialize, JsonSchema)]
pub(super) struct Moderation {
    id: String,
    model: &'static str,
    results: Vec<Judged>,
}

#[derive(Serialize, JsonSchema)]
struct Judged {
    flagged: bool,
    categories: BTreeMap<String, bool>,
    category_scores: BTreeMap<String, f32>,
}

/// `POST /v1/moderations`
pub(super) async fn moderate(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    answered(&house, Dialect::OpenAi, async {
        let (head, body) = request.into_parts();
        let sent = reading::whole(&house, &head.headers, body).await?;
        let (question, _share) = decode::<Question>(sent, WANTED).await?;
        known_name(question.model.as_deref().unwrap_or_default())?;
        let texts = question.input.texts()?;
        inputs::check_count("input", texts.len())?;
        let looking = house.clone();
        // Long texts take the detectors longer than other requests should wait.
        let looked = tokio::task::spawn_blocking(move || {
            texts.iter().map(|text| judged((looking.config.privacy)(text))).collect()
        });
        let results = looked.await.map_err(|error| {
            Failure::new(FailureKind::Ours, At::Oratory, "the texts could not be looked at")
                .because(error)
        })?;
        let id = format!("modr-{}", RequestId::new());
        Ok::<_, Rejected>(health::json(&Moderation { id, model: "oratory", results }))
    })
    .await
}

fn judged(found: Vec<(String, f32)>) -> Judged {
    let mut scores: BTreeMap<String, f32> =
        ALWAYS.into_iter().map(|name| (name.to_owned(), 0.0)).collect();
    for (name, score) in found {
        let highest = scores.entry(name).or_default();
        *highest = highest.max(score);
    }
    let categories: BTreeMap<String, bool> =
        scores.iter().map(|(name, score)| (name.clone(), *score > 0.0)).collect();
    let flagged = categories.values().any(|found| *found);
    Judged { flagged, categories, category_scores: scores }
}

impl Texts {
    fn texts(self) -> Result<Vec<String>, Rejected> {
        let several = match self {
            Self::One(text) => return Ok(vec![text]),
            Self::Several(several) => several,
        };
        let one = |(at, text): (usize, Text)| match text {
            Text::Bare(text) => Ok(text),
            Text::Part { r#type, text: Some(text) } if r#type == "text" => Ok(text),
            Text::Part { r#type, .. } => {
                let field = format!("input[{at}].type");
                let message = format!("`{field}` is {:?}; only text is looked at", short(&r#type));
                Err(Rejected::field(&field, message))
            }
        };
        several.into_iter().enumerate().map(one).collect()
    }
}
