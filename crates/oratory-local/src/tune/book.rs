//! What was found about models, in a file that outlives the server.
//!
//! A file that cannot be read counts as empty: measuring again is all it costs.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Tuned;

/// The most models remembered; the oldest go first.
const MOST: usize = 256;

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    path: PathBuf,
}

#[derive(Default, Serialize, Deserialize)]
struct Pages {
    /// By what each measurement holds for.
    tuned: BTreeMap<String, Tuned>,
}

impl Book {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns what was found for this file, machine and build.
    pub(crate) fn find(&self, holds_for: &str) -> Option<Tuned> {
        self.read().tuned.remove(holds_for)
    }

    /// Writes down what was found.
    pub(crate) fn note(&self, holds_for: String, tuned: Tuned) -> io::Result<()> {
        let mut pages = self.read();
        pages.tuned.insert(holds_for, tuned);
        while pages.tuned.len() > MOST {
            let oldest = pages.tuned.iter().min_by_key(|(_, tuned)| tuned.at);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            pages.tuned.remove(&oldest);
        }
        let text = serde_json::to_vec_pretty(&pages).map_err(io::Error::other)?;
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let draft = self.path.with_extension(format!("{}.draft", std::process::id()));
        let placed = fs::write(&draft, text).and_then(|()| fs::rename(&draft, &self.path));
        if placed.is_err() {
            drop(fs::remove_file(&draft));
        }
        placed
    }

    fn read(&self) -> Pages {
        let text = fs::read(&self.path).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tune::Use;

    fn tuned(at: u64) -> Tuned {
        Tuned {
            threads: 3,
            batch: 256,
            spin: 0,
            repack: false,
            flash: Some(false),
            reads: 1.2,
            writes: 0.9,
            gains: 1.1,
            turns: 5,
            usual: Use::default(),
            at,
        }
    }

    #[test]
    fn what_was_found_is_found_again_and_only_for_that() {
        let dir = tempfile::tempdir().unwrap();
        let book = Book::new(dir.path().join("deep/tuned.json"));
        book.note("a".into(), tuned(1)).unwrap();
        book.note("b".into(), tuned(2)).unwrap();
        assert_eq!(book.find("a"), Some(tuned(1)));
        assert_eq!(book.find("c"), None);
    }

    #[test]
    fn a_damaged_file_is_empty_and_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tuned.json");
        fs::write(&path, "{\"tuned\": {\"a\": 7").unwrap();
        let book = Book::new(path);
        assert_eq!(book.find("a"), None);
        book.note("a".into(), tuned(1)).unwrap();
        assert_eq!(book.find("a"), Some(tuned(1)));
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let book = Book::new(dir.path().join("tuned.json"));
        for at in 0..=MOST as u64 {
            book.note(format!("model {at}"), tuned(at)).unwrap();
        }
        assert_eq!(book.find("model 0"), None);
        assert!(book.find("model 1").is_some());
    }
}
