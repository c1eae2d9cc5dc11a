//! A permit stands between what was asked and what is run.
use oratory_contract::{Asked, LocalPlace, ModelName, Prepared};

fn prepare(asked: Asked) -> Prepared {
    Prepared::new(asked)
}

async fn run_unlabelled(place: &dyn LocalPlace, model: &ModelName, asked: Asked) {
    let _ = place.run(model, asked).await;
}

fn main() {}
