//! A place on this machine whose models follow scripts.
//!
//! Runs nothing and loads nothing.

use std::sync::Arc;

use async_trait::async_trait;
use oratory_contract::{
    Answer, Clearance, Failure, LocalPlace, ModelCard, ModelName, ModelOrigin, PlaceCard, Prepared,
    Readiness, Sensitivity, Terms, Tier,
};

use crate::Script;

/// A scripted place on this machine.
pub struct Home {
    card: PlaceCard,
    models: Arc<[ModelCard]>,
}

impl Home {
    /// Returns a place called `home` with one model per script, best first.
    pub fn new(scripts: &[Script]) -> Self {
        let clearance = Clearance { as_is: Sensitivity::Secret, masked: None };
        let card = PlaceCard {
            name: "home".into(),
            tier: Tier::Edge,
            address: "this machine".to_owned(),
            clearance,
            terms: Terms::default(),
        };
        Self { card, models: cards(scripts) }
    }
}

/// Returns a card per script, the first the largest, so that order is kept.
pub(crate) fn cards(scripts: &[Script]) -> Arc<[ModelCard]> {
    let size = |at: usize| u64::try_from(scripts.len() - at).unwrap_or(0) * 1_000_000;
    scripts
        .iter()
        .enumerate()
        .map(|(at, script)| ModelCard {
            name: script.as_str().into(),
            readiness: Readiness::Ready,
            context: Some(2048),
            parameters: Some(size(at)),
            bytes: None,
            revision: 0,
            stand_in: false,
            abilities: script.abilities(),
            adapts: None,
            origin: ModelOrigin::default(),
        })
        .collect()
}

#[async_trait]
impl LocalPlace for Home {
    fn card(&self) -> &PlaceCard {
        &self.card
    }

    fn models(&self) -> Arc<[ModelCard]> {
        self.models.clone()
    }

    async fn run(&self, model: &ModelName, prepared: Prepared) -> Result<Answer, Failure> {
        let script: Script = model.as_str().parse().expect("the model is one of the cards");
        script.answer(&self.card.name, model, prepared.asked())
    }
}
