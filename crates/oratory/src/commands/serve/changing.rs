//! Lets clients fetch, make and remove models over HTTP, where the settings allow it.
//!
//! The same as `oratory models pull` and `rm` do, and what Ollama's clients do beside; only the
//! telling differs.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use oratory_contract::{At, Failure, FailureKind, Meant};
use oratory_http::{Changes, Doing, Making, Material, Progress};
use oratory_models::{Digest, Event, Index, Models, ModelsError, Reference};
use serde_json::json;
use tokio::sync::mpsc::{Receiver, Sender};

use crate::house;
use crate::licences::Rules;
use crate::settings::Config;

/// Fetches, makes and removes models for clients.
pub(super) struct Changing {
    models: Arc<Models>,
    index: Arc<Index>,
    folder: Arc<Path>,
    licences: Rules,
}

impl Changing {
    /// Returns it, if the settings allow clients to change models.
    pub(super) fn allowed(config: &Config) -> Option<Box<dyn Changes>> {
        config.over_http.then(|| {
            let models = Arc::new(crate::commands::models::opened(config));
            let index = Arc::new(Index::new(&config.models));
            let folder = config.models.as_path().into();
            let licences = config.licences.clone();
            Box::new(Self { models, index, folder, licences }) as Box<dyn Changes>
        })
    }
}

impl Changes for Changing {
    fn pull(&self, name: String, tell: Sender<Progress>) -> Doing {
        let (models, licences) = (self.models.clone(), self.licences.clone());
        Box::pin(async move {
            let reference: Reference = name.parse().map_err(Failure::from)?;
            // Whoever does not listen misses steps between, never the end.
            let hear = move |event| drop(tell.try_send(progress(event)));
            hear(Event::Waiting { process: None });
            let found = models.find(&reference, &hear).await.map_err(Failure::from)?;
            licences.check(found.name(), found.licence()).map_err(Failure::from)?;
            models.fetch(found, &hear).await.map_err(Failure::from)?;
            Ok(())
        })
    }

    fn remove(&self, name: String) -> Doing {
        let (models, index) = (self.models.clone(), self.index.clone());
        aside("the model could not be removed", move || removed(&models, &index, &name))
    }

    fn copy(&self, of: String, name: String) -> Doing {
        let (models, folder) = (self.models.clone(), self.folder.clone());
        aside("the model could not be copied", move || {
            let of = here(&folder, models.index(), &of)?;
            models.copy(&of, &name).map(drop)
        })
    }

    fn make(&self, making: Making, tell: Sender<Progress>) -> Doing {
        let (models, folder) = (self.models.clone(), self.folder.clone());
        aside("the model could not be made", move || {
            let said = |status: &str| Progress { status: status.to_owned(), ..Progress::default() };
            // Whoever does not listen misses steps between, never the end.
            let _ = tell.try_send(said("reading model metadata"));
            let of = match making.of {
                Material::Model(of) => {
                    oratory_models::Material::Model(here(&folder, models.index(), &of)?)
                }
                Material::Files(model, projector) => {
                    let projector = projector.map(|digest| Digest::parse(&digest)).transpose()?;
                    oratory_models::Material::Files(Digest::parse(&model)?, projector)
                }
            };
            let _ = tell.try_send(said("writing manifest"));
            let (name, licence) = (making.name, making.licence);
            let beside = json!({
                "habits": making.habits, "params": making.parameters, "license": licence,
            });
            let licence =
                licence.as_deref().and_then(|text| text.lines().next()).map(str::to_owned);
            let beside = Some(beside);
            models.make(oratory_models::Making { name, of, beside, licence }).map(drop)
        })
    }

    fn has_file(&self, digest: &str) -> Result<bool, Failure> {
        Ok(self.models.has_blob(&Digest::parse(digest)?))
    }

    fn receive(
        &self,
        digest: String,
        bytes: Option<u64>,
        pieces: Receiver<Option<Bytes>>,
    ) -> Doing {
        let models = self.models.clone();
        aside("the file could not be taken", move || {
            models.receive(&Digest::parse(&digest)?, bytes, pieces)
        })
    }
}

/// Does what waits for the disk, away from whatever else goes on.
fn aside(
    failed: &'static str,
    work: impl FnOnce() -> Result<(), ModelsError> + Send + 'static,
) -> Doing {
    Box::pin(async move {
        let done = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Failure::new(FailureKind::Ours, At::Oratory, failed).because(error))?;
        done.map_err(Failure::from)
    })
}

/// Returns the model here that is meant: as elsewhere, its name need not be exact.
fn here(folder: &Path, index: &Index, asked: &str) -> Result<String, ModelsError> {
    let mut names: Vec<String> = oratory_local::model_names(folder, &house::register(folder))
        .iter()
        .map(ToString::to_string)
        .collect();
    names.extend(index.read()?.into_iter().map(|entry| entry.name));
    names.extend(house::BUILT_IN.iter().map(|model| model.name.to_owned()));
    names.sort_unstable();
    names.dedup();
    match oratory_models::installed(asked, names.iter().map(String::as_str)) {
        Meant::One(name) => Ok(name),
        Meant::None => Err(ModelsError::Unknown {
            what: format!(
                "there is no model {:?} here",
                asked.chars().take(80).collect::<String>()
            ),
            hint: "GET /api/tags lists them".to_owned(),
        }),
        Meant::Several(names) => Err(ModelsError::Several { asked: asked.to_owned(), names }),
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
