//! A chat completion request, as clients really send it, and what it means here.
//!
//! Tolerates what it does not know; refuses by name what would change the answer.

mod said;
mod wanted;
mod wants;

use std::collections::BTreeMap;

use oratory_contract::{Asked, AtHome, Delivery, Limits, RequestId, Wanted, Words};
use serde_json::Value;

use self::said::Said;
use self::wants::{OfferedTool, ResponseFormat, Structured, WantedTool};
pub(super) use self::wants::{bias, effort, word_of};
use super::chat::Chat;
use super::sampling::Sampled;
use crate::asking::{self, Asking, Origin};
use crate::dialect::Dialect;
use crate::loose::{Asks, Name, Stop};
use crate::rejected::{Rejected, known_name};
use crate::unread::{Row, Rule};
use crate::{misread, shortening};

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(super) struct Question {
    #[serde(default)]
    model: Name,
    messages: Vec<Said>,
    #[serde(default)]
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    #[schemars(range(min = 1))]
    max_tokens: Option<u32>,
    #[schemars(range(min = 1))]
    max_completion_tokens: Option<u32>,
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
    // vLLM's word and llama.cpp's.
    #[serde(alias = "repeat_penalty")]
    repetition_penalty: Option<f32>,
    #[schemars(range(min = 1, max = 32))]
    n: Option<u32>,
    // Oratory's own in chats; OpenAI has it in responses.
    truncation: Option<String>,
    tools: Option<Vec<OfferedTool>>,
    tool_choice: Option<WantedTool>,
    parallel_tool_calls: Option<bool>,
    #[serde(default)]
    functions: Asks,
    #[serde(default)]
    function_call: Asks,
    #[serde(default)]
    audio: Asks,
    response_format: Option<ResponseFormat>,
    structured_outputs: Option<Structured>,
    // llama.cpp's word for it, and vLLM's elder one.
    #[serde(alias = "guided_json")]
    json_schema: Option<Value>,
    guided_regex: Option<String>,
    guided_grammar: Option<String>,
    #[serde(default)]
    grammar: Asks,
    continue_final_message: Option<bool>,
    add_generation_prompt: Option<bool>,
    reasoning_effort: Option<String>,
    logprobs: Option<bool>,
    #[schemars(range(min = 0, max = 20))]
    top_logprobs: Option<u8>,
    logit_bias: Option<BTreeMap<String, f32>>,
    modalities: Option<Vec<String>>,
}

/// The fields clients really send that this Oratory does not carry out, and why that matters.
///
/// A field that is not here and not read is unknown: passed on, and missed where it is not.
const NOT_CARRIED_OUT: &[Row] = &[
    ("functions", Rule::Refused, "the model would call them; write `tools`"),
    ("function_call", Rule::Refused, "the model would have to call one; write `tool_choice`"),
    ("web_search_options", Rule::Needed, "the answer would rest on a search"),
    (
        "grammar",
        Rule::Refused,
        "the answer would have a form of llama.cpp's own language; write it in Lark, in `structured_outputs.grammar`",
    ),
    ("continue_final_message", Rule::Refused, "the answer would begin in the middle of a turn"),
    ("add_generation_prompt", Rule::Refused, "the model would not know that it is its turn"),
    ("audio", Rule::Refused, "the answer would be speech"),
    ("modalities", Rule::Refused, "the answer would be more than text"),
    ("response_format.json_schema.name", Rule::Kept, "a name for the caller alone"),
    ("response_format.json_schema.strict", Rule::Kept, "schemas are always kept to"),
    ("response_format.json_schema.description", Rule::Hint, "a hint to the model"),
    ("verbosity", Rule::Hint, "a wish about style, not a promise"),
    ("prediction", Rule::Hint, "it only makes an answer come sooner"),
    ("store", Rule::Kept, "text is stored with nobody"),
    ("metadata", Rule::Hint, "the caller's own notes"),
    ("user", Rule::Hint, "the provider's bookkeeping"),
    ("safety_identifier", Rule::Hint, "the provider's bookkeeping"),
    ("service_tier", Rule::Hint, "the provider's price list"),
    ("prompt_cache_key", Rule::Hint, "it only makes an answer come sooner"),
    ("prompt_cache_retention", Rule::Hint, "it only makes an answer come sooner"),
    ("cache_prompt", Rule::Hint, "it only makes an answer come sooner"),
    ("keep_alive", Rule::Kept, "how long models stay loaded is the engine's matter"),
    ("stream_options.include_obfuscation", Rule::Kept, "padding, no part of the answer"),
];

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct StreamOptions {
    include_usage: Option<bool>,
}

/// Answers to one request.
const MOST_ANSWERS: u32 = 32;

