//! Puts in force what was learnt, and whatever is learnt while the house stands.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oratory_pipeline::Routing;
use tokio_util::sync::CancellationToken;

/// How often the file is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// Tells one state of the file from another; `None` where there is no file.
type Seen = Option<(SystemTime, u64)>;

/// Puts in force what was learnt until now. What cannot be read counts as nothing.
pub(crate) fn learn(data: &Path, routing: &Routing) {
    match super::load(data) {
        Ok(learnt) => routing.learn(learnt.map(Arc::new)),
        Err(error) => {
            tracing::warn!("{error:#}; until then models are guessed by their size");
            routing.learn(None);
        }
    }
}

/// Until the house closes, puts in force whatever is learnt, and forgets what is forgotten.
pub(crate) async fn follow(data: PathBuf, routing: Arc<Routing>, stop: CancellationToken) {
    let mut known = seen(&data);
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => return,
        }
        let (folder, routing) = (data.clone(), routing.clone());
        let look = move || {
            let now = seen(&folder);
            if now != known {
                learn(&folder, &routing);
                tracing::info!("what was learnt of the models has changed and is in force now");
            }
            now
        };
        match tokio::task::spawn_blocking(look).await {
            Ok(now) => known = now,
            Err(_) => return,
        }
    }
}

fn seen(data: &Path) -> Seen {
    let about = std::fs::metadata(data.join(super::FILE)).ok()?;
    Some((about.modified().ok()?, about.len()))
}
