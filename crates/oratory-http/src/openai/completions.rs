//! `POST /v1/completions`: texts that are gone on with, just as they stand.
//!
//! What would need the prompt's own tokens told again (`echo`) or a gap filled (`suffix`) is
//! refused by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use oratory_contract::{Asked, Delivery, Limits, Task, Wanted};

pub(super) use self::told::Completion;
use self::told::Completions;
use super::question::{several, times};
use super::sampling::Sampled;
use crate::asking::{self, Asking, Origin};
use crate::dialect::Dialect;
use crate::inputs::Inputs;
use crate::loose::{Name, Stop};
use crate::misread;
use crate::rejected::{Rejected, known_name};
use crate::router::{House, Inside};

mod told;

/// Answers of one request, prompts times `n`.
const MOST_ANSWERS: usize = 32;
/// Tokens that are written where nothing is said, as OpenAI has it.
const USUAL_TOKENS: u32 = 16;

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Question {
    #[serde(default)]
    model: Name,
    prompt: Inputs,
    #[schemars(range(min = 1))]
    max_tokens: Option<u32>,
    #[schemars(range(min = 1, max = 32))]
    n: Option<u32>,
    best_of: Option<u32>,
    echo: Option<bool>,
    suffix: Option<String>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    #[schemars(range(min = 0, max = 20))]
    logprobs: Option<u8>,
    #[serde(default)]
    stop: Stop,
    #[schemars(range(min = 0, max = 2))]
    temperature: Option<f32>,
    #[schemars(range(min = 0, max = 1))]
    top_p: Option<f32>,
    top_k: Option<u32>,
    #[schemars(range(min = 0, max = 1))]
    min_p: Option<f32>,
    #[schemars(range(min = 0, max = 1))]
    typical_p: Option<f32>,
    seed: Option<i64>,
    #[schemars(range(min = -2, max = 2))]
    frequency_penalty: Option<f32>,
    #[schemars(range(min = -2, max = 2))]
    presence_penalty: Option<f32>,
    #[serde(alias = "repeat_penalty")]
    repetition_penalty: Option<f32>,
    logit_bias: Option<BTreeMap<String, f32>>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct StreamOptions {
    include_usage: Option<bool>,
}

/// `POST /v1/completions`
pub(crate) async fn completions(
    _: Inside,
    State(house): State<Arc<House>>,
    request: Request,
) -> Response {
    asking::respond::<Question>(&house, request).await
}

impl asking::Question for Question {
    type Teller = Completions;
    const DIALECT: Dialect = Dialect::OpenAi;
    const WANTED: &'static [misread::Wanted] = &[
        ("body", "a JSON object"),
        ("model", "a text"),
        ("prompt", "a text, a list of texts, or tokens"),
        ("prompt[]", "a text, or a list of tokens"),
        ("max_tokens", "a whole number, 1 or more"),
        ("n", "a whole number, 1 or more"),
        ("best_of", "a whole number, 1 or more"),
        ("echo", "true or false"),
        ("suffix", "a text"),
        ("stream", "true or false"),
        ("stream_options", "an object"),
        ("stream_options.include_usage", "true or false"),
        ("logprobs", "a whole number from 0 to 20"),
        ("stop", "a text or a list of at most 16 texts"),
        ("stop[]", "a text"),
        ("top_k", "a whole number, 0 or more"),
        ("seed", "a whole number"),
        ("logit_bias", "an object of token numbers and numbers"),
        ("", "a number"),
    ];

    fn asking(mut self, from: &Origin<'_>) -> Result<Asking<Completions>, Rejected> {
        known_name(&self.model.0)?;
        self.refuse_what_cannot_be_honoured()?;
        let each = several(self.n)?;
        let prompts = std::mem::replace(&mut self.prompt, Inputs(Vec::new())).0;
        let answers = prompts.len().saturating_mul(each as usize);
        if prompts.is_empty() || answers > MOST_ANSWERS {
            let message = match prompts.len() {
                0 => "`prompt` is empty, so there is nothing to go on with".to_owned(),
                _ => format!("`prompt` and `n` ask for {answers} answers; ask for {MOST_ANSWERS}"),
            };
            return Err(Rejected::field("prompt", message));
        }
        let usage = self.stream_options.as_ref().and_then(|options| options.include_usage);
        let plain = self.plain(from)?;
        let asked = prompts.into_iter().flat_map(|prompt| {
            let task = Task::Continue(prompt);
            let id = oratory_contract::RequestId::new();
            times(&Asked { task, id, ..plain.clone() }, each)
        });
        Ok(Asking {
            asked: asked.collect(),
            teller: Completions::new(usage.unwrap_or(false), each),
        })
    }
}

impl Question {
    /// Returns the request without its prompt.
    fn plain(self, from: &Origin<'_>) -> Result<Asked, Rejected> {
        if self.max_tokens == Some(0) {
            return Err(Rejected::field("max_tokens", "`max_tokens` is 0; ask for at least 1"));
        }
        if self.logprobs.is_some_and(|top| top > 20) {
            return Err(Rejected::field("logprobs", "`logprobs` is more than 20"));
        }
        let streams = self.stream.unwrap_or(false);
        let sampled = Sampled {
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: self.top_k,
            min_p: self.min_p,
            typical_p: self.typical_p,
            seed: self.seed,
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
            repetition_penalty: self.repetition_penalty,
            logit_bias: self.logit_bias,
            chances: self.logprobs,
        };
        let max_tokens = Some(self.max_tokens.unwrap_or(USUAL_TOKENS));
        Ok(Asked {
            sampling: sampled.sampling()?,
            limits: Limits { max_tokens, stop: self.stop.0, ..Limits::default() },
            delivery: if streams { Delivery::Stream } else { Delivery::Whole },
            declared: from.declared.clone(),
            ..Asked::new(from.caller(), Wanted::parse(&self.model.0), Vec::new())
        })
    }

    fn refuse_what_cannot_be_honoured(&self) -> Result<(), Rejected> {
        let best = self.best_of.is_some_and(|best| best != self.n.unwrap_or(1));
        let fields = [
            (self.echo.unwrap_or(false), "echo", "the prompt would be told again"),
            (
                self.suffix.as_ref().is_some_and(|suffix| !suffix.is_empty()),
                "suffix",
                "the answer would fill a gap before it",
            ),
            (best, "best_of", "only the likeliest of several answers would be told"),
        ];
        match fields.into_iter().find(|(asked, ..)| *asked) {
            Some((_, field, why)) => Err(Rejected::cannot(field, why)),
            None => Ok(()),
        }
    }
}