impl asking::Question for Question {
    type Teller = Chat;
    const DIALECT: Dialect = Dialect::OpenAi;
    const WANTED: &'static [misread::Wanted] = wanted::WANTED;
    const WORDS: Option<Words> = Some(Words::Chat);
    const RULES: &'static [Row] = NOT_CARRIED_OUT;

    fn asking(self, from: &Origin<'_>) -> Result<Asking<Chat>, Rejected> {
        let several = several(self.n)?;
        let options = self.stream_options.as_ref();
        let usage = options.and_then(|options| options.include_usage).unwrap_or(false);
        let chances = self.logprobs.unwrap_or(false);
        let asked = self.asked(from)?;
        let asked = times(&asked, several);
        Ok(Asking { asked, teller: Chat::new(usage, chances) })
    }
}

/// Returns how many answers are wanted.
pub(super) fn several(n: Option<u32>) -> Result<u32, Rejected> {
    match n.unwrap_or(1) {
        n @ 1..=MOST_ANSWERS => Ok(n),
        n => {
            let message = format!("`n` is {n}; ask for 1 to {MOST_ANSWERS} answers");
            Err(Rejected::field("n", message))
        }
    }
}

/// Returns a request so many times, each to be answered in its own way.
pub(super) fn times(asked: &Asked, times: u32) -> Vec<Asked> {
    let another = |at: u32| {
        let mut another = asked.clone();
        if at > 0 {
            another.id = RequestId::new();
        }
        // Equal seeds would give equal answers.
        let seed = &mut another.sampling.seed;
        *seed = seed.map(|seed| seed.wrapping_add(at.into()));
        another
    };
    (0..times).map(another).collect()
}

impl Question {
    fn asked(mut self, from: &Origin<'_>) -> Result<Asked, Rejected> {
        self.refuse_what_cannot_be_honoured()?;
        let max_tokens = self.max_completion_tokens.or(self.max_tokens);
        if max_tokens == Some(0) {
            return Err(Rejected::field("max_tokens", "`max_tokens` is 0; ask for at least 1"));
        }
        known_name(&self.model.0)?;
        let sampling = self.sampled()?.sampling()?;
        let shortening = shortening::truncation(self.truncation.as_deref())?;
        let streams = self.stream.unwrap_or(false);
        let delivery = if streams { Delivery::Stream } else { Delivery::Whole };
        let messages = self.messages.into_iter().enumerate();
        let messages = messages.map(|(at, said)| said.message(at)).collect::<Result<_, _>>()?;
        let (tools, extras) = wants::tools(self.tools, self.tool_choice, self.parallel_tool_calls)?;
        let mut structured = self.structured_outputs.unwrap_or_default();
        structured.or(self.json_schema, self.guided_regex, self.guided_grammar);
        Ok(Asked {
            tools,
            form: wants::form(self.response_format, structured)?,
            effort: effort(self.reasoning_effort.as_deref())?,
            sampling,
            limits: Limits { max_tokens, stop: self.stop.0, ..Limits::default() },
            delivery,
            declared: from.declared.clone(),
            at_home: AtHome { shortening, ..AtHome::default() },
            extras,
            ..Asked::new(from.caller(), Wanted::parse(&self.model.0), messages)
        })
    }

    fn sampled(&mut self) -> Result<Sampled, Rejected> {
        if self.top_logprobs.is_some_and(|top| top > 20) {
            let message = "`top_logprobs` is more than 20";
            return Err(Rejected::field("top_logprobs", message));
        }
        Ok(Sampled {
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: self.top_k,
            min_p: self.min_p,
            typical_p: self.typical_p,
            seed: self.seed,
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
            repetition_penalty: self.repetition_penalty,
            logit_bias: self.logit_bias.take(),
            chances: self.logprobs.unwrap_or(false).then(|| self.top_logprobs.unwrap_or(0)),
        })
    }

    fn refuse_what_cannot_be_honoured(&self) -> Result<(), Rejected> {
        let mut modalities = self.modalities.iter().flatten();
        let asked = [
            ("functions", self.functions.0),
            ("function_call", self.function_call.0),
            ("grammar", self.grammar.0),
            ("continue_final_message", self.continue_final_message == Some(true)),
            ("add_generation_prompt", self.add_generation_prompt == Some(false)),
            ("audio", self.audio.0),
            ("modalities", modalities.any(|kind| kind != "text")),
        ];
        match asked.into_iter().find(|(_, asked)| *asked) {
            None => Ok(()),
            Some((field, _)) => {
                let row = NOT_CARRIED_OUT.iter().find(|(name, ..)| *name == field);
                let why = row.map_or("the answer would be another", |(.., why)| why);
                Err(Rejected::cannot(field, why))
            }
        }
    }
}
