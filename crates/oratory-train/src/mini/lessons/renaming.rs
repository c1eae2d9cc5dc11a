//! Gives tools and their arguments names that mean nothing.
//!
//! The suite knows a few names for each tool, which are soon known by heart; whoever meets new ones
//! every time has to read what is offered.

use std::collections::HashMap;

use oratory_evals::everyday::{Call, Case, Part};
use serde_json::{Map, Value};

use crate::mini::chance::Chance;
use crate::mini::tokens::Tokens;

/// Renames all tools of a case and their arguments, wherever they stand.
pub(super) fn rename_tools(case: &mut Case, tokens: &Tokens, chance: &mut Chance) {
    let mut renamed: HashMap<String, String> = HashMap::new();
    let mut names = |old: &str| {
        let fresh = |chance: &mut Chance| loop {
            let name = made_up(tokens, chance);
            if !renamed.values().any(|other| *other == name) {
                return name;
            }
        };
        if let Some(name) = renamed.get(old) {
            return name.clone();
        }
        let name = fresh(chance);
        renamed.insert(old.to_owned(), name.clone());
        name
    };
    for tool in &mut case.tools {
        tool.name = names(&tool.name);
        if let Some(Value::Object(properties)) = tool.parameters.get_mut("properties") {
            *properties = with_names(properties, &mut names);
        }
        if let Some(Value::Array(required)) = tool.parameters.get_mut("required") {
            required.iter_mut().for_each(|name| *name = names(name.as_str().unwrap_or("")).into());
        }
    }
    let mut rename = |call: &mut Call| {
        call.name = names(&call.name);
        if let Value::Object(arguments) = &mut call.arguments {
            *arguments = with_names(arguments, &mut names);
        }
    };
    for part in &mut case.parts {
        if let Part::Assistant { calls, .. } = part {
            calls.iter_mut().for_each(&mut rename);
        }
    }
    case.wanted.calls.iter_mut().for_each(rename);
}

fn with_names(
    members: &Map<String, Value>,
    names: &mut impl FnMut(&str) -> String,
) -> Map<String, Value> {
    members.iter().map(|(name, value)| (names(name), value.clone())).collect()
}

/// Returns one to three pieces of words, as names in programs are made.
fn made_up(tokens: &Tokens, chance: &mut Chance) -> String {
    let count = 1 + chance.below(3);
    let parts: Vec<String> = (0..count).map(|_| piece(tokens, chance)).collect();
    parts.join("_")
}

fn piece(tokens: &Tokens, chance: &mut Chance) -> String {
    loop {
        let text = tokens.text(&[chance.below(tokens.plain()) as u32]);
        let word = text.trim();
        if word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return word.to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use oratory_evals::everyday::{self, Split, Task};

    use super::*;
    use crate::mini::vocabulary_of;

    #[test]
    fn calls_use_the_names_that_are_offered_and_keep_their_values() {
        let tokens = vocabulary_of(600, 20);
        for number in 0..40 {
            let task = [Task::Tool, Task::Plan][number as usize % 2];
            let before = everyday::case(task, Split::Train, number);
            let mut case = before.clone();
            rename_tools(&mut case, &tokens, &mut Chance::new(number));
            let said = case.parts.iter().flat_map(|part| match part {
                Part::Assistant { calls, .. } => calls.clone(),
                _ => Vec::new(),
            });
            for call in said.chain(case.wanted.calls.clone()) {
                let tool = case.tools.iter().find(|tool| tool.name == call.name).unwrap();
                let known = tool.parameters["properties"].as_object().unwrap();
                let given = call.arguments.as_object().unwrap();
                assert!(given.keys().all(|name| known.contains_key(name)), "{call:?} {known:?}");
            }
            let values = |case: &Case| -> Vec<Value> {
                let all = case.wanted.calls.iter();
                all.flat_map(|call| call.arguments.as_object().unwrap().values().cloned()).collect()
            };
            assert_eq!(values(&before), values(&case));
            assert!(
                case.tools.iter().all(|tool| before.tools.iter().all(|old| old.name != tool.name))
            );
        }
    }
}
