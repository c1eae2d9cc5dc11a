//! A request for a message, and what it means here.
//!
//! Tolerates what it does not know; refuses by name what would change the answer.

use oratory_contract::{Asked, AtHome, Delivery, Limits, Sampling, Wanted};
use serde_json::Value;

use super::editing::Editing;
use super::said::{self, Said, System};
use super::stream::Messages;
use super::wishes::{self, OfferedTool, OutputConfig, OutputFormat, Thinking, ToolChoice};
use crate::asking::{self, Asking, Origin};
use crate::dialect::Dialect;
use crate::loose::{Asks, Stop};
use crate::misread;
use crate::rejected::{Rejected, known_name, within};

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
    #[serde(default)]
    mcp_servers: Asks,
    container: Option<Value>,
    context_management: Option<Editing>,
}

impl asking::Question for Question {
    type Teller = Messages;
    const DIALECT: Dialect = Dialect::Anthropic;
    const WANTED: &'static [misread::Wanted] = super::wanted::WANTED;

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
        let (asked, left_out) = self.asked(from)?;
        let teller = Messages::new(asked.limits.stop.clone(), shown, edited);
        Ok(Asking { left_out, ..Asking::one(asked, teller) })
    }
}

impl Question {
    /// Whether its answer tells what was left out of the conversation.
    pub(super) fn wants_edits(&self) -> bool {
        self.context_management.is_some()
    }

    /// Returns the request, and what of it is left out by rule.
    pub(super) fn asked(self, from: &Origin<'_>) -> Result<(Asked, Vec<String>), Rejected> {
        known_name(&self.model)?;
        self.refuse_what_cannot_be_honoured()?;
        let sampling = self.sampling()?;
        let form = wishes::form(self.output_format, self.output_config.as_ref())?;
        let effort = wishes::effort(self.thinking.as_ref(), self.output_config.as_ref())?;
        let (tools, mut left_out) = wishes::tools(self.tools, self.tool_choice)?;
        let edits = self.context_management.map(Editing::shortening).transpose()?;
        let (shortening, unedited) = edits.unwrap_or_default();
        left_out.extend(unedited);
        let messages = said::messages(self.system, self.messages)?;
        let streams = self.stream.unwrap_or(false);
        let limits = Limits {
            max_tokens: self.max_tokens,
            stop: self.stop_sequences.0,
            ..Limits::default()
        };
        let asked = Asked {
            tools,
            form,
            effort,
            sampling,
            limits,
            delivery: if streams { Delivery::Stream } else { Delivery::Whole },
            declared: from.declared.clone(),
            at_home: AtHome { shortening, ..AtHome::default() },
            ..Asked::new(from.caller(), Wanted::parse(&self.model), messages)
        };
        Ok((asked, left_out))
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

    fn refuse_what_cannot_be_honoured(&self) -> Result<(), Rejected> {
        if self.mcp_servers.0 {
            return Err(Rejected::cannot("mcp_servers", "the model would call tools there"));
        }
        if self.container.as_ref().is_some_and(|container| !container.is_null()) {
            return Err(Rejected::cannot("container", "the model would run programs in it"));
        }
        Ok(())
    }
}
