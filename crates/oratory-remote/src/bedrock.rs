//! AWS Bedrock's Converse dialect, as we call it.
//!
//! What is written is in `write`, what is read in `read`; the signature is the gate's.

use oratory_contract::{Asked, Delivery, Form, ModelName, Several, ToolChoice};

use crate::aws_frames::AwsFrames;
use crate::dialect::{Call, Speech, in_address, unheard_of};
use crate::frames::{Event, Frames};
use crate::heard::Heard;
use crate::said::Wrong;

mod read;
mod write;

/// Converse.
pub(crate) struct Converse;

impl Speech for Converse {
    fn lacks(&self, asked: &Asked) -> Option<&'static str> {
        let tools = &asked.tools;
        let called = asked.messages.iter().any(|message| !message.calls.is_empty());
        if called && tools.choice == ToolChoice::None {
            return Some("tools that may no longer be called");
        }
        if tools.may_be_called() && tools.several == Several::No {
            return Some("one tool call at a time");
        }
        match asked.form {
            Form::Json => Some("JSON of any shape"),
            _ if asked.sampling.chances.is_some() => Some("token chances"),
            _ => unheard_of(asked),
        }
    }

    fn carries(&self, wish: &str, model: &ModelName, asked: &Asked) -> bool {
        write::carries(wish, model, asked)
    }

    fn call(&self, model: &ModelName, asked: &Asked) -> Call {
        let how = match asked.delivery {
            Delivery::Whole => "converse",
            Delivery::Stream => "converse-stream",
        };
        let path = format!("/model/{}/{how}", in_address(model));
        Call { path, body: write::body(model, asked) }
    }

    fn whole(&self, heard: &mut Heard, body: &[u8]) -> Result<(), Wrong> {
        read::whole(heard, body)
    }

    fn event(&self, heard: &mut Heard, event: &Event<'_>) -> Result<(), Wrong> {
        read::event(heard, event)
    }

    fn frames(&self) -> Frames {
        Frames::Aws(AwsFrames::default())
    }

    // AWS lists models at another address, to whom it may concern; they are named in the settings.
    fn listing(&self) -> Option<&'static str> {
        None
    }

    fn models(&self, _body: &[u8]) -> Result<Vec<String>, Wrong> {
        Ok(Vec::new())
    }
}
