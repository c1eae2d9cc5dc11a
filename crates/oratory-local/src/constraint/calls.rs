//! Writes the grammar of tool calls in each family's own format.
//!
//! Names come from the tools on offer, arguments follow their schemas.

use oratory_contract::{Several, Tool, ToolChoice, Tools};
use serde_json::{Value, json};

use super::environment::quoted;
use super::words::{Strictness, schema};
use super::{Environment, Problem, limits, parameters};
use crate::speech::{DEEPSEEK_ITEM, KIMI_ITEM, Shape, Style};

/// The grammar of one or more calls.
#[derive(Debug)]
pub(super) struct Calls {
    /// Calls with all their marks.
    pub(super) whole: String,
    /// The same without the mark at the very beginning.
    pub(super) behind: String,
    /// The rules both use.
    pub(super) rules: String,
}

/// Whether the schemas of tools that are not strict are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// As far as they can be.
    Schemas,
    /// Not at all: one of them cannot be.
    StrictOnly,
}

/// How the calls of a family are put together.
struct Layout {
    /// Directly behind the opening mark.
    opened: &'static str,
    /// Before and behind each call, marks included.
    before: String,
    after: String,
    /// Between calls.
    between: String,
    /// Behind the last, marks included.
    closed: String,
    /// Whether each call has the opening mark itself.
    repeats: bool,
}

/// Returns the grammar of calls.
pub(super) fn of(
    environment: &Environment,
    tools: &Tools,
    style: &Style,
    trust: Trust,
) -> Result<Calls, Problem> {
    let mut rules = vec!["number: /[0-9]{1,3}/".to_owned(), parameters::shared(environment, style)];
    let mut names = Vec::new();
    for (at, tool) in wanted(tools)?.into_iter().enumerate() {
        let parameters = parameters_of(tool, trust)?;
        let strictness = match tool.strict {
            true => Strictness::Exact,
            false => Strictness::Lenient,
        };
        rules.push(format!("arguments_{at}: {}", schema(parameters.clone(), strictness)));
        let body = body(environment, style, tool, at, &parameters, &mut rules);
        rules.push(format!("call_{at}: {body}"));
        names.push(format!("call_{at}"));
    }
    let layout = layout(style);
    let say = |text: &str| environment.literal(text);
    rules.push(format!(
        "call: {} ({}) {}",
        say(&layout.before),
        names.join(" | "),
        say(&layout.after)
    ));
    let begin = match style.shape {
        // That family writes the mark or leaves it out.
        Shape::Bare if environment.is_control(style.begins[0]) => {
            format!("({})?", say(style.begins[0]))
        }
        Shape::Bare => String::new(),
        _ => say(style.begins[0]),
    };
    let opened = quoted(layout.opened).map(|text| format!("{text}?")).unwrap_or_default();
    let repeated = match layout.repeats {
        true => format!("call ({} {begin} {opened} call)*", say(&layout.between)),
        false => format!("call ({} call)*", say(&layout.between)),
    };
    let calls = match tools.several {
        Several::Allowed if style.shape != Shape::Harmony => repeated,
        _ => "call".to_owned(),
    };
    let bracket = match style.shape {
        Shape::List(..) | Shape::Python => "\"[\"",
        _ => "",
    };
    let behind = format!("{opened} {bracket} {calls} {}", say(&layout.closed));
    Ok(Calls { whole: format!("{begin} {behind}"), behind, rules: rules.join("\n") })
}

fn wanted(tools: &Tools) -> Result<Vec<&Tool>, Problem> {
    let ToolChoice::Named(name) = &tools.choice else { return Ok(tools.offered.iter().collect()) };
    let tool = tools.offered.iter().find(|tool| tool.name == *name);
    tool.map(|tool| vec![tool]).ok_or_else(|| Problem::NoSuchTool(name.clone()))
}

fn parameters_of(tool: &Tool, trust: Trust) -> Result<Value, Problem> {
    let any = json!({ "type": "object" });
    if !tool.strict && trust == Trust::StrictOnly {
        return Ok(any);
    }
    let what = format!("the schema of tool {:?}", tool.name);
    let parsed = match tool.parameters.trim() {
        "" | "null" => Ok(any.clone()),
        text => limits::schema(text, &what),
    };
    match parsed {
        Ok(Value::Object(mut members)) => {
            // Arguments are an object whether or not the schema says so.
            members.entry("type").or_insert_with(|| Value::from("object"));
            Ok(Value::Object(members))
        }
        Ok(_) => Ok(any),
        Err(problem) if tool.strict => Err(problem),
        Err(_) => Ok(any),
    }
}

