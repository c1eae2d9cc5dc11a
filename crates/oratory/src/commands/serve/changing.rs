//! Lets clients fetch and remove models over HTTP, where the settings allow it.
//!
//! The same as `oratory models pull` and `rm` do; only the telling differs.

use std::sync::Arc;

use oratory_contract::{At, Failure, FailureKind, Meant};
use oratory_http::{Changes, Doing, Progress};
use oratory_models::{Event, Index, Models, ModelsError, Reference};
use tokio::sync::mpsc::Sender;

use crate::settings::Config;

/// Fetches and removes models for clients.
pub(super) struct Changing {
    models: Arc<Models>,
    index: Arc<Index>,
}

impl Changing {
    /// Returns it, if the settings allow clients to change models.
    pub(super) fn allowed(config: &Config) -> Option<Box<dyn Changes>> {
        config.over_http.then(|| {
            let models = Arc::new(crate::commands::models::opened(config));
            let index = Arc::new(Index::new(&config.models));
            Box::new(Self { models, index }) as Box<dyn Changes>
        })
    }
}

impl Changes for Changing {
    fn pull(&self, name: String, tell: Sender<Progress>) -> Doing {
        let models = self.models.clone();
        Box::pin(async move {
            let reference: Reference = name.parse().map_err(Failure::from)?;
            // Whoever does not listen misses steps between, never the end.
            let hear = move |event| drop(tell.try_send(progress(event)));
            hear(Event::Waiting { process: None });
            models.pull(&reference, &hear).await.map_err(Failure::from)?;
            Ok(())
        })
    }

    fn remove(&self, name: String) -> Doing {
        let (models, index) = (self.models.clone(), self.index.clone());
        Box::pin(async move {
            let removed = tokio::task::spawn_blocking(move || removed(&models, &index, &name));
            let removed = removed.await.map_err(|error| {
                Failure::new(FailureKind::Ours, At::Oratory, "the model could not be removed")
                    .because(error)
            })?;
            removed.map_err(Failure::from)
        })
    }
}

/// Removes the model that is meant: as elsewhere, its name need not be exact.
fn removed(models: &Models, index: &Index, asked: &str) -> Result<(), ModelsError> {
    let entries = index.read()?;
    let names = entries.iter().map(|entry| entry.name.as_str());
    let name = match oratory_models::installed(asked, names) {
        Meant::One(name) => name,
        Meant::None => asked.to_owned(),
        Meant::Several(names) => {
            return Err(ModelsError::Several { asked: asked.to_owned(), names });
        }
    };
    models.remove(&name).map(drop)
}

/// Returns what happened, in Ollama's words where it has some.
fn progress(event: Event) -> Progress {
    let said = |status: String| Progress { status, ..Progress::default() };
    match event {
        Event::Waiting { process: None } => said("pulling manifest".to_owned()),
        Event::Waiting { process: Some(process) } => said(format!("waiting for process {process}")),
        Event::Found { name, bytes, .. } => {
            Progress { total: bytes, ..said(format!("pulling {name}")) }
        }
        Event::Resumed { file, bytes } => {
            Progress { completed: Some(bytes), ..said(format!("pulling {file}")) }
        }
        Event::Moved { done, total, .. } => Progress {
            digest: Some("all".to_owned()),
            total,
            completed: Some(done),
            ..said("pulling".to_owned())
        },
        Event::Retrying { why, after } => {
            said(format!("trying again in {} s: {why}", after.as_secs()))
        }
        Event::Restarted { file, why } => said(format!("beginning anew with {file}: {why}")),
        Event::Checking { done, total, .. } => Progress {
            total: Some(total),
            completed: Some(done),
            ..said("verifying sha256 digest".to_owned())
        },
    }
}
