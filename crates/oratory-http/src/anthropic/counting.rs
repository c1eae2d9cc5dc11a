//! How many tokens a message takes, told without answering it.
//!
//! The engine renders the conversation with its tools as it would to answer it, and counts.

use axum::response::Response;
use oratory_contract::{Asked, Delivery, Task};
use schemars::JsonSchema;
use serde::Serialize;

use super::question::Question;
use crate::answers::{Gathered, Head};
use crate::asking::{self, Asking, Origin};
use crate::dialect::Dialect;
use crate::health;
use crate::misread;
use crate::rejected::Rejected;
use crate::teller::Teller;
use crate::unread::Row;

/// A message whose tokens are to be counted.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub(crate) struct Counted(Question);

/// Tells how many there are.
pub(crate) struct Count {
    /// Whether it is told what it would have been with what was left out.
    edited: bool,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Told {
    input_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_management: Option<Original>,
}

#[derive(Serialize, JsonSchema)]
struct Original {
    original_input_tokens: u32,
}

impl asking::Question for Counted {
    type Teller = Count;
    const DIALECT: Dialect = Dialect::Anthropic;
    const WANTED: &'static [misread::Wanted] = super::wanted::WANTED;
    const RULES: &'static [Row] = super::question::RULES;

    fn asking(self, from: &Origin<'_>) -> Result<Asking<Count>, Rejected> {
        let edited = self.0.wants_edits();
        let asked = self.0.asked(from)?;
        let asked = Asked { task: Task::Count, delivery: Delivery::Whole, ..asked };
        Ok(Asking::one(asked, Count { edited }))
    }
}

impl Teller for Count {
    fn whole(self, _: &Head, answers: Vec<Gathered>) -> Result<Response, Rejected> {
        let input_tokens = answers.first().map_or(0, |answer| answer.usage().input);
        let begun = answers.first().and_then(|answer| answer.begun).unwrap_or_default();
        let saved = begun.left_out.thoughts.tokens + begun.left_out.results.tokens;
        let original = Original { original_input_tokens: input_tokens + saved };
        let context_management = self.edited.then_some(original);
        Ok(health::json(&Told { input_tokens, context_management }))
    }
}
