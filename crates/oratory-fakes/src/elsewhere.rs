//! A place elsewhere whose models follow scripts and which remembers what it was sent.
//!
//! Opens no socket; `Provider` does.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use oratory_contract::{
    Answer, Clearance, Failure, ModelCard, ModelName, PlaceCard, Sensitivity, Terms, Tier,
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

    /// Returns every message content that arrived here.
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

    async fn run(&self, model: &ModelName, masked: Masked) -> Result<Answer, Failure> {
        let contents = masked.asked().messages.iter().map(|message| message.content.clone());
        self.received.lock().expect("no test panics while it holds the lock").extend(contents);
        let script: Script = model.as_str().parse().expect("the model is one of the cards");
        script.answer(&self.card.name, model, masked.asked())
    }
}
