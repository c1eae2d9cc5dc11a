//! The everyday suite: what a small model at home is asked all day, made from a seed.
//!
//! A case holds a conversation up to the answer and the answer wanted. What is held out uses
//! wordings and values that no training case has.

use serde::{Deserialize, Serialize};
use serde_json::Value;

mod arithmetic;
mod chat;
mod copy;
mod count;
mod dice;
mod difficulty;
mod fields;
mod intent;
mod labels;
mod normalise;
mod passage;
mod phrasing;
mod plan;
mod score;
mod sensitivity;
mod sent;
mod sentiment;
mod sheet;
mod slots;
mod sort;
mod summary;
mod task;
mod tool;
mod toolbox;
mod translate;
mod words;

#[cfg(test)]
mod tests;

pub use score::good;
pub use sent::{heard, sent};
pub use task::Task;

/// Says which half of the wordings and values a case is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// What a model may be trained on.
    Train,
    /// What it is measured on: other templates and other values.
    Held,
}

/// A tool that the model may call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// What it is called by.
    pub name: String,
    /// What it does, in one sentence.
    pub description: String,
    /// The JSON schema of its arguments.
    pub parameters: Value,
}

/// One part of the conversation before the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Instructions that hold for the whole conversation.
    System(String),
    /// What a person said.
    User(String),
    /// What the model said or called earlier.
    Assistant {
        /// What it thought before it spoke.
        thinking: Option<String>,
        /// What it said.
        text: String,
        /// The tools it called.
        calls: Vec<Call>,
    },
    /// What a called tool returned.
    ToolResult(String),
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The tool's name.
    pub name: String,
    /// Its arguments, an object.
    pub arguments: Value,
}

/// One conversation and the answer wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// What it tests.
    pub task: Task,
    /// The tools at hand; empty for most tasks.
    pub tools: Vec<Tool>,
    /// The conversation up to the answer.
    pub parts: Vec<Part>,
    /// The answer.
    pub wanted: Wanted,
}

/// The answer of a model that does everything right.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// The steps to it, where they help; never scored.
    pub thinking: Option<String>,
    /// What it says.
    pub text: String,
    /// What it calls.
    pub calls: Vec<Call>,
}

impl Wanted {
    fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn thought(thinking: String, text: String) -> Self {
        Self { thinking: Some(thinking), text, calls: Vec::new() }
    }

    fn call(call: Call) -> Self {
        Self { calls: vec![call], ..Self::default() }
    }
}

/// Returns the case of a task that a seed stands for, the same one every time.
pub fn case(task: Task, split: Split, seed: u64) -> Case {
    let mut dice = dice::Dice::new(task, split, seed);
    let draft = task.draft(&mut dice);
    Case { task, tools: draft.tools, parts: draft.parts, wanted: draft.wanted }
}

/// A case that does not yet know its task.
struct Draft {
    tools: Vec<Tool>,
    parts: Vec<Part>,
    wanted: Wanted,
}

impl Draft {
    fn new(parts: Vec<Part>, wanted: Wanted) -> Self {
        Self { tools: Vec::new(), parts, wanted }
    }
}
