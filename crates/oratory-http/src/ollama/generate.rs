//! `POST /api/generate`: a prompt in, its answer or, with `raw`, its continuation out.
//!
//! No prompt loads the model, or takes it out of memory.

use oratory_contract::{Asked, AtHome, Delivery, Input, Message, Role, Task, Words};
use serde_json::Value;

use super::keeping::{Keeping, Kept};
use super::options::{self, KeepAlive, Options, Think};
use super::said;
use super::spoken::{Shape, Spoken};
use crate::asking::{self, Asking, Origin};
use crate::dialect::Dialect;
use crate::loose::Asks;
use crate::rejected::Rejected;
use crate::unread::Row;
use crate::{misread, shortening};

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Question {
    model: String,
    prompt: Option<String>,
    suffix: Option<String>,
    system: Option<String>,
    template: Option<String>,
    #[serde(default)]
    context: Asks,
    raw: Option<bool>,
    images: Option<Vec<String>>,
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
        let empty = self.prompt.as_ref().is_none_or(String::is_empty)
            && self.images.as_ref().is_none_or(Vec::is_empty);
        empty.then(|| Kept {
            model: self.model.clone(),
            keep: self.keep_alive.take(),
            shape: Shape::Generate,
        })
    }
}

impl Question {
    fn refuse_what_cannot_be_honoured(&self) -> Result<(), Rejected> {
        let said = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let fields = [
            (said(&self.suffix), "suffix", "the answer would fill a gap before it"),
            (said(&self.template), "template", "the prompt would be put otherwise"),
            (
                self.context.0,
                "context",
                "the answer would go on from an earlier one; send the conversation to /api/chat",
            ),
        ];
        match fields.into_iter().find(|(asked, ..)| *asked) {
            Some((_, field, why)) => Err(Rejected::cannot(field, why)),
            None => Ok(()),
        }
    }

    /// Returns what is asked: a turn, or to go on with a text.
    fn task(&mut self) -> Result<(Task, Vec<Message>), Rejected> {
        let prompt = self.prompt.take().unwrap_or_default();
        let system = self.system.take().filter(|system| !system.is_empty());
        let images = self.images.take().filter(|images| !images.is_empty());
        if !self.raw.unwrap_or(false) {
            let system = system.map(|system| Message::new(Role::System, system));
            let mut message = Message::new(Role::User, "");
            said::show(&mut message, images, "images")?;
            message.content = prompt;
            return Ok((Task::Answer, system.into_iter().chain([message]).collect()));
        }
        if images.is_some() {
            let message =
                "`images` and `raw` exclude each other: a raw prompt has no place for them";
            return Err(Rejected::field("images", message));
        }
        match system {
            Some(_) => {
                let message =
                    "`system` and `raw` exclude each other: a raw prompt is read as it is";
                Err(Rejected::field("system", message))
            }
            None => Ok((Task::Continue(Input::Text(prompt)), Vec::new())),
        }
    }
}

impl asking::Question for Question {
    type Teller = Spoken;
    const DIALECT: Dialect = Dialect::Ollama;
    const WANTED: &'static [misread::Wanted] = super::wanted::WANTED;
    const WORDS: Option<Words> = Some(Words::Ollama);
    const RULES: &'static [Row] = super::options::RULES;

    fn asking(mut self, from: &Origin<'_>) -> Result<Asking<Spoken>, Rejected> {
        let model = super::model(from.house, &self.model)?;
        self.refuse_what_cannot_be_honoured()?;
        let (task, messages) = self.task()?;
        let options = self.options.unwrap_or_default();
        let chances = options::chances(self.logprobs, self.top_logprobs)?;
        // What is not said means yes.
        let streams = self.stream.unwrap_or(true);
        let asked = Asked {
            task,
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
        Ok(Asking::one(asked, Spoken::new(Shape::Generate, self.model)))
    }
}
