//! Compares whole prompts with what Jinja2 makes of the same templates.
//!
//! `tests/templates/render.py` keeps what Jinja2 makes; this looks at differences only.

use std::collections::BTreeMap;
use std::path::PathBuf;

use oratory_contract::{Call, Effort, Message, Role, Tool, Tools};
use serde::Deserialize;
use serde_json::Value;

use crate::speech::Style;
use crate::template::jinja::{Jinja, Values};
use crate::template::turns::Talk;
use crate::template::{Conversation, TemplateError};

#[derive(Deserialize)]
struct Case {
    name: String,
    messages: Vec<Said>,
    tools: Option<String>,
    effort: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    role: Role,
    #[serde(default)]
    content: String,
    thinking: Option<String>,
    #[serde(default)]
    calls: Vec<Call>,
    answers: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Offered {
    name: String,
    description: Option<String>,
    parameters: Value,
}

/// What Jinja2 made of a template.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Prompt(Vec<String>),
    Refused(String),
    Fails(bool),
}

/// Noon on the day the reference was made, so that it is that day nearly everywhere.
const NOON: i64 = 1_795_262_400;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/templates")
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&std::fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

fn tools(case: &Case) -> Tools {
    let wanted = case.tools.as_deref();
    let offered = read::<Vec<Offered>>("tools.json").into_iter();
    let offered = offered.filter(|tool| wanted == Some("all") || wanted == Some(&tool.name));
    let tool = |tool: Offered| Tool {
        name: tool.name,
        description: tool.description,
        parameters: tool.parameters.to_string(),
        strict: false,
    };
    Tools { offered: offered.map(tool).collect(), ..Tools::default() }
}

fn message(said: Said) -> Message {
    Message {
        thinking: said.thinking,
        calls: said.calls,
        answers: said.answers,
        name: said.name,
        ..Message::new(said.role, said.content)
    }
}

fn effort(word: &str) -> (Effort, &'static str) {
    match word {
        "none" => (Effort::Off, "low"),
        "low" => (Effort::Low, "low"),
        "medium" => (Effort::Medium, "medium"),
        _ => (Effort::High, "high"),
    }
}

fn outcome(source: &str, mut case: Case) -> Outcome {
    let tools = tools(&case);
    let messages: Vec<Message> = case.messages.drain(..).map(message).collect();
    let effort = case.effort.as_deref().map(effort);
    let asked = Conversation {
        messages: &messages,
        tools: &tools,
        effort: effort.map(|(effort, _)| effort),
        now: NOON,
    };
    let talk = Talk::of(&asked, &Style::generic(), &mut str::to_owned);
    let values = Values {
        talk: &talk,
        effort: effort.map(|(_, word)| word),
        thinks: effort.map(|(effort, _)| effort != Effort::Off),
        now: NOON,
    };
    let jinja = Jinja::new(source, "<s>".into(), "</s>".into());
    match jinja.and_then(|jinja| jinja.render(values)) {
        Ok(prompt) => Outcome::Prompt(prompt.split('\n').map(str::to_owned).collect()),
        Err(TemplateError::Refused(why)) => Outcome::Refused(why),
        Err(TemplateError::Broken(_)) => Outcome::Fails(true),
    }
}

#[test]
fn every_family_gets_the_prompt_jinja2_makes() {
    let mut compared = 0;
    let mut different = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_none_or(|extension| extension != "jinja") {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let mut expected: BTreeMap<String, Outcome> = read(&format!("expected/{name}.json"));
        for case in read::<Vec<Case>>("cases.json") {
            let title = case.name.clone();
            let made = outcome(&source, case);
            let wanted = expected.remove(&title).unwrap();
            compared += 1;
            if made != wanted {
                different.push(format!("{name}, {title}:\n {made:?}\n {wanted:?}"));
            }
        }
    }
    assert!(compared >= 14 * 12, "only {compared} prompts were compared");
    assert!(different.is_empty(), "{}\n{} differ", different.join("\n"), different.len());
}

#[test]
fn expressions_print_what_jinja2_prints() {
    let expected: Vec<(String, Outcome)> = read("expected/expressions.json");
    let mut different = Vec::new();
    for (source, wanted) in expected {
        let case = read::<Vec<Case>>("cases.json").remove(0);
        let made = outcome(&source, case);
        if made != wanted {
            different.push(format!("{source}\n   {made:?}\n   {wanted:?}"));
        }
    }
    assert!(different.is_empty(), "{}\n{} differ", different.join("\n"), different.len());
}
