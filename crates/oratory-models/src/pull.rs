//! A pull, told once: find the model, take hold of its name, make room, fetch, check, put in place.
//!
//! Until everything is here and checked, nothing of it can be seen as a model.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::download::{Checked, Desk, Draft, Meter, check, room};
use crate::hold::Hold;
use crate::index::{Entry, FileEntry, Origin};
use crate::plan::{Part, Plan};
use crate::telling::{Event, Tell};
use crate::{Models, ModelsError, Reference, clock, hugging_face, link, ollama};

/// A model that is here now.
#[derive(Clone, Debug)]
pub struct Pulled {
    /// What is remembered of it.
    pub entry: Entry,
    /// Whether anything had to be fetched.
    pub fresh: bool,
}

/// A model that was found, and of which nothing was fetched yet.
#[derive(Debug)]
pub struct Found {
    reference: Reference,
    plan: Plan,
    here: bool,
}

impl Found {
    /// Returns the name it will have here.
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// Returns its licence, if its page says.
    pub fn licence(&self) -> Option<&str> {
        self.plan.licence.as_deref()
    }

    /// Says whether it is here already.
    pub fn is_here(&self) -> bool {
        self.here
    }
}

impl Models {
    /// Fetches a model. Stopped in the middle, it goes on from there the next time.
    pub async fn pull(&self, reference: &Reference, tell: Tell<'_>) -> Result<Pulled, ModelsError> {
        self.fetch(self.find(reference, tell).await?, tell).await
    }

    /// Finds a model, and fetches nothing of it.
    pub async fn find(&self, reference: &Reference, tell: Tell<'_>) -> Result<Found, ModelsError> {
        if self.config.offline && !matches!(reference, Reference::Path(_)) {
            return Err(ModelsError::Offline);
        }
        let plan = self.plan(reference, tell).await?;
        let plan = self.under_a_free_name(plan, tell).await?.checked()?;
        tell(Event::Found {
            name: plan.name.clone(),
            source: plan.origin.to_string(),
            licence: plan.licence.clone(),
            files: plan.all().count(),
            bytes: plan.bytes(),
        });
        let here = self.known(&plan)?.is_some();
        Ok(Found { reference: reference.clone(), plan, here })
    }

    /// Fetches what was found. Stopped in the middle, it goes on from there the next time.
    pub async fn fetch(&self, found: Found, tell: Tell<'_>) -> Result<Pulled, ModelsError> {
        let Found { reference, plan, .. } = found;
        let hold = Arc::new(Hold::wait(&self.index, &plan.name, tell).await?);
        if let Some(entry) = self.known(&plan)? {
            return Ok(Pulled { entry, fresh: false });
        }
        let drafts = self.drafts()?;
        self.room_for(&plan, &drafts)?;
        let (files, fresh) = self.fetch_all(&plan, &drafts, &hold, tell).await?;
        let entry = self.remember(&reference, &plan, files)?;
        Ok(Pulled { entry, fresh })
    }

    async fn plan(&self, reference: &Reference, tell: Tell<'_>) -> Result<Plan, ModelsError> {
        match reference {
            Reference::HuggingFace { repo, revision, pick } => {
                hugging_face::plan(self, repo, revision, pick, tell).await
            }
            Reference::Ollama { namespace, name, tag } => {
                ollama::plan(self, &ollama::Place { namespace, name, tag }, tell).await
            }
            Reference::Link(url) => link::plan(url),
            Reference::Path(path) => Err(ModelsError::Unknown {
                what: format!("{} is a path, and a file here needs no pulling", path.display()),
                hint: format!("register it with `oratory models import {}`", path.display()),
            }),
        }
    }

    /// Two publishers may call different files the same; the second is called by its owner too.
    async fn under_a_free_name(&self, plan: Plan, tell: Tell<'_>) -> Result<Plan, ModelsError> {
        let entries = self.index.read()?;
        let free = match entries.iter().find(|entry| entry.name == plan.name) {
            Some(entry) => same_source(&entry.from, &plan.origin),
            None => self.not_another(&plan, tell).await,
        };
        Ok(if free { plan } else { plan.with_owner() })
    }

    /// Whether no file of another content has the plan's names.
    async fn not_another(&self, plan: &Plan, tell: Tell<'_>) -> bool {
        for part in &plan.parts {
            let path = self.config.dir.join(&part.file);
            if path.exists() && self.finished(part, &path, tell).await.is_none() {
                return false;
            }
        }
        true
    }

    /// Returns what is remembered of this very model, if all of it is still here.
    fn known(&self, plan: &Plan) -> Result<Option<Entry>, ModelsError> {
        let entries = self.index.read()?;
        let entry = entries.into_iter().find(|entry| entry.name == plan.name);
        Ok(entry.filter(|entry| {
            let here = |file: &FileEntry| {
                fs::metadata(self.index.path(file)).is_ok_and(|data| data.len() == file.bytes)
            };
            let same = entry.all_files().zip(plan.all()).all(|(file, part)| {
                file.path == Path::new(&part.file)
                    && part
                        .sha256
                        .as_ref()
                        .is_none_or(|wanted| file.sha256.as_ref() == Some(wanted))
            });
            let as_many = entry.all_files().count() == plan.all().count();
            same_source(&entry.from, &plan.origin) && as_many && same && entry.all_files().all(here)
        }))
    }

    fn drafts(&self) -> Result<PathBuf, ModelsError> {
        let dir = self.index.own_dir().join("partial");
        fs::create_dir_all(&dir).map_err(ModelsError::disk(&dir, "made"))?;
        Ok(dir)
    }

