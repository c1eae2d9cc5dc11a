//! Puts into plain words what a chat template has no words for: instructions, tools, calls.
//!
//! The style is the generic one that `speech` reads back.

use minijinja::Value;
use oratory_contract::{Role, ToolChoice, Tools};

use super::python;
use super::turns::{Talk, Turn};

/// Puts the system's text before the first question; `None` if there is nothing to fold.
pub(super) fn system(talk: &mut Talk) -> Option<()> {
    let is_system = |turn: &Turn| turn.role == Role::System;
    let (system, mut rest): (Vec<Turn>, Vec<Turn>) =
        talk.turns.iter().cloned().partition(is_system);
    let first = rest.iter_mut().find(|turn| turn.role == Role::User)?;
    if system.is_empty() {
        return None;
    }
    let mut parts: Vec<&str> = system.iter().map(|turn| turn.content.as_str()).collect();
    parts.push(&first.content);
    first.content = parts.join("\n\n");
    talk.turns = rest;
    Some(())
}

/// Puts the tools on offer into the system's text, and all calls into words.
pub(super) fn tools(talk: &mut Talk, asked: &Tools) {
    let listed: Vec<String> = talk.tools.drain(..).map(|tool| python::json(&tool)).collect();
    let instruction = instruction(&listed.join("\n"), &asked.choice);
    match talk.turns.first_mut().filter(|turn| turn.role == Role::System) {
        Some(system) if !system.content.is_empty() => {
            system.content.push_str("\n\n");
            system.content.push_str(&instruction);
        }
        Some(system) => system.content = instruction,
        None => {
            let system = Turn { role: Role::System, content: instruction, ..Turn::default() };
            talk.turns.insert(0, system);
        }
    }
    calls(talk);
}

fn instruction(listed: &str, choice: &ToolChoice) -> String {
    let duty = match choice {
        ToolChoice::Auto | ToolChoice::None => {
            "If one of them helps, call it; if not, just answer."
        }
        ToolChoice::Required => "Call at least one of them.",
        ToolChoice::Named(_) => "Call the one you are asked to call.",
    };
    format!(
        "You can call tools. {duty} These are the tools, one JSON object per line:\n\
         <tools>\n{listed}\n</tools>\n\n\
         To call a tool, write one JSON object with its name and its arguments, like this:\n\
         <tool_call>\n{{\"name\": \"the tool's name\", \"arguments\": {{\"key\": \"value\"}}}}\n\
         </tool_call>\n\
         Write one such block for each call and nothing after the last; \
         the results come with the next message."
    )
}

/// Puts calls and what came of them into plain text.
pub(super) fn calls(talk: &mut Talk) {
    let mut folded: Vec<Turn> = Vec::with_capacity(talk.turns.len());
    for mut turn in talk.turns.drain(..) {
        for call in std::mem::take(&mut turn.calls) {
            let members = [("name", Value::from(call.name)), ("arguments", call.arguments)];
            let json = python::json(&members.into_iter().collect());
            append(&mut turn.content, &format!("<tool_call>\n{json}\n</tool_call>"));
        }
        if turn.role == Role::Tool {
            let content = format!("<tool_response>\n{}\n</tool_response>", turn.content);
            turn = Turn { role: Role::User, content, ..Turn::default() };
        }
        match folded.last_mut() {
            // Templates that take no tools often insist that speakers alternate.
            Some(last) if last.role == Role::User && turn.role == Role::User => {
                append(&mut last.content, &turn.content);
            }
            _ => folded.push(turn),
        }
    }
    talk.turns = folded;
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}
