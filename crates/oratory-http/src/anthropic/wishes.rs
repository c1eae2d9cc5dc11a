//! What a client wants of the message: tools, thinking, a form.
//!
//! Checks that the wish makes sense by itself; whether a model can honour it is the engine's
//! matter.

use oratory_contract::{Effort, Extras, Form, Several, Tools};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::failures::short;
use crate::rejected::Rejected;
use crate::tools::{self, Choice, Offer, Others};
use crate::unread;

#[derive(Deserialize, Serialize, JsonSchema)]
pub(super) struct OfferedTool {
    /// Absent or `custom` for a tool the client runs and describes.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_schema: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    /// What tools of Anthropic's own consist of.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct ToolChoice {
    r#type: String,
    name: Option<String>,
    disable_parallel_tool_use: Option<bool>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Thinking {
    r#type: String,
    budget_tokens: Option<u32>,
    display: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct OutputConfig {
    effort: Option<String>,
    format: Option<OutputFormat>,
}

#[derive(Clone, Deserialize, JsonSchema)]
pub(super) struct OutputFormat {
    r#type: String,
    schema: Option<Value>,
}

/// Whether thinking is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Yes,
    No,
}

/// Returns the tools a request offers, and those that only Anthropic has: its own servers would run
/// them, or only its models know their words.
pub(super) fn tools(
    offered: Option<Vec<OfferedTool>>,
    choice: Option<ToolChoice>,
) -> Result<(Tools, Extras), Rejected> {
    let offered = offered.unwrap_or_default();
    tools::check_count(offered.len())?;
    let (mut known, mut others) = (Vec::new(), Others::default());
    for (at, tool) in offered.into_iter().enumerate() {
        match tool.r#type.as_deref() {
            None | Some("custom") => {
                unread::lose(&mut others.extras, "tools", &tool.rest);
                let OfferedTool { name, description, input_schema, strict, .. } = tool;
                let field = format!("tools[{at}]");
                let name = name.ok_or_else(|| missing(&format!("{field}.name")))?;
                if input_schema.is_none() {
                    return Err(missing(&format!("{field}.input_schema")));
                }
                let offer = Offer { name, description, schema: input_schema, strict };
                known.push(tools::tool(offer, &field, "input_schema")?);
            }
            Some(kind) => {
                let raw = serde_json::to_value(&tool).unwrap_or_default();
                others.add(at, kind, &raw);
            }
        }
    }
    let several = match &choice {
        Some(ToolChoice { disable_parallel_tool_use: Some(true), .. }) => Several::No,
        _ => Several::Allowed,
    };
    let choice = choice.map_or(Ok(Choice::Auto), wanted)?;
    let tools = tools::arranged(known, choice, several, &mut others)?;
    Ok((tools, others.extras))
}

fn wanted(choice: ToolChoice) -> Result<Choice, Rejected> {
    match choice.r#type.as_str() {
        "auto" => Ok(Choice::Auto),
        "any" => Ok(Choice::Required),
        "none" => Ok(Choice::None),
        "tool" => choice.name.map(Choice::Named).ok_or_else(|| missing("tool_choice.name")),
        other => {
            let field = "tool_choice.type";
            let message = format!("`{field}` is {:?}; write auto, any, tool or none", short(other));
            Err(Rejected::field(field, message))
        }
    }
}

/// Returns how much a model should think.
///
/// Nothing said means no thinking, as it does there. A budget is a wish for more or less of it;
/// no model here counts its thoughts.
pub(super) fn effort(
    thinking: Option<&Thinking>,
    config: Option<&OutputConfig>,
) -> Result<Option<Effort>, Rejected> {
    let said = config.and_then(|config| config.effort.as_deref());
    let said = match said {
        None => None,
        Some("low") => Some(Effort::Low),
        Some("medium") => Some(Effort::Medium),
        Some("high" | "xhigh" | "max") => Some(Effort::High),
        Some(other) => {
            let field = "output_config.effort";
            let message =
                format!("`{field}` is {:?}; write low, medium, high, xhigh or max", short(other));
            return Err(Rejected::field(field, message));
        }
    };
    let Some(thinking) = thinking else { return Ok(Some(Effort::Off)) };
    match (thinking.r#type.as_str(), thinking.budget_tokens) {
        ("disabled", _) => Ok(Some(Effort::Off)),
        ("adaptive", _) => Ok(said),
        ("enabled", None) => Err(missing("thinking.budget_tokens")),
        ("enabled", Some(budget)) => Ok(Some(said.unwrap_or(match budget {
            0..=4096 => Effort::Low,
            4097..=16_384 => Effort::Medium,
            _ => Effort::High,
        }))),
        (other, _) => {
            let field = "thinking.type";
            let message =
                format!("`{field}` is {:?}; write enabled, adaptive or disabled", short(other));
            Err(Rejected::field(field, message))
        }
    }
}

/// Returns whether thinking is shown.
pub(super) fn shown(thinking: Option<&Thinking>) -> Shown {
    match thinking.and_then(|thinking| thinking.display.as_deref()) {
        Some("omitted") => Shown::No,
        _ => Shown::Yes,
    }
}

/// Returns the form the message must have.
pub(super) fn form(
    format: Option<OutputFormat>,
    config: Option<&OutputConfig>,
) -> Result<Form, Rejected> {
    let inner = config.and_then(|config| config.format.clone());
    let (field, format) = match (inner, format) {
        (None, None) => return Ok(Form::Text),
        (Some(format), _) => ("output_config.format", format),
        (None, Some(format)) => ("output_format", format),
    };
    match (format.r#type.as_str(), format.schema) {
        ("json_schema", Some(schema)) => Ok(Form::Schema(schema.to_string())),
        ("json_schema", None) => Err(missing(&format!("{field}.schema"))),
        (other, _) => {
            let field = format!("{field}.type");
            let message = format!("`{field}` is {:?}; write json_schema", short(other));
            Err(Rejected::field(&field, message))
        }
    }
}

fn missing(field: &str) -> Rejected {
    Rejected::field(field, format!("`{field}` is missing"))
}
