//! The chat completions dialect, as we call it.
//!
//! Turns a masked request into bytes and bytes into chunks; sends nothing itself.

use bytes::Bytes;
use oratory_contract::{
    At, Chunk, Delivery, Done, Failure, FailureKind, Finish, Message, ModelName, PlaceName, Usage,
};
use oratory_privacy::Masked;
use serde::{Deserialize, Serialize};

mod errors;

pub(crate) use errors::failure;

/// Where chat completions are asked for, below the place's address.
pub(crate) const CHAT: &str = "/chat/completions";
/// Where the models are listed.
pub(crate) const MODELS: &str = "/models";

/// What leaves of a message: its words, and who says them.
#[derive(Serialize)]
struct Turn<'a> {
    role: &'a str,
    content: &'a str,
}

impl<'a> Turn<'a> {
    fn of(message: &'a Message) -> Self {
        Self { role: message.role.as_str(), content: &message.content }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// Returns the body of the call.
pub(crate) fn body(model: &ModelName, masked: &Masked) -> Bytes {
    let asked = masked.asked();
    let stream = asked.delivery == Delivery::Stream;
    let body = Body {
        model: model.as_str(),
        messages: asked.messages.iter().map(Turn::of).collect(),
        max_tokens: asked.limits.max_tokens,
        stop: &asked.limits.stop,
        temperature: asked.sampling.temperature,
        top_p: asked.sampling.top_p,
        top_k: asked.sampling.top_k,
        min_p: asked.sampling.min_p,
        seed: asked.sampling.seed,
        frequency_penalty: asked.sampling.frequency_penalty,
        presence_penalty: asked.sampling.presence_penalty,
        stream: stream.then_some(true),
        stream_options: stream.then_some(StreamOptions { include_usage: true }),
    };
    serde_json::to_vec(&body).expect("strings and numbers always serialise").into()
}

#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<UsageWire>,
    error: Option<errors::ErrorWire>,
}

#[derive(Deserialize)]
struct Choice {
    message: Option<Said>,
    delta: Option<Said>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<String>,
}

#[derive(Deserialize)]
struct UsageWire {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Deserialize)]
struct PromptDetails {
    cached_tokens: Option<u32>,
}

impl UsageWire {
    fn usage(&self) -> Usage {
        let cached = self.prompt_tokens_details.as_ref().and_then(|details| details.cached_tokens);
        Usage {
            input: self.prompt_tokens.unwrap_or(0),
            cached: cached.unwrap_or(0),
            output: self.completion_tokens.unwrap_or(0),
        }
    }
}

/// Returns the chunks of an answer that came in one piece.
pub(crate) fn whole(place: &PlaceName, bytes: &[u8]) -> Result<[Chunk; 2], Failure> {
    let completion: Completion = parse(place, bytes)?;
    let choice =
        completion.choices.into_iter().next().ok_or_else(|| senseless(place, "no choice"))?;
    let text = choice.message.and_then(|said| said.content).unwrap_or_default();
    let usage = completion.usage.map(|usage| usage.usage()).unwrap_or_default();
    let finish = finish(choice.finish_reason.as_deref());
    Ok([Chunk::Text(text), Chunk::Done(Done { finish, usage })])
}

/// What has been heard of a streamed answer.
#[derive(Default)]
pub(crate) struct Heard {
    finish: Option<Finish>,
    usage: Usage,
}

impl Heard {
    /// Takes one event's payload and returns the text in it, if any.
    pub(crate) fn event(
        &mut self,
        place: &PlaceName,
        payload: &[u8],
    ) -> Result<Option<String>, Failure> {
        if payload == b"[DONE]" {
            self.finish.get_or_insert(Finish::Stop);
            return Ok(None);
        }
        let event: Completion = parse(place, payload)?;
        if let Some(usage) = event.usage {
            self.usage = usage.usage();
        }
        let Some(choice) = event.choices.into_iter().next() else { return Ok(None) };
        if let Some(reason) = choice.finish_reason {
            self.finish = Some(finish(Some(&reason)));
        }
        Ok(choice.delta.and_then(|said| said.content).filter(|text| !text.is_empty()))
    }

    /// Returns the end of the answer, if the place has said that it is the end.
    pub(crate) fn done(&self) -> Option<Done> {
        Some(Done { finish: self.finish?, usage: self.usage })
    }
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
}

/// Returns the names in a list of models.
pub(crate) fn models(place: &PlaceName, bytes: &[u8]) -> Result<Vec<ModelName>, Failure> {
    let models: Models =
        serde_json::from_slice(bytes).map_err(|error| senseless(place, &error.to_string()))?;
    // A name goes to terminals and headers; one that could steer them is no name.
    let names = models.data.into_iter().map(|listed| listed.id);
    Ok(names.filter(|name| !name.contains(char::is_control)).map(Into::into).collect())
}

fn parse(place: &PlaceName, bytes: &[u8]) -> Result<Completion, Failure> {
    let completion: Completion =
        serde_json::from_slice(bytes).map_err(|error| senseless(place, &error.to_string()))?;
    match completion.error {
        Some(error) => Err(error.failure(place)),
        None => Ok(completion),
    }
}

fn senseless(place: &PlaceName, why: &str) -> Failure {
    let message = format!("{place} answered something that is no chat completion: {why}");
    Failure::new(FailureKind::Upstream, At::Remote(place.clone()), message)
}

fn finish(reason: Option<&str>) -> Finish {
    if reason == Some("length") { Finish::Length } else { Finish::Stop }
}
