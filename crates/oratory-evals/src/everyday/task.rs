//! The tasks of the suite by name, and which module writes each one's cases.
//!
//! What a task is about is said in its own module.

use serde::{Deserialize, Serialize};

use super::dice::Dice;
use super::{
    Draft, arithmetic, chat, copy, count, difficulty, fields, intent, normalise, passage, plan,
    sensitivity, sentiment, sort, summary, tool, translate,
};

/// One kind of everyday work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Pull fields out of a text into JSON.
    Fields,
    /// Say what a customer wants.
    Intent,
    /// Say whether a remark is positive, negative or neutral.
    Sentiment,
    /// Say how sensitive a text is.
    Sensitivity,
    /// Say whether a request needs a larger model.
    Difficulty,
    /// Copy a text, or change one thing in it.
    Copy,
    /// Put a list in order.
    Sort,
    /// Count what is there.
    Count,
    /// Calculate, with the steps thought aloud.
    Arithmetic,
    /// Write dates, times and numbers in their plain form.
    Normalise,
    /// Answer from a passage, or say that it is not there.
    Passage,
    /// Pick the sentence that sums a text up.
    Summary,
    /// Translate a simple sentence into German, French or Spanish.
    Translate,
    /// Call the right tool with the right arguments.
    Tool,
    /// Go on with a plan once a tool has answered.
    Plan,
    /// Chat a little, and be honest about being small.
    Chat,
}

impl Task {
    /// Every task, in the order of their reports.
    pub const ALL: [Self; 16] = [
        Self::Fields,
        Self::Intent,
        Self::Sentiment,
        Self::Sensitivity,
        Self::Difficulty,
        Self::Copy,
        Self::Sort,
        Self::Count,
        Self::Arithmetic,
        Self::Normalise,
        Self::Passage,
        Self::Summary,
        Self::Translate,
        Self::Tool,
        Self::Plan,
        Self::Chat,
    ];

    /// Returns the name that reports and flags use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fields => "fields",
            Self::Intent => "intent",
            Self::Sentiment => "sentiment",
            Self::Sensitivity => "sensitivity",
            Self::Difficulty => "difficulty",
            Self::Copy => "copy",
            Self::Sort => "sort",
            Self::Count => "count",
            Self::Arithmetic => "arithmetic",
            Self::Normalise => "normalise",
            Self::Passage => "passage",
            Self::Summary => "summary",
            Self::Translate => "translate",
            Self::Tool => "tool",
            Self::Plan => "plan",
            Self::Chat => "chat",
        }
    }

    /// Returns the task of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }

    pub(super) fn draft(self, dice: &mut Dice) -> Draft {
        match self {
            Self::Fields => fields::draft(dice),
            Self::Intent => intent::draft(dice),
            Self::Sentiment => sentiment::draft(dice),
            Self::Sensitivity => sensitivity::draft(dice),
            Self::Difficulty => difficulty::draft(dice),
            Self::Copy => copy::draft(dice),
            Self::Sort => sort::draft(dice),
            Self::Count => count::draft(dice),
            Self::Arithmetic => arithmetic::draft(dice),
            Self::Normalise => normalise::draft(dice),
            Self::Passage => passage::draft(dice),
            Self::Summary => summary::draft(dice),
            Self::Translate => translate::draft(dice),
            Self::Tool => tool::draft(dice),
            Self::Plan => plan::draft(dice),
            Self::Chat => chat::draft(dice),
        }
    }
}
