//! What a client wants of the answer: tools it may call, the form it must have.
//!
//! Checks that the wish makes sense by itself; whether a model can honour it is the engine's
//! matter.

use std::collections::BTreeMap;

use oratory_contract::{Effort, Extras, Form, Several, Tool, Tools};
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::failures::short;
use crate::rejected::Rejected;
use crate::tools::{self, Choice, Must, Offer, Others};
use crate::unread;

#[derive(Deserialize, JsonSchema)]
pub(super) struct OfferedTool {
    r#type: Option<String>,
    function: Option<OfferedFunction>,
    /// What tools of other types consist of.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize, Serialize, JsonSchema)]
struct OfferedFunction {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum WantedTool {
    Word(String),
    Named {
        function: NamedFunction,
    },
    Among {
        allowed_tools: Allowed,
    },
    #[schemars(skip)]
    Other(IgnoredAny),
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct NamedFunction {
    name: String,
}

/// The tools that may be called of those that are offered.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Allowed {
    mode: String,
    tools: Vec<AllowedTool>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct AllowedTool {
    function: NamedFunction,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct ResponseFormat {
    r#type: String,
    json_schema: Option<NamedSchema>,
    // Some servers take the schema here.
    schema: Option<Value>,
}

#[derive(Deserialize, JsonSchema)]
struct NamedSchema {
    schema: Option<Value>,
}

/// Forms that only servers of open models know.
#[derive(Default, Deserialize, JsonSchema)]
pub(super) struct Structured {
    json: Option<Value>,
    regex: Option<String>,
    grammar: Option<String>,
}

impl Structured {
    /// Adds the forms that stand in fields of their own.
    pub(super) fn or(
        &mut self,
        json: Option<Value>,
        regex: Option<String>,
        grammar: Option<String>,
    ) {
        self.json = self.json.take().or(json);
        self.regex = self.regex.take().or(regex);
        self.grammar = self.grammar.take().or(grammar);
    }
}

/// Returns the tools a request offers.
pub(super) fn tools(
    offered: Option<Vec<OfferedTool>>,
    choice: Option<WantedTool>,
    parallel: Option<bool>,
) -> Result<(Tools, Extras), Rejected> {
    let offered = offered.unwrap_or_default();
    tools::check_count(offered.len())?;
    let (mut known, mut others) = (Vec::new(), Others::default());
    for (at, tool) in offered.into_iter().enumerate() {
        match tool.r#type.clone().as_deref() {
            None | Some("function") => {
                unread::lose(&mut others.extras, "tools", &tool.rest);
                known.push(function(at, tool)?);
            }
            Some("custom") => return Err(untold(at)),
            Some(kind) => others.add_needed(at, kind, &tool.into_value()),
        }
    }
    let several = if parallel == Some(false) { Several::No } else { Several::Allowed };
    let choice = choice.map_or(Ok(Choice::Auto), wanted)?;
    let tools = tools::arranged(known, choice, several, &mut others)?;
    Ok((tools, others.extras))
}

fn function(at: usize, tool: OfferedTool) -> Result<Tool, Rejected> {
    let field = format!("tools[{at}].function");
    let Some(function) = tool.function else {
        return Err(Rejected::field(&field, format!("`{field}` is missing")));
    };
    let OfferedFunction { name, description, parameters, strict } = function;
    let offer = Offer { name, description, schema: parameters, strict };
    tools::tool(offer, &field, "parameters")
}

/// Returns the refusal of a tool whose calls have a form that is not read.
fn untold(at: usize) -> Rejected {
    let field = format!("tools[{at}].type");
    let message = format!("`{field}` is \"custom\"; write it as a function");
    Rejected::field(&field, message)
}

impl OfferedTool {
    fn into_value(self) -> Value {
        let mut tool = Map::new();
        tool.extend(self.r#type.map(|kind| ("type".to_owned(), kind.into())));
        let function = self.function.and_then(|function| serde_json::to_value(function).ok());
        tool.extend(function.map(|function| ("function".to_owned(), function)));
        tool.extend(self.rest);
        Value::Object(tool)
    }
}

fn wanted(choice: WantedTool) -> Result<Choice, Rejected> {
    match choice {
        WantedTool::Word(word) => word_of(&word),
        WantedTool::Named { function } => Ok(Choice::Named(function.name)),
        WantedTool::Among { allowed_tools: Allowed { mode, tools } } => {
            let must = match mode.as_str() {
                "auto" => Must::No,
                "required" => Must::Yes,
                other => {
                    let field = "tool_choice.allowed_tools.mode";
                    let message =
                        format!("`{field}` is {:?}; write auto or required", short(other));
                    return Err(Rejected::field(field, message));
                }
            };
            let names = tools.into_iter().map(|tool| tool.function.name).collect();
            Ok(Choice::Among(names, must))
        }
        WantedTool::Other(_) => {
            let message = "`tool_choice` is neither a word nor a function with a name";
            Err(Rejected::field("tool_choice", message))
        }
    }
}

/// Returns what one word means as a choice of tools.
pub(in crate::openai) fn word_of(word: &str) -> Result<Choice, Rejected> {
    Ok(match word {
        "auto" | "" => Choice::Auto,
        "none" => Choice::None,
        // "any" is what Mistral and others call it.
        "required" | "any" => Choice::Required,
        other => {
            let message = format!(
                "`tool_choice` is {:?}; write auto, none or required, or name a tool",
                short(other)
            );
            return Err(Rejected::field("tool_choice", message));
        }
    })
}

/// Returns the form an answer must have.
pub(super) fn form(
    format: Option<ResponseFormat>,
    structured: Structured,
) -> Result<Form, Rejected> {
    let given =
        [structured.json.is_some(), structured.regex.is_some(), structured.grammar.is_some()];
    let forms = given.iter().filter(|given| **given).count();
    let named = format.as_ref().is_some_and(|format| format.r#type != "text");
    if forms + usize::from(named) > 1 {
        let message = "the answer can have one form only; several are asked for";
        return Err(Rejected::field("response_format", message));
    }
    match structured {
        Structured { json: Some(Value::String(schema)), .. } => return Ok(Form::Schema(schema)),
        Structured { json: Some(schema), .. } => return Ok(Form::Schema(schema.to_string())),
        Structured { regex: Some(regex), .. } => return Ok(Form::Regex(regex)),
        Structured { grammar: Some(grammar), .. } => return Ok(Form::Grammar(grammar)),
        Structured { .. } => {}
    }
    let Some(ResponseFormat { r#type, json_schema, schema }) = format else {
        return Ok(Form::Text);
    };
    let schema = json_schema.and_then(|named| named.schema).or(schema);
    match (r#type.as_str(), schema) {
        ("text", _) => Ok(Form::Text),
        ("json_object", None) => Ok(Form::Json),
        ("json_object" | "json_schema", Some(schema)) => Ok(Form::Schema(schema.to_string())),
        ("json_schema", None) => {
            let field = "response_format.json_schema.schema";
            Err(Rejected::field(field, format!("`{field}` is missing")))
        }
        (other, _) => {
            let message = format!(
                "`response_format.type` is {:?}; write text, json_object or json_schema",
                short(other)
            );
            Err(Rejected::field("response_format.type", message))
        }
    }
}

/// Returns how much a model should think.
pub(in crate::openai) fn effort(word: Option<&str>) -> Result<Option<Effort>, Rejected> {
    Ok(Some(match word {
        None | Some("") => return Ok(None),
        Some("none" | "off") => Effort::Off,
        Some("minimal" | "low") => Effort::Low,
        Some("medium") => Effort::Medium,
        Some("high" | "xhigh" | "max") => Effort::High,
        Some(other) => {
            let message = format!(
                "`reasoning_effort` is {:?}; write none, minimal, low, medium or high",
                short(other)
            );
            return Err(Rejected::field("reasoning_effort", message));
        }
    }))
}

/// Returns how much likelier single tokens are made.
pub(in crate::openai) fn bias(
    bias: Option<BTreeMap<String, f32>>,
) -> Result<Vec<(u32, f32)>, Rejected> {
    let one = |(token, by): (String, f32)| match token.trim().parse() {
        Ok(token) if (-100.0..=100.0).contains(&by) => Ok((token, by)),
        Ok(_) => {
            let message = format!(
                "`logit_bias` of {} is {by}; it must lie between -100 and 100",
                short(&token)
            );
            Err(Rejected::field("logit_bias", message))
        }
        Err(_) => {
            let message =
                format!("`logit_bias` names {:?}; write the number of a token", short(&token));
            Err(Rejected::field("logit_bias", message))
        }
    };
    bias.into_iter().flatten().map(one).collect()
}
