//! Puts what was asked for into a grammar's words.
//!
//! Text only; `Environment` compiles it.

use llguidance::regex_to_lark;
use oratory_contract::{Form, ToolChoice};
use serde_json::{Value, json};

use super::calls::{self, Calls, Trust};
use super::{Environment, Problem, Wish, limits};
use crate::speech::{Shape, Style};

/// The grammars of an answer.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// What counts from the start.
    pub(super) start: Option<String>,
    /// What counts once thinking has ended.
    pub(super) after_thinking: Option<String>,
    /// What counts behind a call's mark, if calls may come in free text.
    pub(super) calls: Option<String>,
}

/// Returns the grammars of an answer; `None` if nothing is asked.
pub(super) fn of(
    environment: &Environment,
    wish: &Wish<'_>,
    trust: Trust,
) -> Result<Option<Words>, Problem> {
    let form = form(wish.form)?;
    let calls = match wish.tools.may_be_called() {
        true => Some(calls::of(environment, wish.tools, wish.style, trust)?),
        false => None,
    };
    let must = matches!(wish.tools.choice, ToolChoice::Required | ToolChoice::Named(_));
    let words = match (form, calls) {
        (None, None) => return Ok(None),
        (None, Some(calls)) if !must => Words { calls: Some(behind(&calls)), ..Words::default() },
        (_, Some(calls)) if must => bound(environment, wish.style, None, Some(&calls)),
        (form, calls) => bound(environment, wish.style, form.as_deref(), calls.as_ref()),
    };
    Ok(Some(words))
}

/// Names what is followed, for errors.
pub(super) fn subject(wish: &Wish<'_>) -> String {
    let subject = match wish.form {
        Form::Text => "the tools",
        Form::Json => "JSON",
        Form::Schema(_) => "the JSON schema",
        Form::Regex(_) => "the regular expression",
        Form::Grammar(_) => "the grammar",
    };
    subject.to_owned()
}

fn behind(calls: &Calls) -> String {
    format!("{}\n{}", calls.behind, calls.rules)
}

fn bound(
    environment: &Environment,
    style: &Style,
    form: Option<&str>,
    calls: Option<&Calls>,
) -> Words {
    let harmony = style.shape == Shape::Harmony;
    let text = |thought: bool| {
        let header = |text: &str| match (harmony, thought) {
            (false, _) => String::new(),
            (true, false) => environment.literal(text),
            (true, true) => environment.literal(&format!("<|start|>assistant{text}")),
        };
        let form = form.map(|_| format!("{} form", header("<|channel|>final<|message|>")));
        let calls = calls.map(|calls| format!("{} {}", header(""), calls.whole));
        let ways: Vec<String> = form.into_iter().chain(calls).collect();
        ways.join(" | ")
    };
    let rules = [form, calls.map(|calls| calls.rules.as_str())];
    let rules: Vec<&str> = rules.into_iter().flatten().collect();
    let whole = |thought| Some(format!("start: {}\n{}", text(thought), rules.join("\n")));
    Words { start: whole(false), after_thinking: whole(true), calls: None }
}

/// Returns the rule of a form; `None` for text.
fn form(form: &Form) -> Result<Option<String>, Problem> {
    let rule = match form {
        Form::Text => return Ok(None),
        Form::Json => format!("form: {}", schema(json!({ "type": "object" }), Strictness::Exact)),
        Form::Schema(text) => {
            let parsed = limits::schema(text, "the JSON schema")?;
            format!("form: {}", schema(parsed, Strictness::Exact))
        }
        Form::Regex(text) => {
            limits::grammar(text, "the regular expression")?;
            format!("form: /{}/", expression(text))
        }
        Form::Grammar(text) => {
            limits::grammar(text, "the grammar")?;
            format!("form: %lark {{\n{text}\n}}")
        }
    };
    Ok(Some(rule))
}

/// Returns a regular expression as a grammar writes it. It matches as a whole anyway, so anchors
/// around it go.
fn expression(text: &str) -> String {
    let text = text.strip_prefix('^').unwrap_or(text);
    let escaped = |text: &str| text.len() - text.trim_end_matches('\\').len();
    let text = match text.strip_suffix('$') {
        Some(inner) if escaped(inner) % 2 == 0 => inner,
        _ => text,
    };
    regex_to_lark(text, "").replace('\n', "\\n").replace('\r', "\\r")
}

/// What to do with what a schema asks for and cannot be enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    /// It is an error.
    Exact,
    /// It is passed over.
    Lenient,
}

/// Returns a schema as a grammar writes it.
pub(super) fn schema(mut schema: Value, strictness: Strictness) -> String {
    if schema == Value::Bool(true) {
        schema = json!({});
    }
    if let Some(members) = schema.as_object_mut() {
        // Space is layout: a few blanks, or one new line and how far it is indented. With more, some
        // models would write hardly anything else.
        // Which of several alternatives fits cannot be told while writing; any one may.
        let options = json!({
            "whitespace_pattern": r"([\x20\x09]{1,4}|\x0D?\x0A[\x20\x09]{0,32})",
            "coerce_one_of": true,
            "lenient": strictness == Strictness::Lenient,
        });
        members.insert("x-guidance".to_owned(), options);
    }
    format!("%json {schema}")
}
