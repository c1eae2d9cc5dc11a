//! A request for a message, and what it means here.
//!
//! Tolerates what it does not know; refuses by name what would change the answer.

use oratory_contract::{Asked, AtHome, Delivery, Limits, Sampling, Wanted, Words};

use super::editing::Editing;
use super::said::{self, Said, System};
use super::stream::Messages;
use super::wishes::{self, OfferedTool, OutputConfig, OutputFormat, Thinking, ToolChoice};
use crate::asking::{self, Asking, Origin};
use crate::dialect::Dialect;
use crate::loose::Stop;
use crate::misread;
use crate::rejected::{Rejected, known_name, within};
use crate::unread::{Row, Rule};

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Question {
    model: String,
    messages: Vec<Said>,
    #[schemars(range(min = 1))]
    max_tokens: Option<u32>,
    #[serde(default)]
    system: System,
    #[serde(default)]
    stop_sequences: Stop,
    stream: Option<bool>,
    #[schemars(range(min = 0, max = 1))]
    temperature: Option<f32>,
    #[schemars(range(min = 0, max = 1))]
    top_p: Option<f32>,
    top_k: Option<u32>,
    tools: Option<Vec<OfferedTool>>,
    tool_choice: Option<ToolChoice>,
    thinking: Option<Thinking>,
    output_config: Option<OutputConfig>,
    output_format: Option<OutputFormat>,
    context_management: Option<Editing>,
}

/// The fields clients really send that this Oratory does not carry out, and why that matters.
pub(super) const RULES: &[Row] = &[
    ("mcp_servers", Rule::Needed, "the model would call tools there"),
    ("container", Rule::Needed, "the model would run programs in it"),
    ("output_config.format.name", Rule::Kept, "a name for the caller alone"),
    ("output_format.name", Rule::Kept, "a name for the caller alone"),
    ("metadata", Rule::Hint, "the provider's bookkeeping"),
    ("service_tier", Rule::Hint, "the provider's price list"),
    ("cache_control", Rule::Hint, "it only makes an answer come sooner"),
    ("inference_geo", Rule::Hint, "at home it is where it is"),
];

impl asking::Question for Question {
    type Teller = Messages;
    const DIALECT: Dialect = Dialect::Anthropic;
    const WANTED: &'static [misread::Wanted] = super::wanted::WANTED;
    const WORDS: Option<Words> = Some(Words::Messages);
    const RULES: &'static [Row] = RULES;

    fn asking(self, from: &Origin<'_>) -> Result<Asking<Messages>, Rejected> {
        match self.max_tokens {
            None => return Err(Rejected::field("max_tokens", "`max_tokens` is missing")),
            Some(0) => {
                let message = "`max_tokens` is 0; ask for at least 1";
                return Err(Rejected::field("max_tokens", message));
            }
            Some(_) => {}
        }
        let (shown, edited) = (wishes::shown(self.thinking.as_ref()), self.wants_edits());
        let asked = self.asked(from)?;
        let teller = Messages::new(asked.limits.stop.clone(), shown, edited);
        Ok(Asking::one(asked, teller))
    }
}

impl Question {
    /// Whether its answer tells what was left out of the conversation.
    pub(super) fn wants_edits(&self) -> bool {
        self.context_management.is_some()
    }

    /// Returns the request.
    pub(super) fn asked(self, from: &Origin<'_>) -> Result<Asked, Rejected> {
        known_name(&self.model)?;
        let sampling = self.sampling()?;
        let form = wishes::form(self.output_format, self.output_config.as_ref())?;
        let effort = wishes::effort(self.thinking.as_ref(), self.output_config.as_ref())?;
        let (tools, mut extras) = wishes::tools(self.tools, self.tool_choice)?;
        let edits = self.context_management.map(Editing::shortening).transpose()?;
        let (shortening, unedited) = edits.unwrap_or_default();
        extras.lost.extend(unedited);
        let messages = said::messages(self.system, self.messages)?;
        let streams = self.stream.unwrap_or(false);
        let limits = Limits {
            max_tokens: self.max_tokens,
            stop: self.stop_sequences.0,
            ..Limits::default()
        };
        Ok(Asked {
            tools,
            form,
            effort,
            sampling,
            limits,
            delivery: if streams { Delivery::Stream } else { Delivery::Whole },
            declared: from.declared.clone(),
            at_home: AtHome { shortening, ..AtHome::default() },
            extras,
            ..Asked::new(from.caller(), Wanted::parse(&self.model), messages)
        })
    }

    fn sampling(&self) -> Result<Sampling, Rejected> {
        within("temperature", self.temperature, 0.0, 1.0)?;
        within("top_p", self.top_p, 0.0, 1.0)?;
        Ok(Sampling {
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: self.top_k,
            ..Sampling::default()
        })
    }
}
