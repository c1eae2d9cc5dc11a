//! Tools a request offers, checked in the same way whatever the dialect.
//!
//! Whether a model can honour them is the engine's matter.

use oratory_contract::{Extras, Several, Tool, ToolChoice, Tools};
use serde_json::{Map, Value};

use crate::failures::short;
use crate::rejected::Rejected;
use crate::unread;

/// Tools in one request; their descriptions are read by the model each time.
const MOST: usize = 512;

/// A tool as a request offers it.
pub(crate) struct Offer {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) schema: Option<Value>,
    pub(crate) strict: Option<bool>,
}

/// Whether a request wants tools to be called.
#[derive(Debug, PartialEq)]
pub(crate) enum Choice {
    Auto,
    None,
    Required,
    Named(String),
    /// Only these may be called; and whether one must be.
    Among(Vec<String>, Must),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Must {
    Yes,
    No,
}

/// Refuses more tools than a model can be told of.
pub(crate) fn check_count(count: usize) -> Result<(), Rejected> {
    if count > MOST {
        let message = format!("`tools` has {count} tools; offer at most {MOST}");
        return Err(Rejected::field("tools", message));
    }
    Ok(())
}

/// Returns a tool that stands at `field`, its schema in `schema` there.
pub(crate) fn tool(offer: Offer, field: &str, schema: &str) -> Result<Tool, Rejected> {
    let good = |name: &str| {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/');
        !name.is_empty() && name.len() <= 256 && name.chars().all(plain)
    };
    if !good(&offer.name) {
        let (field, name) = (format!("{field}.name"), short(&offer.name));
        let message = format!("`{field}` is {name:?}; use letters, digits, - and _");
        return Err(Rejected::field(&field, message));
    }
    let parameters = match offer.schema {
        None | Some(Value::Null) => r#"{"type":"object","properties":{}}"#.to_owned(),
        Some(schema @ Value::Object(_)) => schema.to_string(),
        Some(_) => {
            let field = format!("{field}.{schema}");
            let message = format!("`{field}` must be an object: a JSON schema");
            return Err(Rejected::field(&field, message));
        }
    };
    let strict = offer.strict.unwrap_or(false);
    Ok(Tool { name: offer.name, description: offer.description, parameters, strict })
}

/// Tools of types that nobody here knows, but places of the same dialect may.
#[derive(Default)]
pub(crate) struct Others {
    names: Vec<String>,
    pub(crate) extras: Extras,
}

impl Others {
    /// Adds the tool with this number.
    pub(crate) fn add(&mut self, at: usize, kind: &str, tool: &Value) {
        let name = tool["name"].as_str().or(tool["function"]["name"].as_str());
        self.names.extend(name.map(str::to_owned));
        self.extras.misses(numbered(at, kind));
        self.extras.tools.push(tool.to_string());
    }

    /// Adds one without which the request makes no sense.
    pub(crate) fn add_needed(&mut self, at: usize, kind: &str, tool: &Value) {
        self.add(at, kind, tool);
        self.extras.needs_all(CALLED);
    }

    /// Says that one of them must be called, in words that nobody here reads.
    pub(crate) fn must_be_called(&mut self, choice: &Value) {
        let fields = Map::from_iter([("tool_choice".to_owned(), choice.clone())]);
        unread::add_fields(&mut self.extras, fields);
        self.extras.needs("tool_choice", CALLED);
    }

    /// Adds one whose calls could not be told, wherever they are made.
    pub(crate) fn add_untold(&mut self, at: usize, kind: &str) {
        self.extras.lost.push(numbered(at, kind));
    }
}

const CALLED: &str = "the model could call a tool that only its makers have";

fn numbered(at: usize, kind: &str) -> String {
    format!("tools[{at}] ({})", short(kind))
}

/// Returns the tools, and which of them must be called; one of the others may be, too.
pub(crate) fn arranged(
    mut offered: Vec<Tool>,
    choice: Choice,
    several: Several,
    others: &mut Others,
) -> Result<Tools, Rejected> {
    let asks_for_one = !matches!(choice, Choice::Auto | Choice::None);
    if asks_for_one && offered.is_empty() && others.extras.tools.is_empty() {
        let message = "`tool_choice` asks for a tool, and `tools` offers none";
        return Err(Rejected::field("tool_choice", message));
    }
    let named: &[String] = match &choice {
        Choice::Named(name) => std::slice::from_ref(name),
        Choice::Among(names, _) => names,
        _ => &[],
    };
    let other = |name: &String| offered.iter().all(|tool| tool.name != *name);
    let unknown = |name: &&String| other(name) && !others.names.contains(name);
    if let Some(name) = named.iter().find(unknown) {
        let message =
            format!("`tool_choice` names {:?}, which `tools` does not offer", short(name));
        return Err(Rejected::field("tool_choice", message));
    }
    if asks_for_one && (offered.is_empty() || named.iter().any(other)) {
        others.extras.needs_all(CALLED);
    }
    let choice = match choice {
        Choice::Auto => ToolChoice::Auto,
        Choice::None => ToolChoice::None,
        Choice::Required => ToolChoice::Required,
        Choice::Named(name) => ToolChoice::Named(name),
        Choice::Among(names, must) => {
            offered.retain(|tool| names.contains(&tool.name));
            match (must, offered.is_empty()) {
                (_, true) => ToolChoice::None,
                (Must::Yes, false) => ToolChoice::Required,
                (Must::No, false) => ToolChoice::Auto,
            }
        }
    };
    Ok(Tools { offered, choice, several })
}
