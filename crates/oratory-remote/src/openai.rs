//! The chat completions dialect, as we call it.
//!
//! What is written is in `write`, what is read in `read`; names no server.

use oratory_contract::{Asked, ModelName, Words};
use serde::Deserialize;

use crate::dialect::{Call, Speech, came_in, formless, unheard_of};
use crate::frames::Event;
use crate::heard::Heard;
use crate::said::Wrong;

mod read;
mod write;

pub(crate) use read::{ChanceWire, UsageWire};
pub(crate) use write::function;

/// Chat completions.
pub(crate) struct Chat;

impl Speech for Chat {
    fn lacks(&self, asked: &Asked) -> Option<&'static str> {
        if came_in(asked, Words::Chat) { formless(asked) } else { unheard_of(asked) }
    }

    fn words(&self) -> Option<Words> {
        Some(Words::Chat)
    }

    fn carries(&self, wish: &str, _: &ModelName, asked: &Asked) -> bool {
        match wish {
            "temperature" | "top_p" | "top_k" | "min_p" | "seed" | "frequency_penalty"
            | "presence_penalty" | "thinking" | "strict" => true,
            // Words of servers of open models; others refuse what they do not know.
            "typical_p" | "repetition_penalty" => came_in(asked, Words::Chat),
            _ => false,
        }
    }

    fn call(&self, model: &ModelName, asked: &Asked) -> Call {
        Call { path: "/chat/completions".to_owned(), body: write::body(model, asked) }
    }

    fn whole(&self, heard: &mut Heard, body: &[u8]) -> Result<(), Wrong> {
        if !read::event(heard, body)? {
            return Err(Wrong::Senseless("there is no choice in it".to_owned()));
        }
        heard.over();
        Ok(())
    }

    fn event(&self, heard: &mut Heard, event: &Event<'_>) -> Result<(), Wrong> {
        if event.data == b"[DONE]" {
            heard.over();
            return Ok(());
        }
        read::event(heard, event.data).map(|_| ())
    }

    fn listing(&self) -> Option<&'static str> {
        Some("/models")
    }

    fn models(&self, body: &[u8]) -> Result<Vec<String>, Wrong> {
        listed(body)
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

/// Returns the names in a list of models, as OpenAI and Anthropic write it.
pub(crate) fn listed(body: &[u8]) -> Result<Vec<String>, Wrong> {
    let models: Models = serde_json::from_slice(body)?;
    Ok(models.data.into_iter().map(|listed| listed.id).collect())
}
