//! What can go wrong with the database file, in words a person can act on.
//!
//! Every error names the file, the cause and the next step. None carries a row's content.

use std::path::{Path, PathBuf};

use oratory_contract::BoxError;
use rusqlite::ErrorCode;

/// Says what is wrong with the database file.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the records database {}: {problem}", path.display())]
pub struct StoreError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
    /// What caused it, for the log.
    #[source]
    pub source: Option<BoxError>,
}

/// What is wrong with a database file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file or its folder cannot be created or written.
    #[error("it cannot be written ({0})")]
    Unwritable(String),
    /// It is not there.
    #[error("there is no such file yet")]
    Missing,
    /// Its content makes no sense.
    #[error("it is damaged or no SQLite database ({0})")]
    Corrupt(String),
    /// It is a healthy database of something else.
    #[error("it belongs to another program")]
    Foreign,
    /// A later Oratory wrote it.
    #[error("it has format {found}, and this Oratory knows formats up to {known}")]
    Newer {
        /// The format of the file.
        found: i64,
        /// The newest format this program knows.
        known: i64,
    },
    /// An earlier Oratory wrote it, and reading alone may not change it.
    #[error("it has the older format {found}")]
    Older {
        /// The format of the file.
        found: i64,
    },
    /// Another program holds it.
    #[error("another program holds it locked")]
    Locked,
    /// There is no room left.
    #[error("the disk is full")]
    Full,
    /// The file was moved or removed while we had it open.
    #[error("it was moved away while in use")]
    Gone,
    /// Anything else the database or the disk reports.
    #[error("{0}")]
    Other(String),
}

impl StoreError {
    pub(crate) fn new(path: &Path, problem: Problem) -> Self {
        Self { path: path.to_owned(), problem, source: None }
    }

    pub(crate) fn from_sqlite(path: &Path, error: rusqlite::Error) -> Self {
        let text = error.to_string();
        let problem = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Problem::Locked,
            Some(ErrorCode::DiskFull) => Problem::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Problem::Corrupt(text),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                Problem::Unwritable(why_unwritable(path).unwrap_or(text))
            }
            _ => Problem::Other(text),
        };
        Self { path: path.to_owned(), problem, source: Some(error.into()) }
    }

    /// Returns what to do next, for a person.
    pub fn hint(&self) -> String {
        let path = self.path.display();
        match &self.problem {
            Problem::Unwritable(_) => {
                format!("make {path} and its folder writable for this user, or set another folder")
            }
            Problem::Missing => "it is made when `oratory up` first starts".to_owned(),
            Problem::Corrupt(_) => format!(
                "run `oratory doctor`; nothing was changed in it, and once you move {path} away \
                 a new one is started"
            ),
            Problem::Foreign => "set another folder for Oratory's data".to_owned(),
            Problem::Newer { .. } => {
                "use the newer Oratory that wrote it, or set another folder".to_owned()
            }
            Problem::Older { .. } => "start `oratory up` once to bring it up to date".to_owned(),
            Problem::Locked => format!("find who holds it with `fuser {path}` and end it"),
            Problem::Full => "free some space; writing resumes by itself".to_owned(),
            Problem::Gone => "a new file is started in its place".to_owned(),
            Problem::Other(_) => "run `oratory doctor`".to_owned(),
        }
    }
}

/// Returns the system's own reason, which SQLite does not pass on.
///
/// Tries a file beside the database, never the database itself: closing a second handle to it
/// would drop the locks that other connections of this process hold.
fn why_unwritable(path: &Path) -> Option<String> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => return Some("it is a folder".to_owned()),
        Ok(found) if found.permissions().readonly() => return Some("it is read-only".to_owned()),
        _ => {}
    }
    let beside = path.with_extension("probe");
    let tried = std::fs::File::create_new(&beside);
    if tried.is_ok() {
        // Left behind it would only be an empty file; the answer is the same either way.
        let _ = std::fs::remove_file(&beside);
    }
    tried.err().map(|error| error.to_string())
}
