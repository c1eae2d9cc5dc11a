//! The batches of every caller, each with its own folder and somebody who works on them.
//!
//! What one caller has sent or got back, no other sees.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use oratory_contract::{At, CallerName, Failure, FailureKind};

use super::Batches;
use super::run::run;
use crate::router::House;

/// The batches of every caller.
pub(crate) struct Desks {
    root: PathBuf,
    known: Mutex<BTreeMap<CallerName, Arc<Batches>>>,
}

impl Desks {
    /// Returns the batches in the folders of callers below this one.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root, known: Mutex::default() }
    }

    /// Works on what earlier runs have left, of everybody.
    pub(crate) fn go_on(&self, house: &Arc<House>) {
        let folders = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        let names = folders.filter_map(|folder| folder.file_name().into_string().ok());
        for name in names.filter(|name| is_plain(name)) {
            self.of(house, &name.into());
        }
    }

    /// Returns the batches of one caller, which are worked on from here on.
    pub(crate) fn of(&self, house: &Arc<House>, caller: &CallerName) -> Arc<Batches> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(batches) = known.get(caller) {
            return batches.clone();
        }
        let batches = Arc::new(Batches::open(self.root.join(caller.as_str())));
        known.insert(caller.clone(), batches.clone());
        house.config.tasks.spawn(run(house.clone(), batches.clone(), caller.clone()));
        batches
    }
}

impl House {
    /// Returns the batches of one caller, and its files.
    pub(crate) fn batches(self: &Arc<Self>, caller: &CallerName) -> Result<Arc<Batches>, Failure> {
        let desks = self.desks.as_ref().filter(|_| is_plain(caller.as_str()));
        let desks = desks.ok_or_else(|| {
            let message = "no files are kept here, and no batches worked on";
            Failure::new(FailureKind::Refused, At::Oratory, message)
                .hint("send the requests one by one")
        })?;
        Ok(desks.of(self, caller))
    }
}

/// Says whether a name may be that of a folder.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.starts_with('.') && !name.is_empty() && name.len() <= 64 && name.chars().all(plain)
}
