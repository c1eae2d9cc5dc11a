//! The settings as a page for people and a schema for editors, both made from the table.
//!
//! A test fails when the committed ones differ.

use serde_json::{Map, Value, json};

use super::{Kind, SETTINGS, Setting};

/// Returns the reference page in Markdown.
pub(crate) fn page() -> String {
    let mut page = String::from(
        "# Settings\n\n\
         Made by `oratory config reference`; do not edit by hand.\n\n\
         None is needed. Later wins: default, settings file, environment, flag. \
         `oratory config` shows what holds now and where it comes from.\n\n\
         The file is `config.toml` in `ORATORY_HOME` if that is set, else in \
         `~/.config/oratory`; `--config` or `ORATORY_CONFIG` names another.\n",
    );
    let mut section = "";
    for setting in SETTINGS {
        let (now, _) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        if now != section {
            section = now;
            page.push_str(&format!("\n## [{}]\n", section.replace('*', "NAME")));
        }
        page.push_str(&entry(setting));
    }
    page
}

fn entry(setting: &Setting) -> String {
    let name = setting.key.rsplit('.').next().unwrap_or(setting.key);
    let default = match setting.default {
        "" => "nothing",
        default => default,
    };
    let mut entry = format!("\n### `{name}`\n\n{}\n\n", setting.about);
    entry.push_str(&format!("- must be {}\n", setting.kind.describe()));
    entry.push_str(&format!(
        "- default: `{default}`; for example: `{name} = {}`\n",
        setting.example
    ));
    if let Some(variable) = setting.environment() {
        entry.push_str(&format!("- environment: `{variable}`\n"));
    }
    if !setting.flag.is_empty() {
        entry.push_str(&format!("- flag: `--{}`\n", setting.flag));
    }
    entry
}

/// Returns the JSON schema of the settings file.
pub(crate) fn schema() -> Value {
    let mut root = section();
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("Oratory settings");
    for setting in SETTINGS {
        let mut at = &mut root;
        let mut parts = setting.key.split('.').peekable();
        while let Some(part) = parts.next() {
            let below = match part {
                "*" => &mut at["additionalProperties"],
                part => {
                    let fields = at["properties"].as_object_mut().expect("sections are objects");
                    fields.entry(part).or_insert(Value::Null)
                }
            };
            match parts.peek() {
                None => *below = leaf(setting),
                Some(_) if !below.is_object() => *below = section(),
                Some(_) => {}
            }
            at = below;
        }
    }
    root
}

fn section() -> Value {
    json!({ "type": "object", "properties": Map::new(), "additionalProperties": false })
}

fn leaf(setting: &Setting) -> Value {
    let mut leaf = match setting.kind {
        Kind::Text | Kind::Secret | Kind::Path | Kind::Address => json!({ "type": "string" }),
        Kind::Whole { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Switch => json!({ "enum": ["on", "off", true, false] }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Share => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        Kind::Names => json!({ "type": "array", "items": { "type": "string" } }),
    };
    leaf["description"] = json!(setting.about);
    if let Ok(default) = serde_json::from_str::<Value>(setting.default) {
        leaf["default"] = default;
    }
    leaf
}
