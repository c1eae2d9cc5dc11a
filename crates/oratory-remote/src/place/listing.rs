//! Keeps the list of a place's models true while the service runs.
//!
//! Asks seldom while all is well and a little oftener while it is not.

use std::sync::Arc;
use std::time::Duration;

use oratory_contract::Trouble;
use tokio_util::sync::CancellationToken;

use super::{Endpoint, listed};

const WELL: Duration = Duration::from_secs(60);
const UNWELL: Duration = Duration::from_secs(10);
/// How long a list may take: a place that is silent now is asked again soon.
const LISTING: Duration = Duration::from_secs(5);

/// Asks for the models again and again until told to stop.
pub(super) async fn keep(place: Arc<Endpoint>, stop: CancellationToken) {
    let mut last_trouble = None;
    loop {
        let asked = tokio::select! {
            asked = place.ask_for_models(LISTING) => asked,
            () = stop.cancelled() => return,
        };
        let pause = match asked {
            Ok(names) => {
                place.list(names.iter().map(listed).collect());
                last_trouble = None;
                WELL
            }
            Err(failure) => {
                let (what, next) = (failure.to_string(), failure.hint.clone());
                place.trouble(Trouble { what, next });
                // Not the failure's words: a provider may quote the key it was sent.
                if last_trouble != Some(failure.kind) {
                    let kind = failure.kind.as_str();
                    tracing::warn!(place = %place.card.name, kind, "the models cannot be listed");
                    last_trouble = Some(failure.kind);
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
