//! The conversation as Anthropic's clients write it: turns made of blocks.
//!
//! What a tool gave stands in a user's turn there; here it is a turn of its own.

use std::collections::HashMap;

use oratory_contract::{Call, Message, Role};
use schemars::JsonSchema;
use serde::Deserialize;

use super::content::{self, Blocks, Kind};
use crate::failures::short;
use crate::rejected::Rejected;

/// One turn.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Said {
    #[schemars(extend("enum" = ["user", "assistant"]))]
    role: String,
    content: Blocks,
}

/// What a client tells the model beforehand: a text, or several.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct System(Blocks);

/// How a block begins that a coding client puts before its instructions and changes with every
/// request. It says nothing to a model, and would make every prompt a new one.
const BILLING: &str = "x-anthropic-billing-header";

/// Returns the conversation.
pub(super) fn messages(system: System, said: Vec<Said>) -> Result<Vec<Message>, Rejected> {
    if said.is_empty() {
        let message = "`messages` is empty, so there is nothing to answer";
        return Err(Rejected::field("messages", message));
    }
    let mut turns = Turns::default();
    if let Some(instructions) = instructions(system)? {
        turns.all.push(instructions);
    }
    for (at, Said { role, content }) in said.into_iter().enumerate() {
        match role.as_str() {
            "user" => turns.user(at, content)?,
            "assistant" => turns.assistant(at, content)?,
            "system" => turns.system(at, content)?,
            other => {
                let (field, other) = (format!("messages[{at}].role"), short(other));
                let message = format!("`{field}` is {other:?}; write user or assistant");
                return Err(Rejected::field(&field, message));
            }
        }
    }
    if turns.all.last().is_some_and(|last| last.role == Role::Assistant) {
        let message = "the last of `messages` is the assistant's, and no model here goes on in \
                       the middle of its own turn; end with the user's";
        return Err(Rejected::field("messages", message));
    }
    Ok(turns.all)
}

fn instructions(System(blocks): System) -> Result<Option<Message>, Rejected> {
    let mut whole = Message::new(Role::System, "");
    for (at, block) in blocks.0.into_iter().enumerate() {
        if !block.begins_with(BILLING) {
            block.add_to(&mut whole, &format!("system[{at}]"))?;
        }
    }
    Ok((!whole.content.is_empty()).then_some(whole))
}

#[derive(Default)]
struct Turns {
    all: Vec<Message>,
    /// The tools that were called, by the calls' names.
    called: HashMap<String, String>,
}

impl Turns {
    fn system(&mut self, at: usize, content: Blocks) -> Result<(), Rejected> {
        let mut whole = Message::new(Role::System, "");
        for (block, content) in content.0.into_iter().enumerate() {
            content.add_to(&mut whole, &format!("messages[{at}].content[{block}]"))?;
        }
        self.all.push(whole);
        Ok(())
    }

    fn user(&mut self, at: usize, content: Blocks) -> Result<(), Rejected> {
        let empty = || Message::new(Role::User, "");
        let mut whole: Option<Message> = content.0.is_empty().then(empty);
        for (block, content) in content.0.into_iter().enumerate() {
            let field = format!("messages[{at}].content[{block}]");
            if content.kind() == Kind::ToolResult {
                // What was said before it stays before it.
                self.all.extend(whole.take());
                let result = content.result(&field)?;
                let id = result.answers.as_deref().unwrap_or_default();
                let name = self.called.get(id).cloned();
                self.all.push(Message { name, ..result });
            } else {
                content.add_to(whole.get_or_insert_with(empty), &field)?;
            }
        }
        self.all.extend(whole);
        Ok(())
    }

    fn assistant(&mut self, at: usize, content: Blocks) -> Result<(), Rejected> {
        let mut message = Message::new(Role::Assistant, "");
        for (block, content) in content.0.into_iter().enumerate() {
            let field = format!("messages[{at}].content[{block}]");
            match content.kind() {
                Kind::Thinking => {
                    let thought = content.thought(&field)?;
                    if !thought.is_empty() {
                        content::add(message.thinking.get_or_insert_default(), &thought);
                    }
                }
                // Nobody but who wrote it can read it.
                Kind::Redacted => {}
                Kind::ToolUse => {
                    let call: Call = content.call(&field)?;
                    self.called.insert(call.id.clone(), call.name.clone());
                    message.calls.push(call);
                }
                Kind::Text | Kind::ToolResult | Kind::Other => {
                    content.add_to(&mut message, &field)?;
                }
            }
        }
        self.all.push(message);
        Ok(())
    }
}
