//! Anthropic's Messages dialect, as we call it.
//!
//! What is written is in `write`, what is read in `read`.

use oratory_contract::{Asked, Form, ModelName, Words};

use crate::dialect::{Call, Speech, unheard_of};
use crate::frames::Event;
use crate::heard::Heard;
use crate::openai::listed;
use crate::said::Wrong;

mod read;
mod write;

pub(crate) use write::{Thinks, thinking, thinks};

/// The version of the dialect that we speak.
pub(crate) const VERSION: &str = "2023-06-01";

/// Messages.
pub(crate) struct Messages;

impl Speech for Messages {
    fn lacks(&self, asked: &Asked) -> Option<&'static str> {
        match asked.form {
            Form::Json => Some("JSON of any shape"),
            _ if asked.sampling.chances.is_some() => Some("token chances"),
            _ => unheard_of(asked),
        }
    }

    fn words(&self) -> Option<Words> {
        Some(Words::Messages)
    }

    fn carries(&self, wish: &str, model: &ModelName, asked: &Asked) -> bool {
        write::carries(wish, model, asked)
    }

    fn call(&self, model: &ModelName, asked: &Asked) -> Call {
        Call { path: "/messages".to_owned(), body: write::body(model, asked) }
    }

    fn whole(&self, heard: &mut Heard, body: &[u8]) -> Result<(), Wrong> {
        read::whole(heard, body)
    }

    fn event(&self, heard: &mut Heard, event: &Event<'_>) -> Result<(), Wrong> {
        read::event(heard, event.data)
    }

    fn listing(&self) -> Option<&'static str> {
        Some("/models?limit=1000")
    }

    fn models(&self, body: &[u8]) -> Result<Vec<String>, Wrong> {
        listed(body)
    }
}
