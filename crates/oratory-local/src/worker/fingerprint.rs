//! What a saved state belongs to: the model's very weights, and how it is run.
//!
//! Reading gigabytes to hash them would take longer than what a state spares, so the header,
//! the length, the time of the last change and samples from all over the file stand for it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use crate::llama;
use crate::protocol::{Load, VERSION};

/// The beginning of the file, with the header of nearly every model.
const FRONT: u64 = 4 << 20;
const SAMPLES: u64 = 64;
const SAMPLE: u64 = 16 << 10;

/// Returns what states of this model, run this way, belong to.
pub(super) fn of(load: &Load, lane_size: usize) -> io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    add_file(&mut digest, &load.path)?;
    let tuning = &load.tuning;
    digest.update(VERSION.to_le_bytes());
    // The engine's own version decides how a state is laid out.
    digest.update(llama::version());
    digest.update((lane_size as u64).to_le_bytes());
    digest.update([u8::from(tuning.small_cells), tuning.flash.map_or(2, u8::from)]);
    Ok(digest.finalize().into())
}

/// Adds what stands for a file's content.
pub(crate) fn add_file(digest: &mut Sha256, path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let data = file.metadata()?;
    let changed = data.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    digest.update(data.len().to_le_bytes());
    digest.update(changed.as_nanos().to_le_bytes());
    let mut piece = Vec::new();
    (&mut file).take(FRONT).read_to_end(&mut piece)?;
    digest.update(&piece);
    for sample in 0..SAMPLES {
        let at = (data.len() / SAMPLES).saturating_mul(sample);
        file.seek(SeekFrom::Start(at))?;
        piece.clear();
        (&mut file).take(SAMPLE).read_to_end(&mut piece)?;
        digest.update(&piece);
    }
    Ok(())
}
