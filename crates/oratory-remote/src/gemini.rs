//! Google's generateContent dialect, as we call it.
//!
//! What is written is in `write`, what is read in `read`. The model's name is part of the address.

use oratory_contract::{Asked, Delivery, ModelName, Several};
use serde::Deserialize;

use crate::dialect::{Call, Speech, in_address, unheard_of};
use crate::frames::Event;
use crate::heard::Heard;
use crate::said::Wrong;

mod read;
mod write;

/// generateContent.
pub(crate) struct Gemini;

impl Speech for Gemini {
    fn lacks(&self, asked: &Asked) -> Option<&'static str> {
        if asked.tools.may_be_called() && asked.tools.several == Several::No {
            return Some("one tool call at a time");
        }
        unheard_of(asked)
    }

    fn carries(&self, wish: &str, _: &ModelName, _: &Asked) -> bool {
        matches!(
            wish,
            "temperature"
                | "top_p"
                | "top_k"
                | "seed"
                | "frequency_penalty"
                | "presence_penalty"
                | "thinking"
        )
    }

    fn call(&self, model: &ModelName, asked: &Asked) -> Call {
        let how = match asked.delivery {
            Delivery::Whole => "generateContent",
            Delivery::Stream => "streamGenerateContent?alt=sse",
        };
        let path = format!("/models/{}:{how}", in_address(model));
        Call { path, body: write::body(model, asked) }
    }

    fn whole(&self, heard: &mut Heard, body: &[u8]) -> Result<(), Wrong> {
        read::event(heard, body)?;
        if heard.done().is_none() && heard.chunks.is_empty() {
            return Err(Wrong::Senseless("there is no candidate in it".to_owned()));
        }
        heard.over();
        Ok(())
    }

    fn event(&self, heard: &mut Heard, event: &Event<'_>) -> Result<(), Wrong> {
        read::event(heard, event.data)
    }

    fn listing(&self) -> Option<&'static str> {
        Some("/models?pageSize=1000")
    }

    fn models(&self, body: &[u8]) -> Result<Vec<String>, Wrong> {
        let models: Models = serde_json::from_slice(body)?;
        let writes = |model: &Listed| {
            model.supported_generation_methods.iter().any(|method| method == "generateContent")
        };
        let models = models.models.into_iter().filter(writes);
        let bare = |name: String| name.strip_prefix("models/").map_or(name.clone(), str::to_owned);
        Ok(models.map(|model| bare(model.name)).collect())
    }
}

#[derive(Deserialize)]
struct Models {
    #[serde(default)]
    models: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    #[serde(default)]
    supported_generation_methods: Vec<String>,
}
