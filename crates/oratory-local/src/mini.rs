//! The built-in stand-in model `mini`, made by this program: no download, no training.
//!
//! It is a word-level Markov model written into transformer weights. It understands nothing and
//! says so; it is there so that the first run and every test work with no network.

mod story;
#[cfg(test)]
mod trained;
pub(crate) mod vocabulary;
mod weights;

use std::fs::{self, File};
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

pub use story::Story;

/// The name of the built-in model.
pub const NAME: &str = "mini";

/// Makes sure that the built-in model lies in `dir` as this program makes it, and returns where.
///
/// The file appears whole or not at all: it is written beside its place and then renamed.
pub fn ensure(dir: &Path) -> io::Result<PathBuf> {
    let path = dir.join("mini.gguf");
    let bytes = bytes(&Story::default())?;
    if fs::read(&path).is_ok_and(|found| found == bytes) {
        return Ok(path);
    }
    fs::create_dir_all(dir)?;
    // The process number keeps two programs that start at once out of each other's way.
    let draft = dir.join(format!(".mini-{}.part", std::process::id()));
    // No sync: a file lost with the power is found out and made again at the next start.
    let done = fs::write(&draft, &bytes).and_then(|()| fs::rename(&draft, &path));
    if done.is_err() {
        // Half a file on a full disk would only make it fuller.
        let _ = fs::remove_file(&draft);
    }
    done.map(|()| path)
}

/// Writes a model that tells `story` to `path`.
pub fn write(path: &Path, story: &Story) -> io::Result<()> {
    weights::compile(story).write(File::create(path)?)
}

/// Returns the bytes of a model that tells `story`; equal stories give equal bytes.
fn bytes(story: &Story) -> io::Result<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    weights::compile(story).write(&mut out)?;
    Ok(out.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf;

    #[test]
    fn the_file_is_sound_and_always_the_same() {
        let made = bytes(&Story::default()).unwrap();
        assert_eq!(made, bytes(&Story::default()).unwrap());
        assert!(made.len() < 2 << 20, "{} bytes", made.len());
        let facts = gguf::read(Cursor::new(made)).unwrap();
        assert_eq!(facts.architecture.as_deref(), Some("llama"));
        assert_eq!(facts.context, Some(2048));
    }

    #[test]
    fn a_damaged_file_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = ensure(dir.path()).unwrap();
        fs::write(&path, b"half a fi").unwrap();
        assert_eq!(ensure(dir.path()).unwrap(), path);
        assert_eq!(fs::read(&path).unwrap(), bytes(&Story::default()).unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "a draft was left behind");
    }
}
