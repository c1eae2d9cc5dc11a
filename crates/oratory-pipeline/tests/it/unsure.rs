//! A model at home that says how sure it is.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use oratory_contract::{
    Answer, Chance, Chunk, Done, Failure, Finish, LocalPlace, ModelCard, ModelName, PlaceCard,
    Prepared, Rated, Usage,
};
use oratory_fakes::{Home, Script};

/// Says what it was asked, and is unsure of it where there is a doubt in it.
pub(crate) struct Unsure(Home);

impl Default for Unsure {
    fn default() -> Self {
        Self(Home::new(&[Script::Echo]))
    }
}

#[async_trait]
impl LocalPlace for Unsure {
    fn card(&self) -> &PlaceCard {
        self.0.card()
    }

    fn models(&self) -> Arc<[ModelCard]> {
        self.0.models()
    }

    async fn run(&self, model: &ModelName, prepared: Prepared) -> Result<Answer, Failure> {
        let asked = prepared.asked();
        let last = asked.messages.last().map_or("", |message| &message.content);
        let logprob = if last.contains("doubt") { -2.5 } else { -0.01 };
        let token = Rated { id: 1, bytes: b"x".to_vec(), logprob };
        let chances = asked
            .sampling
            .chances
            .map(|_| Chunk::Chances(vec![Chance { token: token.clone(), top: Vec::new() }; 12]));
        let done = Done { finish: Finish::Stop, usage: Usage::default() };
        let chunks =
            [Some(Chunk::Text(format!("home says {last}"))), chances, Some(Chunk::Done(done))];
        let chunks = stream::iter(chunks.into_iter().flatten().map(Ok)).boxed();
        Ok(Answer { place: self.card().name.clone(), model: model.clone(), chunks })
    }
}
