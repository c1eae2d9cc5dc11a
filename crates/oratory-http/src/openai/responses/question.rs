//! A request for a response, and what it means here.
//!
//! Tolerates what it does not know; refuses by name what would change the answer.

use std::sync::Arc;

use oratory_contract::{
    Asked, AtHome, Delivery, Labels, Limits, Message, Role, Sampling, Wanted, Words,
};
use serde_json::{Map, Value, json};

use super::items::{self, InputItems};
use super::store::Kept;
use super::told::{Echoed, Keeping, Responses};
use super::wishes::{self, Reasoning, Text};
use crate::asking::{self, Asking, Origin};
use crate::dialect::Dialect;
use crate::failures::short;
use crate::loose::{Asks, Name};
use crate::openai::question::effort;
use crate::rejected::{Rejected, known_name, within};
use crate::unread::{self, Row, Rule};
use crate::{misread, shortening};

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Question {
    #[serde(default)]
    model: Name,
    input: Option<InputItems>,
    instructions: Option<String>,
    #[schemars(range(min = 1))]
    max_output_tokens: Option<u32>,
    #[schemars(range(min = 0, max = 2))]
    temperature: Option<f32>,
    #[schemars(range(min = 0, max = 1))]
    top_p: Option<f32>,
    #[schemars(range(min = 0, max = 20))]
    top_logprobs: Option<u8>,
    stream: Option<bool>,
    store: Option<bool>,
    tools: Option<Vec<Value>>,
    tool_choice: Option<Value>,
    parallel_tool_calls: Option<bool>,
    text: Option<Text>,
    reasoning: Option<Reasoning>,
    previous_response_id: Option<String>,
    include: Option<Vec<String>>,
    truncation: Option<String>,
    #[serde(default)]
    context_management: Asks,
    metadata: Option<Value>,
    user: Option<Value>,
    #[serde(default)]
    background: Asks,
    conversation: Option<Value>,
    prompt: Option<Value>,
}

/// The fields clients really send that are neither read nor missed.
const RULES: &[Row] = &[
    ("context_management", Rule::Kept, "read as a whole"),
    ("background", Rule::Kept, "carried out here"),
    ("text.format.description", Rule::Hint, "a hint to the model"),
    ("max_tool_calls", Rule::Hint, "it limits tools that OpenAI runs"),
    ("safety_identifier", Rule::Hint, "the provider's bookkeeping"),
    ("service_tier", Rule::Hint, "the provider's price list"),
    ("prompt_cache_key", Rule::Hint, "it only makes an answer come sooner"),
    ("prompt_cache_retention", Rule::Hint, "it only makes an answer come sooner"),
    ("stream_options", Rule::Kept, "padding, no part of the answer"),
    ("client_metadata", Rule::Kept, "the client's own notes"),
];

impl asking::Question for Question {
    type Teller = Responses;
    const DIALECT: Dialect = Dialect::OpenAi;
    const WANTED: &'static [misread::Wanted] = super::wanted::WANTED;
    const WORDS: Option<Words> = Some(Words::Responses);
    const RULES: &'static [Row] = RULES;

    fn asking(mut self, from: &Origin<'_>) -> Result<Asking<Responses>, Rejected> {
        known_name(&self.model.0)?;
        self.refuse_what_cannot_be_honoured()?;
        let earlier = self.earlier(from)?;
        let declared = joined(from.declared.clone(), earlier.as_deref());
        let input = self.input.take().unwrap_or_default();
        let keeps = self.store.unwrap_or(true);
        let listed = if keeps { input.listed() } else { Vec::new() };
        let before = earlier.map_or_else(Vec::new, |kept| kept.messages.clone());
        let messages = items::messages(before, input)?;
        if messages.is_empty() {
            let message = "`input` is empty, so there is nothing to answer";
            return Err(Rejected::field("input", message));
        }
        let echoed = self.echoed();
        let keeping = keeps.then(|| Keeping {
            house: Arc::clone(from.house),
            caller: from.caller.name.clone(),
            messages: messages.clone(),
            input: listed,
            declared: declared.clone(),
        });
        let asked = self.asked(from, messages, declared)?;
        Ok(Asking::one(asked, Responses::new(echoed, keeping)))
    }
}

/// Returns the label of what goes on from something earlier.
fn joined(declared: Option<Labels>, earlier: Option<&Kept>) -> Option<Labels> {
    let earlier = earlier.and_then(|kept| kept.declared.clone());
    match (declared, earlier) {
        (Some(now), Some(earlier)) => Some(now.join(&earlier)),
        (now, earlier) => now.or(earlier),
    }
}

impl Question {
    /// Whether the answer is to be made while nobody waits, and fetched later.
    pub(super) fn is_for_later(&self) -> Result<bool, Rejected> {
        let later = self.background.0;
        if later && self.store == Some(false) {
            let message = "`background` is for what is kept, and `store` is false";
            return Err(Rejected::field("background", message));
        }
        if later && self.stream == Some(true) {
            let why = "it would be fetched later; ask for it by its name instead";
            return Err(Rejected::cannot("stream", why));
        }
        Ok(later)
    }

