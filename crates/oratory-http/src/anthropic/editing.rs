//! `context_management`: what a client wants left out of a conversation that has grown long, and how
//! it is told what was.
//!
//! Clearing thoughts and results of tools is carried out by the engine. What would take a model to
//! sum up is left out by rule, and the answer's head says so.

use oratory_contract::{Given, LeftOut, Length, OldResults, Shortening};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failures::short;
use crate::rejected::Rejected;

const RESULTS: &str = "clear_tool_uses_20250919";
const THOUGHTS: &str = "clear_thinking_20251015";

/// Tokens beyond which results of tools go, and calls that keep theirs, where nothing is said.
const USUAL_LENGTH: u32 = 100_000;
const USUAL_CALLS: u32 = 3;

/// What a client wants left out.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Editing {
    edits: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct ToolUses {
    trigger: Option<Measure>,
    keep: Option<Measure>,
    clear_at_least: Option<Measure>,
    exclude_tools: Option<Vec<String>>,
    clear_tool_inputs: Option<Inputs>,
}

#[derive(Deserialize)]
struct Thoughts {
    keep: Option<Keep>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Measure {
    InputTokens { value: u32 },
    ToolUses { value: u32 },
    ThinkingTurns { value: u32 },
    All,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Inputs {
    Whether(bool),
    Of(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Keep {
    Word(String),
    Measure(Measure),
}

impl Editing {
    /// Returns what may be left out, and which wishes are not carried out.
    pub(super) fn shortening(self) -> Result<(Shortening, Vec<String>), Rejected> {
        let (mut shortening, mut left_out) = (Shortening::default(), Vec::new());
        for (at, edit) in self.edits.into_iter().flatten().enumerate() {
            let field = format!("context_management.edits[{at}]");
            match edit["type"].as_str() {
                Some(RESULTS) => shortening.results = Some(results(edit, &field)?),
                Some(THOUGHTS) => shortening.thoughts = thoughts(edit, &field)?,
                Some(kind) => left_out.push(format!("{field} ({})", short(kind))),
                None => {
                    let field = format!("{field}.type");
                    return Err(Rejected::field(&field, format!("`{field}` is missing")));
                }
            }
        }
        Ok((shortening, left_out))
    }
}

fn results(edit: Value, field: &str) -> Result<OldResults, Rejected> {
    let edit: ToolUses = serde_json::from_value(edit).map_err(|error| unread(field, &error))?;
    let wrong = |name: &str, words: &str| {
        let field = format!("{field}.{name}.type");
        Err(Rejected::field(&field, format!("`{field}` must be {words}")))
    };
    let beyond = match edit.trigger {
        None => Length::Tokens(USUAL_LENGTH),
        Some(Measure::InputTokens { value }) => Length::Tokens(value),
        Some(Measure::ToolUses { value }) => Length::Calls(value),
        Some(_) => return wrong("trigger", "input_tokens or tool_uses"),
    };
    let keep = match edit.keep {
        None => USUAL_CALLS,
        Some(Measure::ToolUses { value }) => value,
        Some(_) => return wrong("keep", "tool_uses"),
    };
    let at_least = match edit.clear_at_least {
        None => 0,
        Some(Measure::InputTokens { value }) => value,
        Some(_) => return wrong("clear_at_least", "input_tokens"),
    };
    let given = match edit.clear_tool_inputs {
        None | Some(Inputs::Whether(false)) => Given::Kept,
        Some(Inputs::Whether(true)) => Given::LeftOut,
        Some(Inputs::Of(tools)) => Given::LeftOutOf(tools),
    };
    let except = edit.exclude_tools.unwrap_or_default();
    Ok(OldResults { beyond, keep, at_least, except, given })
}

/// Returns how many turns keep their thoughts; `None` is all of them.
fn thoughts(edit: Value, field: &str) -> Result<Option<u32>, Rejected> {
    let edit: Thoughts = serde_json::from_value(edit).map_err(|error| unread(field, &error))?;
    match edit.keep {
        // As it is there where nothing is said.
        None => Ok(Some(1)),
        Some(Keep::Measure(Measure::ThinkingTurns { value })) => Ok(Some(value)),
        Some(Keep::Measure(Measure::All)) => Ok(None),
        Some(Keep::Word(word)) if word == "all" => Ok(None),
        Some(_) => {
            let field = format!("{field}.keep");
            let message = format!("`{field}` must be all, or an object of type thinking_turns");
            Err(Rejected::field(&field, message))
        }
    }
}

fn unread(field: &str, error: &serde_json::Error) -> Rejected {
    let message = format!("`{field}` cannot be read: {}", short(&error.to_string()));
    Rejected::field(field, message)
}

/// Returns what was left out, in Anthropic's words.
pub(super) fn told(left_out: LeftOut) -> Value {
    let mut applied = Vec::new();
    let (thoughts, results) = (left_out.thoughts, left_out.results);
    if thoughts.count > 0 {
        applied.push(json!({
            "type": THOUGHTS,
            "cleared_thinking_turns": thoughts.count,
            "cleared_input_tokens": thoughts.tokens,
        }));
    }
    if results.count > 0 {
        applied.push(json!({
            "type": RESULTS,
            "cleared_tool_uses": results.count,
            "cleared_input_tokens": results.tokens,
        }));
    }
    json!({ "applied_edits": applied })
}

#[cfg(test)]
mod tests {
    use oratory_contract::{Given, Length, OldResults, Shortening};
    use serde_json::json;

    use super::Editing;

    fn read(edits: &serde_json::Value) -> Result<(Shortening, Vec<String>), String> {
        let editing: Editing = serde_json::from_value(json!({ "edits": edits })).unwrap();
        editing.shortening().map_err(|rejected| rejected.param.unwrap())
    }

    #[test]
    fn what_is_wished_is_read_and_what_is_not_said_is_as_anthropic_has_it() {
        let usual = OldResults {
            beyond: Length::Tokens(100_000),
            keep: 3,
            at_least: 0,
            except: Vec::new(),
            given: Given::Kept,
        };
        let (read_as, left_out) = read(&json!([{ "type": "clear_thinking_20251015" },
            { "type": "clear_tool_uses_20250919" }, { "type": "compact_20260112" }]))
        .unwrap();
        assert_eq!(left_out, ["context_management.edits[2] (compact_20260112)"]);
        assert_eq!((read_as.thoughts, read_as.results), (Some(1), Some(usual)));
        let (read_as, _) = read(&json!([
            { "type": "clear_thinking_20251015", "keep": "all" },
            {
                "type": "clear_tool_uses_20250919",
                "trigger": { "type": "tool_uses", "value": 5 },
                "keep": { "type": "tool_uses", "value": 0 },
                "clear_at_least": { "type": "input_tokens", "value": 7 },
                "exclude_tools": ["a"], "clear_tool_inputs": true,
            },
        ]))
        .unwrap();
        let wished = OldResults {
            beyond: Length::Calls(5),
            keep: 0,
            at_least: 7,
            except: vec!["a".to_owned()],
            given: Given::LeftOut,
        };
        assert_eq!((read_as.thoughts, read_as.results), (None, Some(wished)));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_its_place() {
        for (edit, field) in [
            (json!({}), "context_management.edits[0].type"),
            (
                json!({ "type": "clear_thinking_20251015", "keep": "some" }),
                "context_management.edits[0].keep",
            ),
            (
                json!({ "type": "clear_tool_uses_20250919",
                    "keep": { "type": "input_tokens", "value": 1 } }),
                "context_management.edits[0].keep.type",
            ),
            (
                json!({ "type": "clear_tool_uses_20250919",
                    "trigger": { "type": "input_tokens", "value": -1 } }),
                "context_management.edits[0]",
            ),
        ] {
            assert_eq!(read(&json!([edit])).unwrap_err(), field, "{edit}");
        }
    }
}
