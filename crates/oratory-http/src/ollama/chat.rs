//! `POST /api/chat`: a conversation in, a turn out.
//!
//! A conversation of no turns loads the model, or takes it out of memory.

use oratory_contract::{Asked, AtHome, Delivery, Words};
use serde_json::Value;

use super::keeping::{Keeping, Kept};
use super::options::{self, KeepAlive, Options, Think};
use super::said::{self, OfferedTool, Said};
use super::spoken::{Shape, Spoken};
use crate::asking::{self, Asking, Origin};
use crate::dialect::Dialect;
use crate::rejected::Rejected;
use crate::unread::Row;
use crate::{misread, shortening};

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Question {
    model: String,
    messages: Option<Vec<Said>>,
    tools: Option<Vec<OfferedTool>>,
    format: Option<Value>,
    options: Option<Options>,
    stream: Option<bool>,
    truncate: Option<bool>,
    think: Option<Think>,
    logprobs: Option<bool>,
    top_logprobs: Option<u8>,
    keep_alive: Option<KeepAlive>,
}

impl Keeping for Question {
    fn kept(&mut self) -> Option<Kept> {
        let empty = self.messages.as_ref().is_none_or(Vec::is_empty);
        empty.then(|| Kept {
            model: self.model.clone(),
            keep: self.keep_alive.take(),
            shape: Shape::Chat,
        })
    }
}

impl asking::Question for Question {
    type Teller = Spoken;
    const DIALECT: Dialect = Dialect::Ollama;
    const WANTED: &'static [misread::Wanted] = super::wanted::WANTED;
    const WORDS: Option<Words> = Some(Words::Ollama);
    const RULES: &'static [Row] = super::options::RULES;

    fn asking(self, from: &Origin<'_>) -> Result<Asking<Spoken>, Rejected> {
        let model = super::model(from.house, &self.model)?;
        let options = self.options.unwrap_or_default();
        let chances = options::chances(self.logprobs, self.top_logprobs)?;
        // What is not said means yes.
        let streams = self.stream.unwrap_or(true);
        let messages = said::messages(self.messages.unwrap_or_default())?;
        let asked = Asked {
            tools: said::tools(self.tools)?,
            form: options::form(self.format)?,
            effort: options::effort(self.think)?,
            sampling: options.sampling(chances)?,
            limits: options.limits()?,
            delivery: if streams { Delivery::Stream } else { Delivery::Whole },
            declared: from.declared.clone(),
            at_home: AtHome {
                keep: options::keep(self.keep_alive)?,
                shortening: shortening::truncate(self.truncate),
            },
            ..Asked::new(from.caller(), model, messages)
        };
        Ok(Asking::one(asked, Spoken::new(Shape::Chat, self.model)))
    }
}
