//! The models that come with the program.
//!
//! llama.cpp reads files, so a model that is asked for is first written beside the program's data, and
//! compared with the program's own copy before every load: what was damaged is written anew.

#[cfg(test)]
mod trained;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::catalog::Damaged;
use crate::gguf::{self, Facts};

/// A model that comes with the program.
#[derive(Clone, Copy)]
pub struct BuiltIn {
    /// The name it is asked for by.
    pub name: &'static str,
    /// Its file.
    pub bytes: &'static [u8],
}

impl fmt::Debug for BuiltIn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({} bytes)", self.name, self.bytes.len())
    }
}

impl BuiltIn {
    /// Returns where in `folder` its file lies.
    pub(crate) fn path(self, folder: &Path) -> PathBuf {
        folder.join(self.name).with_extension("gguf")
    }

    /// Returns what its file says.
    pub(crate) fn facts(self) -> Result<Facts, Damaged> {
        gguf::read(Cursor::new(self.bytes)).map_err(|error| Damaged {
            message: format!("this program's own copy is damaged: {error}"),
            hint: "install Oratory again".into(),
        })
    }

    /// Makes sure that its file lies whole at `path`, or says why it cannot.
    pub(crate) fn ensure(self, path: &Path) -> Result<(), Damaged> {
        ensure(path, self.bytes).map_err(|error| {
            let folder = path.parent().unwrap_or(path).display();
            Damaged {
                message: format!("it cannot be written to {folder}: {error}"),
                hint: "make room there, allow writing, or choose another data folder".into(),
            }
        })
    }
}

/// The file appears whole or not at all: it is written beside its place and then renamed.
fn ensure(path: &Path, bytes: &[u8]) -> io::Result<()> {
    /// Several requests may want the same file at once; one of them writes it.
    static WRITING: Mutex<()> = Mutex::new(());
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    if holds(path, bytes).unwrap_or(false) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // The process number keeps two programs that start at once out of each other's way.
    let draft = path.with_extension(format!("{}.part", std::process::id()));
    // No sync: a file lost with the power is found out and written again before the next load.
    let done = fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, path));
    if done.is_err() {
        // Half a file on a full disk would only make it fuller.
        let _ = fs::remove_file(&draft);
    }
    done
}

/// Says whether a file holds exactly these bytes.
fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    if file.get_ref().metadata()?.len() != bytes.len() as u64 {
        return Ok(false);
    }
    let mut piece = vec![0; 1 << 16];
    for wanted in bytes.chunks(piece.len()) {
        let piece = &mut piece[..wanted.len()];
        file.read_exact(piece)?;
        if piece != wanted {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("own/m.gguf");
        for damage in [None, Some(&b"the bytez"[..]), Some(b"the by"), Some(b"the bytes and more")]
        {
            if let Some(damage) = damage {
                fs::write(&path, damage).unwrap();
            }
            ensure(&path, b"the bytes").unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"the bytes");
        }
        let left = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1, "a draft was left behind");
    }

    #[test]
    fn several_may_want_it_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("own/m.gguf");
        let bytes = vec![7; 1 << 20];
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(|| ensure(&path, &bytes))).collect();
            all.into_iter().for_each(|one| one.join().unwrap().unwrap());
        });
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }

    #[test]
    fn a_file_that_is_whole_is_not_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.gguf");
        ensure(&path, b"the bytes").unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        ensure(&path, b"the bytes").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    }
}
