//! Makes, lists and removes keys, also while a service runs, which sees it with its next request.
//!
//! What a name has spent stays when its key goes, so that a new key does not begin anew.

use std::path::{Path, PathBuf};

use oratory_contract::{BoxError, Budget, CallerName, GroupName, Rights};
use rusqlite::{Connection, Row, TransactionBehavior, params};

use super::{CallerKey, CallersError, file, key, tally};
use crate::StoreError;

/// The keys there are.
pub struct KeyBook {
    path: PathBuf,
}

/// What is known of a key; never the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// Whose it is.
    pub name: CallerName,
    /// How it begins.
    pub begins: String,
    /// What it allows.
    pub rights: Rights,
    /// When it was made, in seconds since 1970.
    pub made: u64,
    /// What was spent of each budget in the window that is now.
    pub spent: Vec<u64>,
}

impl KeyBook {
    /// Returns the keys that are kept in this file, or will be.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Makes a key, which is told this once.
    pub fn add(&self, name: &str, rights: &Rights, now: u64) -> Result<CallerKey, CallersError> {
        let key = CallerKey::new()?;
        let mut connection = file::make(&self.path)?;
        // It is worth a disk flush: a key that was handed out must not be gone after a power cut.
        let full = connection.pragma_update(None, "synchronous", "full");
        full.map_err(|error| self.error(error))?;
        let text = |list: &[String]| serde_json::to_string(list).expect("texts always serialise");
        let groups: Vec<String> = rights.groups.iter().map(ToString::to_string).collect();
        let budgets: Vec<String> = rights.budgets.iter().map(ToString::to_string).collect();
        let row = params![
            name,
            key::hash(key.reveal().as_bytes()),
            key.begins(),
            text(&groups),
            rights.clearance.map(|level| level.as_str()),
            rights.label.map(|level| level.as_str()),
            text(&rights.models),
            text(&budgets),
            now as i64,
            rights.expires.map(|expires| expires as i64),
        ];
        let insert = "INSERT INTO caller VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
             ON CONFLICT (name) DO NOTHING";
        let added = change(&mut connection, insert, row).map_err(|error| self.error(error))?;
        if added { Ok(key) } else { Err(CallersError::Taken(name.to_owned())) }
    }

    /// Removes a key, and says whether it was there.
    pub fn remove(&self, name: &str) -> Result<bool, CallersError> {
        let Some(mut connection) = self.open()? else { return Ok(false) };
        let removed = change(&mut connection, "DELETE FROM caller WHERE name = ?1", [name]);
        Ok(removed.map_err(|error| self.error(error))?)
    }

    /// Returns the keys there are, by name.
    pub fn list(&self, now: u64) -> Result<Vec<KnownKey>, CallersError> {
        let Some(connection) = self.open()? else { return Ok(Vec::new()) };
        let listed = || {
            let mut keys = all(&connection)?;
            for key in &mut keys {
                let spent = key.rights.budgets.iter().map(|budget| {
                    tally::spent(&connection, &key.name, budget, budget.period.window(now).0)
                });
                key.spent = spent.collect::<rusqlite::Result<_>>()?;
            }
            Ok(keys)
        };
        Ok(listed().map_err(|error| self.error(error))?)
    }

    fn open(&self) -> Result<Option<Connection>, StoreError> {
        match file::identity(&self.path)? {
            Some(_) => file::open(&self.path).map(Some),
            None => Ok(None),
        }
    }

    fn error(&self, error: rusqlite::Error) -> StoreError {
        StoreError::from_sqlite(&self.path, error)
    }
}

/// Changes the callers there are, and says whether that changed anything.
fn change(
    connection: &mut Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let changed = transaction.execute(sql, parameters)? > 0;
    transaction.execute("UPDATE change SET count = count + 1", [])?;
    transaction.commit()?;
    Ok(changed)
}

/// Reads all keys, without what was spent.
fn all(connection: &Connection) -> rusqlite::Result<Vec<KnownKey>> {
    let mut rows = connection.prepare(
        "SELECT name, begins, groups, clearance, label, models, budgets, made, expires \
         FROM caller ORDER BY name",
    )?;
    rows.query_map([], |row| {
        Ok(KnownKey {
            name: row.get::<_, String>(0)?.into(),
            begins: row.get(1)?,
            rights: rights(row)?,
            made: row.get::<_, i64>(7)?.unsigned_abs(),
            spent: Vec::new(),
        })
    })?
    .collect()
}

/// Reads what a caller may, from columns that are called so.
pub(super) fn rights(row: &Row<'_>) -> rusqlite::Result<Rights> {
    let level = |name: &str| {
        let text: Option<String> = row.get(name)?;
        text.map(|text| text.parse().map_err(wrong)).transpose()
    };
    let groups: Vec<String> = list(row, "groups")?;
    let budgets: Vec<Budget> = list(row, "budgets")?;
    Ok(Rights {
        groups: groups.into_iter().map(GroupName::from).collect(),
        clearance: level("clearance")?,
        label: level("label")?,
        models: list(row, "models")?,
        budgets,
        expires: row.get::<_, Option<i64>>("expires")?.map(i64::unsigned_abs),
    })
}

fn list<T: serde::de::DeserializeOwned>(row: &Row<'_>, name: &str) -> rusqlite::Result<Vec<T>> {
    let text: String = row.get(name)?;
    serde_json::from_str(&text).map_err(wrong)
}

/// Says that a row holds what no Oratory has written: then nobody may ask, and not everybody.
fn wrong(error: impl Into<BoxError>) -> rusqlite::Error {
    let text = rusqlite::types::Type::Text;
    rusqlite::Error::FromSqlConversionFailure(0, text, error.into())
}
