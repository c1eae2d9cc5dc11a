//! Keeps the list of a place's models true while the service runs.
//!
//! Asks seldom while all is well and a little oftener while it is not.

use std::sync::Arc;
use std::time::Duration;

use oratory_contract::{ModelCard, Readiness};
use tokio_util::sync::CancellationToken;

use super::{Endpoint, listed};

const WELL: Duration = Duration::from_secs(60);
const UNWELL: Duration = Duration::from_secs(10);

/// Asks for the models again and again until told to stop.
pub(super) async fn models(place: Arc<Endpoint>, stop: CancellationToken) {
    let mut last_trouble = None;
    loop {
        let pause = match place.ask_for_models().await {
            Ok(names) => {
                place.list(names.iter().map(listed).collect());
                last_trouble = None;
                WELL
            }
            Err(failure) => {
                let trouble = failure.to_string();
                place.list(unavailable(&place, &trouble));
                if last_trouble.as_ref() != Some(&trouble) {
                    tracing::warn!(place = %place.card.name, "{trouble}");
                    last_trouble = Some(trouble);
                }
                UNWELL
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// The models known last, marked with what is wrong.
fn unavailable(place: &Endpoint, trouble: &str) -> Arc<[ModelCard]> {
    let known = place.models.lock().expect("no code panics while it holds the lock").clone();
    let marked = known
        .iter()
        .cloned()
        .map(|model| ModelCard { readiness: Readiness::Unavailable(trouble.to_owned()), ..model });
    marked.collect()
}
