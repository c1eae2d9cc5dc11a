//! The conversation and the tools as Ollama's clients write them.
//!
//! A call's arguments are an object here, and calls need no names.

use oratory_contract::{Call, Message, Role, Sense, Several, Tools};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::failures::short;
use crate::media;
use crate::rejected::Rejected;
use crate::tools::{self, Choice, Offer, Others};

/// One turn.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Said {
    #[schemars(extend("enum" = ["system", "user", "assistant", "tool"]))]
    role: String,
    content: Option<String>,
    thinking: Option<String>,
    images: Option<Vec<String>>,
    tool_calls: Option<Vec<Called>>,
    tool_name: Option<String>,
    tool_call_id: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct Called {
    id: Option<String>,
    function: Function,
}

#[derive(Deserialize, JsonSchema)]
struct Function {
    name: String,
    arguments: Option<Value>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct OfferedTool {
    r#type: Option<String>,
    function: OfferedFunction,
}

#[derive(Deserialize, JsonSchema)]
struct OfferedFunction {
    name: String,
    description: Option<String>,
    parameters: Option<Value>,
}

/// Adds pictures to a turn that says nothing yet: they come before its text.
pub(super) fn show(
    message: &mut Message,
    images: Option<Vec<String>>,
    field: &str,
) -> Result<(), Rejected> {
    for (at, letters) in images.into_iter().flatten().enumerate() {
        media::add(message, Sense::Sight, &letters, &format!("{field}[{at}]"))?;
    }
    Ok(())
}

/// Returns the conversation.
pub(super) fn messages(said: Vec<Said>) -> Result<Vec<Message>, Rejected> {
    let mut all: Vec<Message> = Vec::with_capacity(said.len());
    for (at, said) in said.into_iter().enumerate() {
        let role = role(&said.role, at)?;
        let calls = said.tool_calls.into_iter().flatten().enumerate();
        let calls =
            calls.map(|(which, called)| called.call(at, which)).collect::<Result<_, _>>()?;
        let mut message = Message {
            thinking: said.thinking.filter(|thinking| !thinking.is_empty()),
            calls,
            answers: said.tool_call_id,
            name: said.tool_name,
            ..Message::new(role, "")
        };
        show(&mut message, said.images, &format!("messages[{at}].images"))?;
        message.content = said.content.unwrap_or_default();
        all.push(message);
    }
    Ok(all)
}

fn role(role: &str, at: usize) -> Result<Role, Rejected> {
    Ok(match role {
        "system" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" => Role::Tool,
        other => {
            let (field, other) = (format!("messages[{at}].role"), short(other));
            let message = format!("`{field}` is {other:?}; write system, user, assistant or tool");
            return Err(Rejected::field(&field, message));
        }
    })
}

impl Called {
    fn call(self, at: usize, which: usize) -> Result<Call, Rejected> {
        let arguments = match self.function.arguments {
            None | Some(Value::Null) => "{}".to_owned(),
            Some(object @ Value::Object(_)) => object.to_string(),
            // As OpenAI's clients write them.
            Some(Value::String(text)) => text,
            Some(_) => {
                let field = format!("messages[{at}].tool_calls[{which}].function.arguments");
                return Err(Rejected::field(&field, format!("`{field}` must be an object")));
            }
        };
        Ok(Call { id: self.id.unwrap_or_default(), name: self.function.name, arguments })
    }
}

/// Returns the tools a request offers; whether one is called is the model's choice.
pub(super) fn tools(offered: Option<Vec<OfferedTool>>) -> Result<Tools, Rejected> {
    let offered = offered.unwrap_or_default();
    tools::check_count(offered.len())?;
    let one = |(at, OfferedTool { r#type, function }): (usize, OfferedTool)| {
        if let Some(kind) = r#type.filter(|kind| kind != "function" && !kind.is_empty()) {
            let field = format!("tools[{at}].type");
            let message = format!("`{field}` is {:?}; write function", short(&kind));
            return Err(Rejected::field(&field, message));
        }
        let OfferedFunction { name, description, parameters } = function;
        let offer = Offer { name, description, schema: parameters, strict: None };
        tools::tool(offer, &format!("tools[{at}].function"), "parameters")
    };
    let offered = offered.into_iter().enumerate().map(one).collect::<Result<_, _>>()?;
    tools::arranged(offered, Choice::Auto, Several::Allowed, &mut Others::default())
}
