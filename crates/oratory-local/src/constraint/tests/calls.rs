//! Calls that must come, come in each family's own format, and are read back as such.

use oratory_contract::{Form, Several, ToolChoice, Tools};
use serde_json::Value;

use super::{
    Chance, Constraint, Made, Thinks, Wish, allows, environment, feed, tools, vocabulary, write,
};
use crate::constraint::Vocabulary;
use crate::speech::{Event, Parser, Shape, Style};
use crate::template::Opens;

const FAMILIES: [&str; 18] = [
    "qwen3",
    "qwen-coder",
    "llama3",
    "mistral",
    "ministral",
    "deepseek-v3",
    "deepseek-v31",
    "glm4",
    "gpt-oss",
    "gemma4",
    "phi4-mini",
    "minimax-m2",
    "kimi-k2",
    "granite",
    "command-r",
    "nemotron",
    "step3",
    "gemma3",
];

fn style(name: &str) -> Style {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/templates");
    Style::of(&std::fs::read_to_string(format!("{folder}/{name}.jinja")).unwrap(), true)
}

fn wish<'a>(style: &'a Style, tools: &'a Tools, form: &'a Form) -> Wish<'a> {
    Wish { form, tools, style, opens: Opens::Answer, thinks: Thinks::No }
}

/// The single marks of a style, as a model's makers would make tokens of them.
fn marks(style: &Style) -> Vec<&'static str> {
    let marks =
        style.marks().filter(|mark| !mark.contains("functions.") && !mark.contains("analysis"));
    let mut marks: Vec<&'static str> = marks.collect();
    if style.shape == Shape::Harmony {
        marks.push("<|constrain|>");
    }
    marks.sort_unstable();
    marks.dedup();
    marks
}

fn read(
    style: &Style,
    tools: &Tools,
    vocabulary: &Vocabulary,
    made: &Made,
) -> Vec<(String, String)> {
    let mut parser = Parser::new(style, tools, Opens::Answer);
    let mut events = Vec::new();
    let mut held = Vec::new();
    for &token in &made.tokens {
        held.extend_from_slice(&vocabulary.bytes[token as usize]);
        let control = vocabulary.control[token as usize];
        if let Ok(text) = std::str::from_utf8(&held) {
            events.extend(parser.push(text, control));
            held.clear();
        }
    }
    events.extend(parser.finish());
    let mut calls = Vec::new();
    for event in events {
        match event {
            Event::CallBegins { name } => calls.push((name, String::new())),
            Event::CallArguments(more) => calls.last_mut().unwrap().1.push_str(&more),
            Event::CallEnds { whole } => assert!(whole, "{style:?}: {calls:?}"),
            Event::Text(text) => assert_eq!(text.trim(), "", "{style:?}"),
            Event::Thinking(text) => panic!("{text}"),
        }
    }
    calls
}

#[test]
fn a_call_that_must_come_is_one_its_family_writes() {
    for family in FAMILIES {
        let style = style(family);
        for control in [marks(&style), Vec::new()] {
            let vocabulary = vocabulary(&control);
            let environment = environment(&control);
            let tools = Tools { several: Several::No, ..tools(ToolChoice::Required) };
            for seed in 0..12 {
                let wish = wish(&style, &tools, &Form::Text);
                let mut constraint = Constraint::new(&environment, &wish).unwrap().unwrap();
                let made = write(&mut constraint, &vocabulary, &mut Chance::new(seed));
                let written = String::from_utf8_lossy(&constraint.written).into_owned();
                assert!(made.ended, "{family}: {written}");
                let calls = read(&style, &tools, &vocabulary, &made);
                assert_eq!(calls.len(), 1, "{family}: {written}");
                let (name, arguments) = &calls[0];
                let given: Value = serde_json::from_str(arguments).unwrap();
                match name.as_str() {
                    "now" => {}
                    // Gemma's notation and Python's are followed in shape only.
                    "weather" if matches!(style.shape, Shape::Notation(_)) => {}
                    "weather" => {
                        let city = given["city"].as_str();
                        assert!(city.is_some(), "{family}: {written}");
                        assert!(given.get("days").is_none_or(Value::is_u64), "{family}: {written}");
                    }
                    other => panic!("{family} calls {other}"),
                }
            }
        }
    }
}

#[test]
fn the_named_tool_is_called_and_an_unknown_one_refused() {
    let style = Style::generic();
    let environment = environment(&[]);
    let named = tools(ToolChoice::Named("now".into()));
    let mut constraint =
        Constraint::new(&environment, &wish(&style, &named, &Form::Json)).unwrap().unwrap();
    let call = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>";
    assert!(!feed(&mut constraint.clone(), "<tool_call>\n{\"name\": \"w"));
    assert!(feed(&mut constraint, call) && constraint.may_stop());
    let missing = tools(ToolChoice::Named("later".into()));
    let error = Constraint::new(&environment, &wish(&style, &missing, &Form::Text)).err().unwrap();
    assert!(error.to_string().contains("\"later\""), "{error}");
}

#[test]
fn several_calls_come_only_where_they_are_allowed() {
    let style = Style::generic();
    let environment = environment(&[]);
    let call = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>";
    for (several, two) in [(Several::Allowed, true), (Several::No, false)] {
        let tools = Tools { several, ..tools(ToolChoice::Required) };
        let wish = wish(&style, &tools, &Form::Text);
        let mut constraint = Constraint::new(&environment, &wish).unwrap().unwrap();
        assert!(feed(&mut constraint, call) && constraint.may_stop());
        assert_eq!(feed(&mut constraint, &format!("\n{call}")), two);
    }
}

