//! Places whose models may be forbidden by their licence: those are listed as such and never run.
//!
//! Stands before every place, so that no way to a model leads around it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use oratory_contract::{
    Answer, Asked, At, Failure, FailureKind, LocalPlace, ModelCard, ModelName, PlaceCard, Prepared,
    Readiness, Tier, Trouble, Words,
};
use oratory_pipeline::Site;
use oratory_privacy::{Masked, RemotePlace};

use crate::licences::{HINT, Rules};

/// A place, and what is forbidden there.
struct Licensed<P> {
    place: P,
    rules: Rules,
}

/// Returns the place as these rules leave it.
pub(crate) fn licensed(site: Site, rules: &Rules) -> Site {
    if !rules.forbid_something() {
        return site;
    }
    let rules = rules.clone();
    match site {
        Site::Local(place) => Site::Local(Arc::new(Licensed { place, rules })),
        Site::Remote(place) => Site::Remote(Arc::new(Licensed { place, rules })),
    }
}

impl<P> Licensed<P> {
    fn listed(&self, models: &[ModelCard], tier: Tier) -> Arc<[ModelCard]> {
        let mut models = models.to_vec();
        for model in &mut models {
            if let Some(why) = self.rules.forbid_listed(model, tier) {
                model.readiness = Readiness::Forbidden(why);
            }
        }
        models.into()
    }

    /// Refuses a model that is forbidden, also one that the place does not list.
    fn check(
        &self,
        models: &[ModelCard],
        card: &PlaceCard,
        model: &ModelName,
    ) -> Result<(), Failure> {
        let listed = models.iter().find(|listed| listed.is_named(model.as_str()));
        let why = match listed {
            Some(listed) => self.rules.forbid_listed(listed, card.tier),
            None => self.rules.forbid(model.as_str(), None, card.tier == Tier::Edge),
        };
        why.map_or(Ok(()), |why| {
            let message = format!("{}/{model} may not be asked: {why}", card.name);
            Err(Failure::new(FailureKind::Refused, At::Oratory, message).hint(HINT))
        })
    }
}

#[async_trait]
impl LocalPlace for Licensed<Arc<dyn LocalPlace>> {
    fn card(&self) -> &PlaceCard {
        self.place.card()
    }

    fn models(&self) -> Arc<[ModelCard]> {
        self.listed(&self.place.models(), self.place.card().tier)
    }

    async fn run(&self, model: &ModelName, prepared: Prepared) -> Result<Answer, Failure> {
        self.check(&self.place.models(), self.place.card(), model)?;
        self.place.run(model, prepared).await
    }
}

#[async_trait]
impl RemotePlace for Licensed<Arc<dyn RemotePlace>> {
    fn card(&self) -> &PlaceCard {
        self.place.card()
    }

    fn models(&self) -> Arc<[ModelCard]> {
        self.listed(&self.place.models(), self.place.card().tier)
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

    fn speaks(&self, words: Words) -> bool {
        self.place.speaks(words)
    }

    fn leaves_out(&self, model: &ModelName, asked: &Asked) -> Vec<&'static str> {
        self.place.leaves_out(model, asked)
    }

    fn lacks(&self, asked: &Asked) -> Option<&'static str> {
        self.place.lacks(asked)
    }

    async fn run(&self, model: &ModelName, masked: Masked) -> Result<Answer, Failure> {
        self.check(&self.place.models(), self.place.card(), model)?;
        self.place.run(model, masked).await
    }
}