/// Returns the grammar of one call, without the marks all calls share.
fn body(
    environment: &Environment,
    style: &Style,
    tool: &Tool,
    at: usize,
    parameters: &Value,
    rules: &mut Vec<String>,
) -> String {
    let say = |text: &str| environment.literal(text);
    let name = &tool.name;
    let json_name = Value::from(name.as_str());
    let arguments = format!("arguments_{at}");
    let object = |named: &str, given: &str| {
        let head = format!("{{\"{named}\": {json_name}, \"{given}\": ");
        format!("{} {arguments} \"}}\"", quoted(&head).unwrap_or_default())
    };
    match style.shape {
        Shape::Object => object("name", "arguments"),
        Shape::Bare => object("name", "parameters"),
        Shape::List(named, given) => object(named, given),
        Shape::Named => format!("{} {arguments}", say(&format!("{name}[ARGS]"))),
        Shape::Fenced => {
            let head = say(&format!("function{}{name}\n```json\n", DEEPSEEK_ITEM[1]));
            format!("{head} {arguments} \"\\n```\"")
        }
        Shape::Separated => format!("{} {arguments}", say(&format!("{name}{}", DEEPSEEK_ITEM[1]))),
        Shape::Numbered => {
            let head = say(&format!("functions.{name}:"));
            format!("{head} number {} {arguments}", say(KIMI_ITEM[1]))
        }
        Shape::Harmony => {
            let head = say(&format!("{name} <|constrain|>json<|message|>"));
            format!("{head} {arguments}")
        }
        Shape::Python => {
            format!("{} /[^\\n]*/ \")\"", say(&format!("{name}(")))
        }
        Shape::Notation(_) => format!("{} noted_object", say(&format!("call:{name}"))),
        Shape::Functions | Shape::Keys | Shape::Invokes | Shape::Prefixed => {
            parameters::tagged(environment, style.shape, tool, at, parameters, rules)
        }
    }
}

fn layout(style: &Style) -> Layout {
    let end = style.ends.first().copied().unwrap_or_default().to_owned();
    let plain = Layout {
        opened: "",
        before: String::new(),
        after: String::new(),
        between: String::new(),
        closed: String::new(),
        repeats: true,
    };
    match style.shape {
        Shape::Object => {
            Layout { opened: "\n", after: format!("\n{end}"), between: "\n".into(), ..plain }
        }
        Shape::Bare => Layout { between: "; ".into(), repeats: false, ..plain },
        Shape::List(..) => Layout {
            opened: if style.begins[0] == "[TOOL_CALLS]" { " " } else { "" },
            between: ", ".into(),
            closed: format!("]{end}"),
            repeats: false,
            ..plain
        },
        Shape::Named => plain,
        Shape::Fenced | Shape::Separated => Layout {
            before: DEEPSEEK_ITEM[0].into(),
            after: DEEPSEEK_ITEM[2].into(),
            between: if style.shape == Shape::Fenced { "\n".into() } else { String::new() },
            closed: end,
            repeats: false,
            ..plain
        },
        Shape::Numbered => Layout {
            before: KIMI_ITEM[0].into(),
            after: KIMI_ITEM[2].into(),
            closed: end,
            repeats: false,
            ..plain
        },
        Shape::Functions => {
            Layout { opened: "\n", after: format!("\n{end}"), between: "\n".into(), ..plain }
        }
        Shape::Keys => Layout { after: end, between: "\n".into(), ..plain },
        Shape::Invokes | Shape::Prefixed => Layout {
            opened: "\n",
            between: "\n".into(),
            closed: format!("\n{end}"),
            repeats: false,
            ..plain
        },
        Shape::Notation(_) => Layout { after: end, ..plain },
        Shape::Python => {
            Layout { between: ", ".into(), closed: format!("]{end}"), repeats: false, ..plain }
        }
        Shape::Harmony => plain,
    }
}