#[test]
fn text_is_free_until_a_call_begins() {
    let style = Style::generic();
    for control in [&["<tool_call>", "</tool_call>"][..], &[]] {
        let vocabulary = vocabulary(control);
        let environment = environment(control);
        let tools = tools(ToolChoice::Auto);
        let wish = wish(&style, &tools, &Form::Text);
        let mut constraint = Constraint::new(&environment, &wish).unwrap().unwrap();
        assert!(feed(&mut constraint, "Let me {see} <tool>: "));
        assert!(constraint.mask().unwrap().is_none() && constraint.may_stop());
        let begin = vocabulary.bytes.iter().position(|bytes| bytes == b"<tool_call>");
        match begin {
            Some(token) => constraint.accept(u32::try_from(token).unwrap()).unwrap(),
            None => assert!(feed(&mut constraint, "<tool_call>")),
        }
        assert!(!constraint.may_stop());
        assert!(!feed(&mut constraint.clone(), "\n{\"name\": \"other"));
        assert!(!feed(&mut constraint.clone(), "\n{\"name\": \"weather\", \"arguments\": {\"days"));
        assert!(feed(
            &mut constraint,
            "\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Ulm\"}}\n"
        ));
    }
}

#[test]
fn a_token_may_hold_the_end_of_a_mark_and_the_beginning_of_a_call() {
    let style = Style::generic();
    let vocabulary = vocabulary(&[]);
    let environment = environment(&[]);
    let tools = tools(ToolChoice::Auto);
    let token = |text: &str| {
        let at = vocabulary.bytes.iter().position(|bytes| bytes == text.as_bytes());
        u32::try_from(at.unwrap()).unwrap()
    };
    let wish = wish(&style, &tools, &Form::Text);
    let mut constraint = Constraint::new(&environment, &wish).unwrap().unwrap();
    for piece in ["<", "tool", "_call", ">\n{\"", "name"] {
        assert!(allows(constraint.mask().unwrap(), token(piece)), "{piece}");
        constraint.accept(token(piece)).unwrap();
    }
    assert!(!feed(&mut constraint.clone(), "s"));
    assert!(feed(&mut constraint, "\": \"now\", \"arguments\": {}}"));
    // What only looked like a call is text.
    let mut constraint = Constraint::new(&environment, &wish).unwrap().unwrap();
    for piece in ["<", "tool", "_call"] {
        constraint.accept(token(piece)).unwrap();
    }
    assert!(feed(&mut constraint, "er> and more"));
    assert!(constraint.mask().unwrap().is_none());
}

#[test]
fn a_family_without_a_mark_is_followed_once_a_call_is_certain() {
    let style = style("llama3");
    let environment = environment(&["<|python_tag|>"]);
    let tools = tools(ToolChoice::Auto);
    let mut constraint =
        Constraint::new(&environment, &wish(&style, &tools, &Form::Text)).unwrap().unwrap();
    let mut call = constraint.clone();
    assert!(feed(&mut call, "{\"name\": \"") && !call.may_stop());
    assert!(!feed(&mut call.clone(), "other"));
    assert!(feed(&mut call, "weather\", \"parameters\": {\"city\": \"Ulm\"}}"));
    assert!(call.may_stop());
    assert!(feed(&mut constraint, "{\"nam\": 1} or {\"name\": \"other\"}"));
}

#[test]
fn an_answer_in_a_form_may_be_a_call_instead() {
    let style = Style::generic();
    let environment = environment(&[]);
    let tools = tools(ToolChoice::Auto);
    let mut constraint =
        Constraint::new(&environment, &wish(&style, &tools, &Form::Json)).unwrap().unwrap();
    assert!(feed(&mut constraint.clone(), "{\"a\": 1}"));
    assert!(feed(&mut constraint.clone(), "<tool_call>\n{\"name\": \"now\""));
    assert!(!feed(&mut constraint, "text"));
}

#[test]
fn harmony_thinks_and_then_answers_in_its_form() {
    let style = style("gpt-oss");
    let control = marks(&style);
    let vocabulary = vocabulary(&control);
    let environment = environment(&control);
    let tools = Tools::default();
    let wish = Wish { thinks: Thinks::Perhaps, ..wish(&style, &tools, &Form::Json) };
    let mut constraint = Constraint::new(&environment, &wish).unwrap().unwrap();
    let mut say = |text: &str| {
        let mut rest = text;
        while !rest.is_empty() {
            let fits = |bytes: &Vec<u8>| rest.as_bytes().starts_with(bytes) && !bytes.is_empty();
            let longest = vocabulary.bytes.iter().enumerate().filter(|(_, bytes)| fits(bytes));
            let (token, bytes) = longest.max_by_key(|(_, bytes)| bytes.len()).unwrap();
            let token = u32::try_from(token).unwrap();
            if !allows(constraint.mask().unwrap(), token) {
                return false;
            }
            constraint.accept(token).unwrap();
            rest = &rest[bytes.len()..];
        }
        true
    };
    assert!(!say("<|start|>"));
    assert!(say("<|channel|>analysis<|message|>Let me think."));
    assert!(say("<|end|><|start|>assistant<|channel|>final<|message|>{\"a\": 1}"));
    assert!(constraint.is_over());
}
