//! Requests that ask for nothing but that a model be in memory, or no longer.
//!
//! They take the way of every request: what policy keeps from a model is not loaded for anyone.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use oratory_contract::{Asked, AtHome, Task, Wanted};

use super::options::{self, KeepAlive};
use super::spoken::{Shape, Spoken};
use crate::asking::{self, Question, answered};
use crate::dialect::Dialect;
use crate::rejected::Rejected;
use crate::router::House;

/// A request that may ask for nothing but that.
pub(super) trait Keeping: Question {
    /// Returns what it asks for, if it asks for nothing else.
    fn kept(&mut self) -> Option<Kept>;
}

/// A model that is to be in memory, or no longer.
pub(super) struct Kept {
    pub(super) model: String,
    pub(super) keep: Option<KeepAlive>,
    pub(super) shape: Shape,
}

/// Answers a request.
pub(super) async fn respond<Q: Keeping>(house: &Arc<House>, request: Request) -> Response {
    let began = Instant::now();
    answered(house, Dialect::Ollama, async {
        let (mut question, from, share) = asking::read::<Q>(house, request, began).await?;
        match question.kept() {
            Some(kept) => kept.respond(&from).await,
            None => asking::tell(question, &from, share).await,
        }
    })
    .await
}

impl Kept {
    async fn respond(self, from: &asking::Origin<'_>) -> Result<Response, Rejected> {
        let wanted = super::model(from.house, &self.model)?;
        let keep = options::keep(self.keep)?;
        let leaves = keep.is_some_and(|keep| keep.is_zero());
        let spoken = Spoken::new(self.shape, self.model);
        // To take out what is not there, nothing needs to be loaded.
        if !leaves || is_loaded(from, &wanted)? {
            let task = Task::Count;
            let asked = Asked {
                declared: from.declared.clone(),
                at_home: AtHome { keep, ..AtHome::default() },
                ..Asked::of(task, from.caller(), wanted)
            };
            let house = from.house.clone();
            let (answers, decision) = asking::begin(house, vec![asked], from.began, None).await?;
            let counted = answers.gather().await;
            counted.map_err(|failure| Rejected::from(failure).told_in(decision.id))?;
        }
        Ok(spoken.only(if leaves { "unload" } else { "load" }))
    }
}

/// Says whether a model is in memory; one that is not known at all is a failure.
fn is_loaded(from: &asking::Origin<'_>, wanted: &Wanted) -> Result<bool, Rejected> {
    let model = crate::models::find(from.house, wanted.as_str(), &from.caller)?;
    let loaded = (from.house.config.loaded)();
    let base = model.card.adapts.as_ref().unwrap_or(&model.card.name);
    Ok(loaded.iter().any(|loaded| loaded.model == base.as_str()))
}