    /// Returns the response this one goes on from.
    fn earlier(&self, from: &Origin<'_>) -> Result<Option<Arc<Kept>>, Rejected> {
        let Some(id) = &self.previous_response_id else { return Ok(None) };
        let found = from.house.responses.find(&from.caller.name, id);
        if found.as_ref().is_some_and(|kept| kept.work.is_some()) {
            let message = "`previous_response_id` names a response that is still being made";
            return Err(Rejected::field("previous_response_id", message));
        }
        found.map(Some).ok_or_else(|| {
            let message = format!(
                "`previous_response_id` is {:?}, which is not kept here; send the whole \
                 conversation as `input`",
                short(id)
            );
            Rejected::field("previous_response_id", message)
        })
    }

    fn asked(
        self,
        from: &Origin<'_>,
        messages: Vec<Message>,
        declared: Option<Labels>,
    ) -> Result<Asked, Rejected> {
        if self.max_output_tokens == Some(0) {
            let field = "max_output_tokens";
            return Err(Rejected::field(field, format!("`{field}` is 0; ask for at least 1")));
        }
        let sampling = self.sampling()?;
        let shortening = shortening::truncation(self.truncation.as_deref())?;
        let hints = self.hints();
        let (tools, mut extras) =
            wishes::tools(self.tools, self.tool_choice, self.parallel_tool_calls)?;
        if self.context_management.0 {
            // It would take a model to sum up what was said before, and its sum could not be told.
            extras.lost.push("context_management".to_owned());
        }
        unread::add_fields(&mut extras, hints);
        let instructions = self.instructions.filter(|text| !text.is_empty());
        let instructions = instructions.map(|text| Message::new(Role::System, text));
        let messages = instructions.into_iter().chain(messages).collect();
        let reasoning = self.reasoning.and_then(|reasoning| reasoning.effort);
        Ok(Asked {
            tools,
            form: wishes::form(self.text)?,
            effort: effort(reasoning.as_deref())?,
            sampling,
            limits: Limits { max_tokens: self.max_output_tokens, ..Limits::default() },
            delivery: match self.stream.unwrap_or(false) {
                true => Delivery::Stream,
                false => Delivery::Whole,
            },
            declared,
            at_home: AtHome { shortening, ..AtHome::default() },
            extras,
            ..Asked::new(from.caller(), Wanted::parse(&self.model.0), messages)
        })
    }

    /// Returns what is told again here, and is a hint to OpenAI's own servers.
    fn hints(&self) -> Map<String, Value> {
        let verbosity = self.text.as_ref().and_then(Text::verbosity);
        let text = verbosity.map(|verbosity| json!({ "verbosity": verbosity }));
        let hints =
            [("text", text), ("user", self.user.clone()), ("metadata", self.metadata.clone())];
        let given = hints.into_iter().filter_map(|(name, hint)| Some((name.to_owned(), hint?)));
        given.filter(|(_, hint)| !hint.is_null()).collect()
    }

    fn sampling(&self) -> Result<Sampling, Rejected> {
        within("temperature", self.temperature, 0.0, 2.0)?;
        within("top_p", self.top_p, 0.0, 1.0)?;
        if self.top_logprobs.is_some_and(|top| top > 20) {
            return Err(Rejected::field("top_logprobs", "`top_logprobs` is more than 20"));
        }
        let named = |field: &String| field == "message.output_text.logprobs";
        let told = self.include.iter().flatten().any(named);
        let top = self.top_logprobs.unwrap_or(0);
        Ok(Sampling {
            temperature: self.temperature,
            top_p: self.top_p,
            chances: (told || top > 0).then_some(top),
            ..Sampling::default()
        })
    }

    /// Returns what a response says again of its request.
    fn echoed(&self) -> Echoed {
        Echoed {
            instructions: self.instructions.clone(),
            max_output_tokens: self.max_output_tokens,
            previous_response_id: self.previous_response_id.clone(),
            parallel_tool_calls: self.parallel_tool_calls.unwrap_or(true),
            reasoning: wishes::reasoning(self.reasoning.as_ref()),
            store: self.store.unwrap_or(true),
            temperature: self.temperature,
            text: wishes::text(self.text.as_ref()),
            tool_choice: self.tool_choice.clone().unwrap_or_else(|| "auto".into()),
            tools: self.tools.clone().unwrap_or_default(),
            top_logprobs: self.top_logprobs.unwrap_or(0),
            top_p: self.top_p,
            truncation: self.truncation.clone().unwrap_or_else(|| "disabled".to_owned()),
            user: self.user.clone(),
            metadata: self.metadata.clone(),
        }
    }

    fn refuse_what_cannot_be_honoured(&self) -> Result<(), Rejected> {
        let given = |value: &Option<Value>| value.as_ref().is_some_and(|value| !value.is_null());
        let fields = [
            (
                given(&self.conversation),
                "conversation",
                "the answer would go on from it; use `previous_response_id` or send it all",
            ),
            (given(&self.prompt), "prompt", "the question would be one that is kept elsewhere"),
        ];
        match fields.into_iter().find(|(asked, ..)| *asked) {
            Some((_, field, why)) => Err(Rejected::cannot(field, why)),
            None => Ok(()),
        }
    }
}
