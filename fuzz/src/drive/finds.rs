//! Keeps what was found as files, one for each thing that went wrong.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::watch::Verdict;

/// What one target has brought about.
pub(crate) struct Finds {
    target: &'static str,
    folder: PathBuf,
    known: HashSet<u64>,
    wrong: HashSet<String>,
}

impl Finds {
    pub(crate) fn new(target: &'static str, folder: &Path) -> Self {
        let (known, wrong) = (HashSet::new(), HashSet::new());
        Self { target, folder: folder.to_owned(), known, wrong }
    }

    /// Says whether any of the notes is new.
    pub(crate) fn is_new(&mut self, notes: &[u64]) -> bool {
        notes.iter().fold(false, |new, note| self.known.insert(*note) || new)
    }

    /// Keeps an input that did not go well, if it is the first that went wrong so.
    pub(crate) fn judge(&mut self, input: &[u8], verdict: Verdict) {
        let (sort, words) = match verdict {
            Verdict::Good(notes) => {
                self.is_new(&notes);
                return;
            }
            // The first line says where, which is what tells finds apart.
            Verdict::Panicked(said) => (said.lines().next().unwrap_or_default().to_owned(), said),
            Verdict::Slow(took) => ("slow".to_owned(), format!("it took {took:.1?}")),
        };
        if self.wrong.insert(sort) {
            keep(&self.folder, self.target, input, &words);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.wrong.len()
    }
}

/// Writes an input into a file and says what is wrong with it.
pub(crate) fn keep(folder: &Path, target: &str, input: &[u8], words: &str) {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let path = folder.join(target).join(format!("{:016x}", hasher.finish()));
    let written =
        std::fs::create_dir_all(folder.join(target)).and_then(|()| std::fs::write(&path, input));
    println!("{target}: {words}");
    match written {
        Ok(()) => println!(
            "  kept; to try it again: cargo xtask fuzz {target} --input {}",
            path.display()
        ),
        Err(error) => println!("  {} cannot be written: {error}", path.display()),
    }
}
