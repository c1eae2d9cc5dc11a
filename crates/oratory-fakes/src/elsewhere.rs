//! A place elsewhere whose models follow scripts and which remembers what it was sent.
//!
//! Opens no socket; `Provider` does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use oratory_contract::{
    Answer, Asked, Clearance, Failure, ModelCard, ModelName, PlaceCard, Sensitivity, Task, Terms,
    Tier, Trouble, Words,
};
use oratory_privacy::{Masked, RemotePlace};

use crate::{Script, home};

/// A scripted place elsewhere.
pub struct Remote {
    card: PlaceCard,
    models: Arc<[ModelCard]>,
    received: Mutex<Vec<String>>,
}

impl Remote {
    /// Returns a place of this name, tier and clearance with one model per script.
    pub fn new(
        name: &str,
        tier: Tier,
        as_is: Sensitivity,
        masked: Option<Sensitivity>,
        scripts: &[Script],
    ) -> Self {
        let clearance = Clearance { as_is, masked };
        let address = format!("https://{name}.example");
        let terms = Terms::default();
        let card = PlaceCard { name: name.into(), tier, address, clearance, terms };
        Self { card, models: home::cards(scripts), received: Mutex::default() }
    }

    /// Returns the place with models of so many weights.
    pub fn of_size(mut self, parameters: u64) -> Self {
        let cards = self.models.iter().cloned();
        let sized = |card| ModelCard { parameters: Some(parameters), ..card };
        self.models = cards.map(sized).collect();
        self
    }

    /// Returns every text that arrived here: of messages, calls, tools and forms.
    pub fn received(&self) -> Vec<String> {
        self.received.lock().expect("no test panics while it holds the lock").clone()
    }
}

#[async_trait]
impl RemotePlace for Remote {
    fn card(&self) -> &PlaceCard {
        &self.card
    }

    fn models(&self) -> Arc<[ModelCard]> {
        self.models.clone()
    }

    fn trouble(&self) -> Option<Trouble> {
        None
    }

    fn rests(&self, _model: &ModelName, _tokens: u64) -> Option<Duration> {
        None
    }

    fn room(&self) -> usize {
        usize::MAX
    }

    fn lacks(&self, asked: &Asked) -> Option<&'static str> {
        let words = asked.task == Task::Answer && asked.media().next().is_none();
        (!words).then_some("vectors, ratings, counts, pictures and sounds")
    }

    fn speaks(&self, _: Words) -> bool {
        false
    }

    fn leaves_out(&self, _: &ModelName, _: &Asked) -> Vec<&'static str> {
        Vec::new()
    }

    async fn run(&self, model: &ModelName, masked: Masked) -> Result<Answer, Failure> {
        let texts = masked.asked().texts().filter(|text| !text.is_empty()).map(str::to_owned);
        self.received.lock().expect("no test panics while it holds the lock").extend(texts);
        let script: Script = model.as_str().parse().expect("the model is one of the cards");
        script.answer(&self.card.name, model, masked.asked())
    }
}
