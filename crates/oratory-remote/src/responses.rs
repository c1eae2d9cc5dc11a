//! OpenAI's Responses dialect, as we call it.
//!
//! What is written is in `write`, what is read in `read`. Nothing is left with the provider.

use oratory_contract::{Asked, ModelName, Words};

use crate::dialect::{Call, Speech, came_in, unheard_of};
use crate::frames::Event;
use crate::heard::Heard;
use crate::openai::listed;
use crate::said::Wrong;

mod read;
mod write;

/// Responses.
pub(crate) struct Responses;

impl Speech for Responses {
    fn lacks(&self, asked: &Asked) -> Option<&'static str> {
        if asked.limits.stop.is_empty() { unheard_of(asked) } else { Some("stop texts") }
    }

    fn words(&self) -> Option<Words> {
        Some(Words::Responses)
    }

    fn carries(&self, wish: &str, _: &ModelName, asked: &Asked) -> bool {
        match wish {
            "temperature" | "top_p" | "thinking" | "strict" => true,
            "truncation" => came_in(asked, Words::Responses),
            _ => false,
        }
    }

    fn call(&self, model: &ModelName, asked: &Asked) -> Call {
        Call { path: "/responses".to_owned(), body: write::body(model, asked) }
    }

    fn whole(&self, heard: &mut Heard, body: &[u8]) -> Result<(), Wrong> {
        read::whole(heard, body)
    }

    fn event(&self, heard: &mut Heard, event: &Event<'_>) -> Result<(), Wrong> {
        read::event(heard, event.data)
    }

    fn listing(&self) -> Option<&'static str> {
        Some("/models")
    }

    fn models(&self, body: &[u8]) -> Result<Vec<String>, Wrong> {
        listed(body)
    }
}
