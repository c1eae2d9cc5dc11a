//! Models made on the spot that say what they were told: no download, no training.
//!
//! Each is a word-level Markov model written into transformer weights. It understands nothing, but the
//! whole engine runs with it, so that tests know what they must hear, how slowly, and for how long.

mod told;
pub(crate) mod vocabulary;
mod weights;

use std::fs::File;
use std::io;
use std::path::Path;

pub use told::Story;

/// Writes a model that tells `story` to `path`.
pub fn write(path: &Path, story: &Story) -> io::Result<()> {
    weights::compile(story).write(File::create(path)?)
}

/// Returns the bytes of a model that tells `story`; equal stories give equal bytes.
pub fn bytes(story: &Story) -> Vec<u8> {
    let mut out = io::Cursor::new(Vec::new());
    weights::compile(story).write(&mut out).expect("memory takes what is written");
    out.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf;

    #[test]
    fn the_file_is_sound_and_always_the_same() {
        let made = bytes(&Story::default());
        assert_eq!(made, bytes(&Story::default()));
        assert!(made.len() < 2 << 20, "{} bytes", made.len());
        let facts = gguf::read(io::Cursor::new(made)).unwrap();
        assert_eq!(facts.architecture.as_deref(), Some("llama"));
        assert_eq!(facts.context, Some(2048));
    }
}
