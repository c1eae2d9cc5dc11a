//! A remote place takes what was masked, not what was prepared.
use oratory_contract::{ModelName, Prepared};
use oratory_privacy::RemotePlace;

async fn send(place: &dyn RemotePlace, model: &ModelName, prepared: Prepared) {
    let _ = place.run(model, prepared).await;
}

fn main() {}
