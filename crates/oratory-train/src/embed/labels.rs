//! What the teacher says of many texts, kept on disk so that stopping loses minutes at most.
//!
//! A file holds some thousand vectors and is named by the digest of their texts.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::teacher::{Teacher, WIDTH};
use crate::say;

const PER_FILE: usize = 4096;
const BETWEEN_WORDS: Duration = Duration::from_secs(10);

/// Tells a person how far something is and how long it will still take.
pub(super) struct Progress {
    what: String,
    all: usize,
    began: Instant,
    told: Instant,
}

impl Progress {
    /// Starts counting to `all`.
    pub(super) fn new(what: impl Into<String>, all: usize) -> Self {
        Self { what: what.into(), all, began: Instant::now(), told: Instant::now() }
    }

    /// Says where it stands, if it has not done so for a while.
    pub(super) fn at(&mut self, done: usize, more: &str) {
        if done == 0 || (self.told.elapsed() < BETWEEN_WORDS && done < self.all) {
            return;
        }
        self.told = Instant::now();
        let gone = self.began.elapsed().as_secs_f64();
        let left = gone / done as f64 * self.all.saturating_sub(done) as f64;
        say(&format!("{}: {done} of {}{more}, {left:.0} s left", self.what, self.all));
    }
}

/// Returns the teacher's vectors of these runs of pieces, from disk where they are.
pub(super) fn of(
    teacher: &Teacher,
    what: &str,
    texts: &[Vec<u32>],
    folder: &Path,
) -> Result<Vec<f32>> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {folder:?}"))?;
    let mut vectors = Vec::with_capacity(texts.len() * WIDTH);
    let mut progress = Progress::new(format!("teacher, {what}"), texts.len());
    for some in texts.chunks(PER_FILE) {
        let file = file_of(folder, some);
        let found = std::fs::read(&file).ok().map(|bytes| floats(&bytes));
        if let Some(found) = found.filter(|found| found.len() == some.len() * WIDTH) {
            vectors.extend(found);
            continue;
        }
        let before = vectors.len() / WIDTH;
        let made = teacher.vectors(some, |done| progress.at(before + done, ""))?;
        let bytes: Vec<u8> = made.iter().flat_map(|number| number.to_le_bytes()).collect();
        std::fs::write(&file, bytes).with_context(|| format!("cannot write {file:?}"))?;
        vectors.extend(made);
    }
    Ok(vectors)
}

fn file_of(folder: &Path, texts: &[Vec<u32>]) -> PathBuf {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update((text.len() as u64).to_le_bytes());
        text.iter().for_each(|piece| digest.update(piece.to_le_bytes()));
    }
    let name: String = digest.finalize()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    folder.join(name)
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|number| f32::from_le_bytes(*number)).collect()
}
