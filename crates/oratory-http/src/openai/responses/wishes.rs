//! What a client wants of the response: tools, a form, thinking.
//!
//! Tools that are no functions would be run by OpenAI's own servers, or need words only its own
//! models know; others are not offered them, and the answer's head says which.

use oratory_contract::{Extras, Form, Several, Tools};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failures::short;
use crate::openai::question::word_of;
use crate::rejected::Rejected;
use crate::tools::{self, Choice, Must, Offer, Others};

#[derive(Deserialize, JsonSchema)]
pub(super) struct Text {
    format: Option<Format>,
    verbosity: Option<String>,
}

#[derive(Clone, Deserialize, JsonSchema)]
struct Format {
    r#type: String,
    name: Option<String>,
    schema: Option<Value>,
    strict: Option<bool>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Reasoning {
    pub(super) effort: Option<String>,
    summary: Option<String>,
}

impl Text {
    pub(super) fn verbosity(&self) -> Option<&str> {
        self.verbosity.as_deref()
    }
}

/// Tools that the client runs, and whose calls come in forms of their own, which nobody here reads.
const UNTOLD: [&str; 6] =
    ["apply_patch", "computer", "computer_use_preview", "custom", "local_shell", "shell"];

/// Returns the tools a request offers, and those that only some places know.
pub(super) fn tools(
    offered: Option<Vec<Value>>,
    choice: Option<Value>,
    parallel: Option<bool>,
) -> Result<(Tools, Extras), Rejected> {
    let offered = offered.unwrap_or_default();
    tools::check_count(offered.len())?;
    let (mut known, mut others) = (Vec::new(), Others::default());
    for (at, tool) in offered.iter().enumerate() {
        let field = format!("tools[{at}]");
        match tool["type"].as_str() {
            Some("function") => {
                known.push(tools::tool(offer(tool, &field)?, &field, "parameters")?);
            }
            Some(kind) if UNTOLD.contains(&kind) => others.add_untold(at, kind),
            Some(kind) => others.add(at, kind, tool),
            None => {
                let field = format!("{field}.type");
                return Err(Rejected::field(&field, format!("`{field}` is missing or no text")));
            }
        }
    }
    let several = if parallel == Some(false) { Several::No } else { Several::Allowed };
    let choice = match choice {
        None => Choice::Auto,
        Some(choice) if names_another(&choice, &offered) => {
            others.must_be_called(&choice);
            Choice::Auto
        }
        Some(choice) => wanted(&choice)?,
    };
    let tools = tools::arranged(known, choice, several, &mut others)?;
    Ok((tools, others.extras))
}

/// Whether a choice names a type of tools that is offered and that nobody here knows.
fn names_another(choice: &Value, offered: &[Value]) -> bool {
    let kind = choice["type"].as_str().filter(|kind| !UNTOLD.contains(kind));
    let other = kind.filter(|kind| !matches!(*kind, "function" | "allowed_tools"));
    other.is_some_and(|kind| offered.iter().any(|tool| tool["type"] == kind))
}

fn offer(tool: &Value, field: &str) -> Result<Offer, Rejected> {
    let text = |name: &str| match &tool[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => {
            let field = format!("{field}.{name}");
            Err(Rejected::field(&field, format!("`{field}` must be a text")))
        }
    };
    Ok(Offer {
        name: text("name")?.unwrap_or_default(),
        description: text("description")?,
        schema: Some(tool["parameters"].clone()),
        strict: tool["strict"].as_bool(),
    })
}

fn wanted(choice: &Value) -> Result<Choice, Rejected> {
    if let Some(word) = choice.as_str() {
        return word_of(word);
    }
    let name = |tool: &Value| tool["name"].as_str().map(str::to_owned);
    let wrong = || {
        let message = "`tool_choice` is neither a word nor a function with a name";
        Rejected::field("tool_choice", message)
    };
    match choice["type"].as_str() {
        _ if choice.is_null() => Ok(Choice::Auto),
        Some("function") => name(choice).map(Choice::Named).ok_or_else(wrong),
        Some("allowed_tools") => {
            let must = match choice["mode"].as_str() {
                Some("required") => Must::Yes,
                Some("auto") | None => Must::No,
                Some(_) => {
                    let field = "tool_choice.mode";
                    return Err(Rejected::field(
                        field,
                        format!("`{field}` must be auto or required"),
                    ));
                }
            };
            let tools = choice["tools"].as_array().ok_or_else(wrong)?;
            let functions = tools.iter().filter(|tool| tool["type"] == "function");
            let names = functions.map(name).collect::<Option<_>>().ok_or_else(wrong)?;
            Ok(Choice::Among(names, must))
        }
        _ => Err(wrong()),
    }
}

/// Returns the form the text must have.
pub(super) fn form(text: Option<Text>) -> Result<Form, Rejected> {
    let Some(format) = text.and_then(|text| text.format) else { return Ok(Form::Text) };
    match (format.r#type.as_str(), format.schema) {
        ("text", _) => Ok(Form::Text),
        ("json_object", _) => Ok(Form::Json),
        ("json_schema", Some(schema)) => Ok(Form::Schema(schema.to_string())),
        ("json_schema", None) => {
            let field = "text.format.schema";
            Err(Rejected::field(field, format!("`{field}` is missing")))
        }
        (other, _) => {
            let field = "text.format.type";
            let message =
                format!("`{field}` is {:?}; write text, json_object or json_schema", short(other));
            Err(Rejected::field(field, message))
        }
    }
}

/// Returns the wish for a form, as a response says it again.
pub(super) fn text(text: Option<&Text>) -> Value {
    let format = text.and_then(|text| text.format.as_ref());
    let mut format = match format {
        None => json!({ "type": "text" }),
        Some(Format { r#type, name, schema, strict }) => {
            json!({ "type": r#type, "name": name, "schema": schema, "strict": strict })
        }
    };
    if let Some(fields) = format.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    match text.and_then(|text| text.verbosity.as_ref()) {
        Some(verbosity) => json!({ "format": format, "verbosity": verbosity }),
        None => json!({ "format": format }),
    }
}

/// Returns the wish for thinking, as a response says it again.
pub(super) fn reasoning(reasoning: Option<&Reasoning>) -> Value {
    let effort = reasoning.and_then(|reasoning| reasoning.effort.as_ref());
    let summary = reasoning.and_then(|reasoning| reasoning.summary.as_ref());
    json!({ "effort": effort, "summary": summary })
}
