//! `POST /v1/responses/input_tokens`, and its like for chats: how many tokens a request takes.
//!
//! The engine renders the conversation with its tools as it would to answer it, and counts.

use axum::response::Response;
use oratory_contract::{Asked, Delivery, Task};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answers::{Gathered, Head};
use crate::asking::{self, Asking, Origin};
use crate::dialect::Dialect;
use crate::health;
use crate::misread;
use crate::rejected::Rejected;
use crate::teller::Teller;
use crate::unread::Row;

/// A request whose tokens are to be counted.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::openai) struct Counted<Q>(Q);

/// Tells how many there are.
pub(crate) struct Count;

#[derive(Serialize, JsonSchema)]
pub(in crate::openai) struct Told {
    object: &'static str,
    input_tokens: u32,
}

impl<Q: asking::Question> asking::Question for Counted<Q> {
    type Teller = Count;
    const DIALECT: Dialect = Q::DIALECT;
    const WANTED: &'static [misread::Wanted] = Q::WANTED;
    const RULES: &'static [Row] = Q::RULES;

    fn asking(self, from: &Origin<'_>) -> Result<Asking<Count>, Rejected> {
        let Asking { mut asked, .. } = self.0.asking(from)?;
        // However many answers are wanted, the prompt is one.
        asked.truncate(1);
        let count = |asked| Asked { task: Task::Count, delivery: Delivery::Whole, ..asked };
        let asked = asked.into_iter().map(count).collect();
        Ok(Asking { asked, teller: Count })
    }
}

impl Teller for Count {
    fn whole(self, _: &Head, answers: Vec<Gathered>) -> Result<Response, Rejected> {
        let input_tokens = answers.first().map_or(0, |answer| answer.usage().input);
        Ok(health::json(&Told { object: "response.input_tokens", input_tokens }))
    }
}
