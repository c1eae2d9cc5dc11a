//! Looks callers up by their keys, for every request anew: a key that is gone opens nothing more.
//!
//! All of them are in memory; a lookup asks the database only whether something has changed, which
//! takes some microseconds.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use oratory_contract::{Caller, CallerName, Callers, Failure};
use rusqlite::Connection;

use super::file::Identity;
use super::{CallersError, book, file, key};
use crate::StoreError;

/// The callers that have keys.
pub struct KnownCallers {
    path: PathBuf,
    open: Mutex<Option<Open>>,
}

struct Open {
    identity: Identity,
    connection: Connection,
    /// How often callers had changed when they were read.
    changes: i64,
    by_hash: HashMap<[u8; 32], Caller>,
}

impl KnownCallers {
    /// Returns the callers that are kept in this file, or will be.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), open: Mutex::new(None) }
    }

    /// Looks at the callers as they are now.
    fn now<T>(
        &self,
        look: impl FnOnce(&HashMap<[u8; 32], Caller>) -> T,
    ) -> Result<T, CallersError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(identity) = file::identity(&self.path)? else {
            *open = None;
            return Ok(look(&HashMap::new()));
        };
        let known = match open.take().filter(|open| open.identity == identity) {
            Some(known) => known,
            None => Open {
                identity,
                connection: file::open(&self.path)?,
                changes: -1,
                by_hash: HashMap::new(),
            },
        };
        // What cannot be read is let go, and opened anew the next time.
        let known = known.read().map_err(|error| StoreError::from_sqlite(&self.path, error))?;
        Ok(look(&open.insert(known).by_hash))
    }
}

impl Open {
    /// Reads the callers again if they have changed.
    fn read(mut self) -> rusqlite::Result<Self> {
        // Counted before they are read: what changes in between is read again the next time.
        let changes = "SELECT count FROM change";
        let changes: i64 =
            self.connection.prepare_cached(changes)?.query_row([], |row| row.get(0))?;
        if changes != self.changes {
            self.by_hash = self.callers()?;
            self.changes = changes;
        }
        Ok(self)
    }

    fn callers(&self) -> rusqlite::Result<HashMap<[u8; 32], Caller>> {
        let mut rows = self.connection.prepare("SELECT * FROM caller")?;
        let rows = rows.query_map([], |row| {
            let name: String = row.get("name")?;
            let rights = Some(book::rights(row)?.into());
            Ok((row.get("hash")?, Caller { name: name.into(), rights }))
        })?;
        rows.collect()
    }
}

impl Callers for KnownCallers {
    fn by_key(&self, key: &[u8]) -> Result<Option<Caller>, Failure> {
        let hash = key::hash(key);
        self.now(|known| known.get(&hash).cloned()).map_err(CallersError::failure)
    }

    fn by_name(&self, name: &CallerName) -> Result<Option<Caller>, Failure> {
        self.now(|known| known.values().find(|caller| caller.name == *name).cloned())
            .map_err(CallersError::failure)
    }

    fn any(&self) -> Result<bool, Failure> {
        self.now(|known| !known.is_empty()).map_err(CallersError::failure)
    }
}