    fn room_for(&self, plan: &Plan, drafts: &Path) -> Result<(), ModelsError> {
        let missing = plan.all().fold(0_u64, |sum, part| {
            let here = self.config.dir.join(&part.file).exists();
            let have = if here { part.size.unwrap_or(0) } else { have(drafts, part) };
            sum.saturating_add(part.size.unwrap_or(0).saturating_sub(have))
        });
        room(&self.config.free_space, drafts, missing, self.config.margin)
    }

    /// Fetches what is not here, and puts all of it in place when the last byte is checked.
    async fn fetch_all(
        &self,
        plan: &Plan,
        drafts: &Path,
        hold: &Arc<Hold>,
        tell: Tell<'_>,
    ) -> Result<(Vec<Checked>, bool), ModelsError> {
        let meter = Meter::new(plan.bytes(), tell);
        let desk = self.desk(plan, &meter, tell);
        let mut checked = Vec::new();
        let mut moves = Vec::new();
        let mut holds = Vec::new();
        for part in plan.all() {
            // Pulls of other models may want the same file: what lets several of them see.
            let hold = Hold::wait(&self.index, &part.file, tell).await?.under(hold);
            let place = self.config.dir.join(&part.file);
            let ready = drafts.join(format!("{}.ready", part.file));
            let found = match self.finished(part, &place, tell).await {
                Some(found) => {
                    meter.add(found.bytes);
                    found
                }
                None => {
                    let found = self.ready(&desk, plan, part, &ready, &hold).await?;
                    moves.push((ready, place));
                    found
                }
            };
            checked.push(found);
            holds.push(hold);
        }
        meter.finish();
        let fresh = !moves.is_empty();
        // The first part last: the catalogue reads a model from its first part on.
        for (from, to) in moves.into_iter().rev() {
            fs::rename(&from, &to).map_err(ModelsError::disk(&to, "written"))?;
        }
        Ok((checked, fresh))
    }

    fn desk<'a>(&'a self, plan: &Plan, meter: &'a Meter<'a>, tell: Tell<'a>) -> Desk<'a> {
        let config = &self.config;
        Desk {
            web: &self.web,
            token: config.token.as_ref().filter(|_| plan.with_token),
            patience: config.patience,
            connections: config.connections,
            piece: config.piece,
            margin: config.margin,
            free_space: &config.free_space,
            meter,
            tell,
        }
    }

    /// Returns a file that waits for its place, fetching it if no earlier pull has.
    async fn ready(
        &self,
        desk: &Desk<'_>,
        plan: &Plan,
        part: &Part,
        ready: &Path,
        hold: &Arc<Hold>,
    ) -> Result<Checked, ModelsError> {
        if let Some(found) = self.finished(part, ready, desk.tell).await {
            desk.meter.add(found.bytes);
            return Ok(found);
        }
        self.fetch_one(desk, plan, part, ready, hold).await
    }

    async fn fetch_one(
        &self,
        desk: &Desk<'_>,
        plan: &Plan,
        part: &Part,
        ready: &Path,
        hold: &Arc<Hold>,
    ) -> Result<Checked, ModelsError> {
        let drafts = ready.parent().unwrap_or(Path::new("."));
        let draft = Draft::of(drafts, &part.file).held(hold);
        let fetched = desk.fetch(part, &draft).await;
        let checked = fetched.map_err(|error| match &plan.origin {
            Origin::HuggingFace { repo, .. } => hugging_face::refused(self, repo, error),
            _ => error,
        })?;
        fs::rename(&draft.part, ready).map_err(ModelsError::disk(ready, "written"))?;
        draft.discard();
        Ok(checked)
    }

    /// Checks a file that is here, if it is; `None` where it must be fetched.
    async fn finished(&self, part: &Part, path: &Path, tell: Tell<'_>) -> Option<Checked> {
        let bytes = fs::metadata(path).ok()?.len();
        // Without a digest, nothing says that a file of this name is the one that is meant.
        if part.sha256.is_none() || part.size.is_some_and(|size| size != bytes) {
            return None;
        }
        check(path, part, tell).await.ok()
    }

    fn remember(
        &self,
        reference: &Reference,
        plan: &Plan,
        checked: Vec<Checked>,
    ) -> Result<Entry, ModelsError> {
        let mut files: Vec<FileEntry> = plan
            .all()
            .zip(checked)
            .map(|(part, found)| FileEntry {
                path: PathBuf::from(&part.file),
                bytes: found.bytes,
                sha256: Some(found.sha256),
            })
            .collect();
        let projector = plan.projector.as_ref().and_then(|_| files.pop());
        let beside = match &plan.beside {
            Some(texts) => Some(self.index.keep_beside(&plan.name, texts)?),
            None => None,
        };
        let entry = Entry {
            name: plan.name.clone(),
            asked: reference.to_string(),
            from: plan.origin.clone(),
            files,
            projector,
            licence: plan.licence.clone(),
            since: clock::now(),
            beside,
        };
        self.index.add(std::slice::from_ref(&entry))?;
        Ok(entry)
    }
}

fn have(drafts: &Path, part: &Part) -> u64 {
    let ready = drafts.join(format!("{}.ready", part.file));
    fs::metadata(ready).map_or_else(|_| Draft::of(drafts, &part.file).have(part), |data| data.len())
}

/// Whether two models are the same one, perhaps at different times.
fn same_source(known: &Origin, new: &Origin) -> bool {
    match (known, new) {
        (Origin::HuggingFace { repo, .. }, Origin::HuggingFace { repo: new, .. }) => repo == new,
        (known, new) => known == new,
    }
}
