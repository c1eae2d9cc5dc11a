//! Every text of a request, wherever it stands: words, thoughts, tools, what they are given, schemas.
//!
//! JSON is masked string by string, so that it stays JSON. Which spans are private, and what stands
//! for them, is not decided here.

use std::vec::IntoIter;

use oratory_contract::{Asked, Extras, Form, Input, Role, Task, ToolChoice};
use serde_json::{Map, Number, Value};

use super::surrogates::{Surrogates, Turn};

/// Replaces what is private in a request.
pub(super) fn replace(asked: &mut Asked, surrogates: &mut Surrogates<'_>) {
    // Who speaks is nobody's business there, and a first name alone is easily overlooked.
    let people = asked.messages.iter_mut().filter(|message| message.role != Role::Tool);
    people.for_each(|message| message.name = None);
    conversation(asked, surrogates);
    beside(&mut asked.extras, surrogates);
    for name in names(asked) {
        surrogates.replace_in_name(name);
    }
    let stops = asked.limits.stop.iter_mut().map(|stop| Turn::of("", stop));
    surrogates.replace_in(&mut stops.collect::<Vec<_>>());
    let mut plain: Vec<Turn<'_>> = task(&mut asked.task).map(Turn::alone).collect();
    let mut schemas: Vec<Json<'_>> = Vec::new();
    for tool in &mut asked.tools.offered {
        plain.extend(tool.description.as_mut().map(Turn::alone));
        schemas.push(Json::of(&mut tool.parameters));
    }
    match &mut asked.form {
        Form::Text | Form::Json => {}
        Form::Schema(text) => schemas.push(Json::of(text)),
        Form::Regex(text) | Form::Grammar(text) => plain.push(Turn::alone(text)),
    }
    let strings = schemas.iter_mut().flat_map(|json| json.strings.iter_mut());
    plain.extend(strings.map(|(_, text)| Turn::of_a_program(text)));
    surrogates.replace_in(&mut plain);
    schemas.into_iter().for_each(Json::put_back);
}

/// Replaces what is private in what was said, thought, called and answered.
fn conversation(asked: &mut Asked, surrogates: &mut Surrogates<'_>) {
    let (mut said, mut around, mut given) = (Vec::new(), Vec::new(), Vec::new());
    for message in &mut asked.messages {
        said.push(Turn::of(message.role.as_str(), &mut message.content));
        around.extend(message.thinking.as_mut());
        given.extend(message.calls.iter_mut().map(|call| Json::of(&mut call.arguments)));
    }
    said.extend(around.into_iter().map(Turn::alone));
    said.extend(strings(&mut given));
    surrogates.replace_in(&mut said);
    given.into_iter().for_each(Json::put_back);
}

/// Replaces what is private in fields, tools and headers that nobody here reads.
fn beside(extras: &mut Extras, surrogates: &mut Surrogates<'_>) {
    let fields = Some(&mut extras.fields).filter(|fields| !fields.is_empty());
    let mut given: Vec<_> = fields.into_iter().chain(&mut extras.tools).map(Json::of).collect();
    let strings = given.iter_mut().flat_map(|json| json.strings.iter_mut());
    let mut plain: Vec<_> = strings
        .map(|(of, text)| match of {
            Of::Value if text.parse::<f64>().is_ok() => Turn::alone(text),
            // What stands in two of them may be one thing.
            Of::Value => Turn::of_nobody(text),
            Of::Name => Turn::of_a_program(text),
        })
        .collect();
    plain.extend(extras.headers.iter_mut().map(|(_, value)| Turn::alone(value)));
    surrogates.replace_in(&mut plain);
    given.into_iter().for_each(Json::put_back);
}

/// Returns the strings of what somebody has written as JSON.
fn strings<'j>(given: &'j mut [Json<'_>]) -> impl Iterator<Item = Turn<'j>> {
    given.iter_mut().flat_map(|json| json.strings.iter_mut()).map(|(of, text)| match of {
        Of::Value => Turn::alone(text),
        Of::Name => Turn::of_a_program(text),
    })
}

/// Returns every name that may not look otherwise than names do.
fn names(asked: &mut Asked) -> Vec<&mut String> {
    let mut names = Vec::new();
    for message in &mut asked.messages {
        names.extend(message.name.as_mut());
        names.extend(message.calls.iter_mut().map(|call| &mut call.name));
    }
    names.extend(asked.tools.offered.iter_mut().map(|tool| &mut tool.name));
    if let ToolChoice::Named(name) = &mut asked.tools.choice {
        names.push(name);
    }
    names
}

/// Returns every text of a task. No permit lets one with texts leave; and should one ever, they
/// are masked all the same.
fn task(task: &mut Task) -> impl Iterator<Item = &mut String> {
    let (inputs, rank): (&mut [Input], _) = match task {
        Task::Answer | Task::Count => (&mut [], None),
        Task::Continue(input) => (std::slice::from_mut(input), None),
        Task::Embed(embed) => (&mut embed.inputs, None),
        Task::Rank(rank) => (&mut [], Some(rank)),
    };
    let inputs = inputs.iter_mut().filter_map(|input| match input {
        Input::Text(text) => Some(text),
        Input::Tokens(_) => None,
    });
    let rank = rank.map(|rank| std::iter::once(&mut rank.query).chain(&mut rank.documents));
    inputs.chain(rank.into_iter().flatten())
}

/// What a string of a JSON text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Name,
    Value,
}

/// A JSON text and the strings in it, in order. Numbers are among them: some are private.
struct Json<'t> {
    text: &'t mut String,
    value: Option<Value>,
    strings: Vec<(Of, String)>,
}

impl<'t> Json<'t> {
    /// Takes a text apart; one that is no JSON is one string.
    fn of(text: &'t mut String) -> Self {
        let value = serde_json::from_str(text).ok();
        let mut strings = Vec::new();
        match &value {
            Some(value) => gather(value, &mut strings),
            None => strings.push((Of::Value, text.clone())),
        }
        Self { text, value, strings }
    }

    fn put_back(self) {
        let mut strings = self.strings.into_iter();
        *self.text = match &self.value {
            Some(value) => put(value, &mut strings).to_string(),
            None => next(&mut strings),
        };
    }
}

fn gather(value: &Value, into: &mut Vec<(Of, String)>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => into.push((Of::Value, number.to_string())),
        Value::String(text) => into.push((Of::Value, text.clone())),
        Value::Array(values) => values.iter().for_each(|value| gather(value, into)),
        Value::Object(fields) => {
            for (name, value) in fields {
                into.push((Of::Name, name.clone()));
                gather(value, into);
            }
        }
    }
}

/// Returns the value with other strings, in the order in which `gather` took them.
fn put(value: &Value, strings: &mut IntoIter<(Of, String)>) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(number) => put_number(number, next(strings)),
        Value::String(_) => Value::String(next(strings)),
        Value::Array(values) => values.iter().map(|value| put(value, strings)).collect(),
        Value::Object(fields) => {
            let pairs = fields.values().map(|value| (next(strings), put(value, strings)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
    }
}

fn put_number(number: &Number, text: String) -> Value {
    if text == number.to_string() { Value::Number(number.clone()) } else { Value::String(text) }
}

fn next(strings: &mut IntoIter<(Of, String)>) -> String {
    strings.next().map(|(_, text)| text).expect("as many strings are put back as were taken")
}
