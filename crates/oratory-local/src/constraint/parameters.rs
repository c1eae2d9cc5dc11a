//! Writes the grammar of arguments that are not JSON: tagged parameters, and Gemma's notation.
//!
//! A parameter of text runs up to its closing tag; any other is JSON by its own schema.

use oratory_contract::Tool;
use serde_json::{Map, Value};

use super::Environment;
use super::environment::quoted;
use super::words::{Strictness, schema};
use crate::speech::{Shape, Style};

/// How a call's parameters are tagged.
struct Tags {
    /// Before and behind the tool's name.
    call: [&'static str; 2],
    /// Before and behind a parameter's name.
    key: [&'static str; 2],
    /// Between a value that is not text and the closing tag.
    gap: &'static str,
    /// Behind the value. Text ends where this first comes, as it is read back.
    shut: &'static str,
    /// Behind the last parameter.
    close: &'static str,
}

fn tags(shape: Shape) -> Tags {
    match shape {
        Shape::Keys => Tags {
            call: ["", "\n"],
            key: ["<arg_key>", "</arg_key>\n<arg_value>"],
            gap: "",
            shut: "</arg_value>",
            close: "",
        },
        Shape::Invokes => Tags {
            call: ["<invoke name=\"", "\">\n"],
            key: ["<parameter name=\"", "\">"],
            gap: "",
            shut: "</parameter>",
            close: "</invoke>",
        },
        Shape::Prefixed => Tags {
            call: ["<｜DSML｜invoke name=\"", "\">\n"],
            key: ["<｜DSML｜parameter name=\"", "\""],
            gap: "",
            shut: "</｜DSML｜parameter>",
            close: "</｜DSML｜invoke>",
        },
        _ => Tags {
            call: ["<function=", ">\n"],
            key: ["<parameter=", ">\n"],
            gap: "\n",
            shut: "</parameter>",
            close: "</function>",
        },
    }
}

/// Returns the grammar of one tagged call, and adds the rules it uses.
pub(super) fn tagged(
    environment: &Environment,
    shape: Shape,
    tool: &Tool,
    at: usize,
    parameters: &Value,
    rules: &mut Vec<String>,
) -> String {
    let tags = tags(shape);
    let say = |text: &str| environment.literal(text);
    let mut parts = vec![say(&format!("{}{}{}", tags.call[0], tool.name, tags.call[1]))];
    let none = Map::new();
    let declared = parameters.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let required = parameters.get("required").and_then(Value::as_array);
    let is_required = |key: &str| required.is_some_and(|keys| keys.iter().any(|one| one == key));
    for (number, (key, value)) in declared.iter().enumerate() {
        let text = is_text(value);
        let told = match (shape, text) {
            (Shape::Prefixed, true) => " string=\"true\">",
            (Shape::Prefixed, false) => " string=\"false\">",
            _ => "",
        };
        let head = say(&format!("{}{key}{}{told}", tags.key[0], tags.key[1]));
        let rule = format!("value_{at}_{number}");
        let shut = say(&format!("{}{}", tags.gap, tags.shut));
        rules.push(match (text, value.get("enum")) {
            (true, Some(Value::Array(words))) => {
                let words = words.iter().filter_map(Value::as_str).filter_map(quoted);
                let words: Vec<String> = words.collect();
                format!("{rule}: ({}) {shut}", words.join(" | "))
            }
            (true, _) => text_until(environment, &rule, tags.shut),
            (false, _) => {
                let strictness = match tool.strict {
                    true => Strictness::Exact,
                    false => Strictness::Lenient,
                };
                let json = schema(whole(value, parameters), strictness);
                format!("{rule}_json: {json}\n{rule}: {rule}_json {shut}")
            }
        });
        let optional = if is_required(key) { "" } else { "?" };
        parts.push(format!("({head} {rule} \"\\n\"){optional}"));
    }
    parts.push(say(tags.close));
    parts.join(" ")
}

/// Returns the rule of text that ends with `shut`.
fn text_until(environment: &Environment, rule: &str, shut: &str) -> String {
    if environment.is_control(shut) {
        return format!("{rule}: /(?s:.*)/ {}", environment.literal(shut));
    }
    format!("{rule}[suffix={}]: /(?s:.*)/", quoted(shut).unwrap_or_default())
}

fn is_text(schema: &Value) -> bool {
    let words = |values: &Vec<Value>| values.iter().all(Value::is_string);
    match (schema.get("type"), schema.get("enum")) {
        (Some(kind), _) => kind == "string",
        (None, Some(Value::Array(values))) => words(values),
        _ => false,
    }
}

/// Returns a parameter's schema with the definitions it may refer to.
fn whole(value: &Value, parameters: &Value) -> Value {
    let mut value = value.clone();
    let Some(members) = value.as_object_mut() else { return value };
    for key in ["$defs", "definitions"] {
        if let Some(definitions) = parameters.get(key) {
            members.entry(key).or_insert_with(|| definitions.clone());
        }
    }
    value
}

/// Returns the rules all calls of a family share.
pub(super) fn shared(environment: &Environment, style: &Style) -> String {
    let Shape::Notation(quote) = style.shape else { return String::new() };
    let text = match environment.is_control(quote) {
        true => format!("noted_text: {0} /(?s:.*)/ {0}", environment.literal(quote)),
        false => format!(
            "noted_text: {0} noted_rest\nnoted_rest[suffix={0}]: /(?s:.*)/",
            quoted(quote).unwrap_or_default()
        ),
    };
    format!(
        "{text}\n\
         noted_object: \"{{\" (noted_pair (\",\" noted_pair)*)? \"}}\"\n\
         noted_pair: /[A-Za-z_][A-Za-z0-9_-]*/ \":\" noted\n\
         noted_list: \"[\" (noted (\",\" noted)*)? \"]\"\n\
         noted: noted_text | noted_object | noted_list | /-?[0-9]+(\\.[0-9]+)?/ | \"true\" | \"false\" | \"null\""
    )
}
