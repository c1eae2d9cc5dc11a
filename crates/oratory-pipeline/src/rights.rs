//! What holds for one caller beside the policy: how private it may be, and which models there are.
//!
//! A model that a caller may not ask looks as if it were not there, until it is asked for by name.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use oratory_contract::{
    Answer, Asked, At, Caller, Failure, FailureKind, LocalPlace, ModelCard, ModelName, PlaceCard,
    Prepared, Trouble, Wanted, Words,
};
use oratory_privacy::{Masked, RemotePlace};

use crate::label::Reading;
use crate::route::Plan;
use crate::{Portfolio, Site};

/// Refuses what is more private than its caller may ask about.
pub(crate) fn cleared(caller: &Caller, reading: &Reading) -> Result<(), Failure> {
    let clearance = caller.rights.as_ref().and_then(|rights| rights.clearance);
    let Some(clearance) = clearance.filter(|most| reading.all.sensitivity > *most) else {
        return Ok(());
    };
    let message = format!(
        "this is {}, and {:?} may ask about what is {clearance} at the most",
        reading.all,
        caller.name.as_str()
    );
    Err(Failure::new(FailureKind::Refused, At::Caller, message)
        .hint("take the private part out, or ask with a key of a higher `--clearance`"))
}

/// Leaves only models that the caller may ask, or refuses by name.
pub(crate) fn allowed(caller: &Caller, mut plan: Plan) -> Result<Plan, Failure> {
    plan.choices.retain(|choice| caller.may_ask(choice.site.card(), choice.model.as_str()));
    if plan.choices.is_empty() { Err(refused(caller, None)) } else { Ok(plan) }
}

/// Returns what becomes of a request for which no model was found: one that asked for another
/// than its caller may is refused by name, whether there is such a model or not.
pub(crate) fn unfound(asked: &Asked, failure: Failure) -> Failure {
    match &asked.model {
        Wanted::Named(name)
            if failure.kind == FailureKind::UnknownModel && !asked.caller.models().is_empty() =>
        {
            refused(&asked.caller, Some(name))
        }
        _ => failure,
    }
}

fn refused(caller: &Caller, wanted: Option<&str>) -> Failure {
    let shown = |name: &str| format!("{:?}", name.chars().take(80).collect::<String>());
    let wanted = wanted.map_or_else(|| "that model".to_owned(), shown);
    let name = caller.name.as_str();
    let message =
        format!("{name:?} may not ask for {wanted}, only for {}", caller.models().join(", "));
    Failure::new(FailureKind::Refused, At::Caller, message)
        .hint("GET /v1/models lists them; `auto` lets Oratory choose among them")
}

impl Portfolio {
    /// Returns the portfolio as a caller sees it.
    pub fn seen_by(&self, caller: &Caller) -> Cow<'_, Self> {
        if caller.models().is_empty() {
            return Cow::Borrowed(self);
        }
        let seen = |site: &Site| match site {
            Site::Local(place) => Site::Local(Arc::new(Seen::of(place.clone(), caller))),
            Site::Remote(place) => Site::Remote(Arc::new(Seen::of(place.clone(), caller))),
        };
        Cow::Owned(Self::new(self.sites().iter().map(seen).collect()))
    }
}

/// A place as a caller sees it.
struct Seen<P> {
    place: P,
    caller: Caller,
}

impl<P> Seen<P> {
    fn of(place: P, caller: &Caller) -> Self {
        Self { place, caller: caller.clone() }
    }

    fn models(&self, card: &PlaceCard, models: &[ModelCard]) -> Arc<[ModelCard]> {
        let may = |model: &&ModelCard| self.caller.may_ask(card, model.name.as_str());
        models.iter().filter(may).cloned().collect()
    }
}

#[async_trait]
impl LocalPlace for Seen<Arc<dyn LocalPlace>> {
    fn card(&self) -> &PlaceCard {
        self.place.card()
    }

    fn models(&self) -> Arc<[ModelCard]> {
        self.models(self.place.card(), &self.place.models())
    }

    async fn run(&self, model: &ModelName, prepared: Prepared) -> Result<Answer, Failure> {
        self.place.run(model, prepared).await
    }
}

#[async_trait]
impl RemotePlace for Seen<Arc<dyn RemotePlace>> {
    fn card(&self) -> &PlaceCard {
        self.place.card()
    }

    fn models(&self) -> Arc<[ModelCard]> {
        self.models(self.place.card(), &self.place.models())
    }

    fn trouble(&self) -> Option<Trouble> {
        self.place.trouble()
    }

    fn rests(&self, model: &ModelName, tokens: u64) -> Option<Duration> {
        self.place.rests(model, tokens)
    }

    fn room(&self) -> usize {
        self.place.room()
    }

    fn lacks(&self, asked: &Asked) -> Option<&'static str> {
        self.place.lacks(asked)
    }

    fn speaks(&self, words: Words) -> bool {
        self.place.speaks(words)
    }

    fn leaves_out(&self, model: &ModelName, asked: &Asked) -> Vec<&'static str> {
        self.place.leaves_out(model, asked)
    }

    async fn run(&self, model: &ModelName, masked: Masked) -> Result<Answer, Failure> {
        self.place.run(model, masked).await
    }
}
