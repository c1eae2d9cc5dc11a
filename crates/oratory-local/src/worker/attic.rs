//! States of conversations on disk, so that a restart does not compute them again.
//!
//! They hold what people wrote, so each file is sealed with a key of this machine, bound to the
//! very model and settings, and opened only for the partition it was sealed for. What does not
//! open is deleted. The oldest go first when the budget is full.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::lanes::{Copy, Guest, common};
use super::seal::Seal;
use super::shelf::Kept;
use crate::llama::Token;
use crate::protocol::{self, Keep, Partition};

/// A state shorter than this is computed again about as quickly as it is read.
pub(super) const LEAST: usize = 256;
/// The most files that are looked at; each costs a read at the start.
const MOST: usize = 256;

/// No draft takes this long to write.
const DRAFT: Duration = Duration::from_secs(3600);

/// What a file begins with, sealed like the rest.
#[derive(Serialize, Deserialize)]
struct Head {
    partition: Partition,
    tokens: Vec<Token>,
    whole: u64,
    copies: Vec<(u64, u64)>,
}

/// A file, as far as it is known without reading it all.
struct Stored {
    path: PathBuf,
    partition: Partition,
    tokens: Vec<Token>,
    copies: Vec<usize>,
    bytes: u64,
    used: SystemTime,
}

/// The sealed states of one model.
pub(super) struct Attic {
    dir: PathBuf,
    budget: u64,
    seal: Seal,
    cuttable: bool,
    stored: Vec<Stored>,
}

impl Attic {
    /// Opens the folder of states that belong to `fingerprint`. Where that fails there are
    /// none, and none are kept.
    pub(super) fn open(
        from: &protocol::Attic,
        fingerprint: [u8; 32],
        cuttable: bool,
    ) -> Option<Self> {
        let name: String = fingerprint[..12].iter().map(|byte| format!("{byte:02x}")).collect();
        let dir = from.dir.join(name);
        fs::create_dir_all(&dir).ok()?;
        keep_within(&from.dir, from.bytes);
        let seal = Seal::new(&from.key, fingerprint)?;
        let mut attic = Self { dir, budget: from.bytes, seal, cuttable, stored: Vec::new() };
        attic.look();
        Some(attic)
    }

    fn look(&mut self) {
        let mut files = files(&self.dir);
        files.sort_by_key(|(_, used)| std::cmp::Reverse(*used));
        let (states, others): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|(path, _)| path.extension().is_some_and(|end| end == "state"));
        for (number, (path, _)) in states.iter().enumerate() {
            match number < MOST {
                true => self.stored.extend(self.read_head(path)),
                false => drop(fs::remove_file(path)),
            }
        }
        self.stored.sort_by_key(|stored| stored.used);
        // A draft this old is of a process that is gone.
        let old = |used: &SystemTime| used.elapsed().is_ok_and(|age| age > DRAFT);
        others
            .iter()
            .filter(|(_, used)| old(used))
            .for_each(|(path, _)| drop(fs::remove_file(path)));
    }

    fn read_head(&self, path: &Path) -> Option<Stored> {
        let read = || {
            let data = fs::metadata(path).ok()?;
            let head: Head = postcard::from_bytes(&self.seal.open_first(path)?).ok()?;
            Some((data, head))
        };
        let Some((data, head)) = read() else {
            drop(fs::remove_file(path));
            return None;
        };
        Some(Stored {
            path: path.to_owned(),
            partition: head.partition,
            tokens: head.tokens,
            copies: head.copies.iter().map(|(length, _)| *length as usize).collect(),
            bytes: data.len(),
            used: data.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        })
    }

    /// Returns how much of a prompt a state up here spares.
    pub(super) fn best(&self, guest: Guest<'_>) -> Option<(usize, PathBuf)> {
        let found = self.stored.iter().map(|stored| (self.reusable(stored, guest), stored));
        let (length, stored) = found.max_by_key(|(length, _)| *length)?;
        (length >= LEAST).then(|| (length, stored.path.clone()))
    }

    fn reusable(&self, stored: &Stored, guest: Guest<'_>) -> usize {
        if stored.partition != guest.partition {
            return 0;
        }
        let same = common(&stored.tokens, guest.prompt);
        if self.cuttable || same == stored.tokens.len() {
            return same;
        }
        stored.copies.iter().copied().filter(|length| *length <= same).max().unwrap_or(0)
    }

    /// Reads a state; one that does not open is deleted.
    pub(super) fn fetch(&mut self, path: &Path) -> Option<Kept> {
        let kept = self.read(path);
        match &kept {
            Some(kept) => self.touch(path, kept.used),
            None => self.forget(path),
        }
        kept
    }

    fn read(&self, path: &Path) -> Option<Kept> {
        let (head, mut body) = self.seal.open(path)?;
        let head: Head = postcard::from_bytes(&head).ok()?;
        let whole_length = usize::try_from(head.whole).ok()?;
        if body.len() < whole_length {
            return None;
        }
        let mut rest = body.split_off(whole_length);
        let mut copies = Vec::new();
        for (length, bytes) in head.copies {
            let bytes = usize::try_from(bytes).ok().filter(|bytes| *bytes <= rest.len())?;
            let after = rest.split_off(bytes);
            copies.push(Copy { length: length as usize, state: rest.into() });
            rest = after;
        }
        let (partition, tokens, whole) = (head.partition, head.tokens, Arc::from(body));
        let (used, stored) = (SystemTime::now(), AtomicBool::new(true));
        Some(Kept { partition, keep: Keep::Disk, tokens, whole, copies, used, stored })
    }

    /// Writes a state. On a full or broken disk it is simply not there later.
    pub(super) fn store(&mut self, kept: &Kept) {
        if kept.keep != Keep::Disk || kept.tokens.len() < LEAST || !self.has_room_for(kept) {
            return;
        }
        let (contained, others): (Vec<Stored>, Vec<Stored>) =
            std::mem::take(&mut self.stored).into_iter().partition(|stored| {
                stored.partition == kept.partition
                    && common(&stored.tokens, &kept.tokens) == stored.tokens.len()
            });
        self.stored = others;
        if let Some(stored) = self.write(kept) {
            // Only now: until the longer one is there, its beginning is worth having.
            contained
                .iter()
                .filter(|old| old.path != stored.path)
                .for_each(|old| drop(fs::remove_file(&old.path)));
            let later = self.stored.partition_point(|other| other.used <= stored.used);
            self.stored.insert(later, stored);
        } else {
            self.stored.extend(contained);
        }
        self.make_room();
    }

    /// Says whether a state fits beside those that were used later.
    fn has_room_for(&self, kept: &Kept) -> bool {
        let later = self.stored.iter().filter(|stored| stored.used > kept.used);
        let taken: u64 = later.map(|stored| stored.bytes).sum();
        taken + kept.bytes() <= self.budget
    }

    fn write(&self, kept: &Kept) -> Option<Stored> {
        let head = Head {
            partition: kept.partition,
            tokens: kept.tokens.clone(),
            whole: kept.whole.len() as u64,
            copies: kept
                .copies
                .iter()
                .map(|copy| (copy.length as u64, copy.state.len() as u64))
                .collect(),
        };
        let copies = kept.copies.iter().map(|copy| &copy.state[..]);
        let parts: Vec<&[u8]> = std::iter::once(&kept.whole[..]).chain(copies).collect();
        let head_bytes = postcard::to_allocvec(&head).ok()?;
        let name = self.seal.name(&head_bytes);
        let path = self.dir.join(format!("{name}.state"));
        let draft = self.dir.join(format!("{name}.{}.draft", std::process::id()));
        let written = self.seal.write(&draft, &head_bytes, &parts);
        if written.and_then(|()| fs::rename(&draft, &path)).is_err() {
            drop(fs::remove_file(&draft));
            return None;
        }
        set_used(&path, kept.used);
        Some(Stored {
            bytes: fs::metadata(&path).ok()?.len(),
            path,
            partition: kept.partition,
            tokens: head.tokens,
            copies: kept.copies.iter().map(|copy| copy.length).collect(),
            used: kept.used,
        })
    }

    fn make_room(&mut self) {
        let mut bytes: u64 = self.stored.iter().map(|stored| stored.bytes).sum();
        while (bytes > self.budget || self.stored.len() > MOST) && !self.stored.is_empty() {
            let oldest = self.stored.remove(0);
            bytes -= oldest.bytes;
            drop(fs::remove_file(&oldest.path));
        }
    }

    /// Notes that a state was used: the latest used is the last to go.
    fn touch(&mut self, path: &Path, used: SystemTime) {
        set_used(path, used);
        if let Some(at) = self.stored.iter().position(|stored| stored.path == path) {
            let mut stored = self.stored.remove(at);
            stored.used = used;
            self.stored.push(stored);
        }
    }

    fn forget(&mut self, path: &Path) {
        drop(fs::remove_file(path));
        self.stored.retain(|stored| stored.path != path);
    }
}

/// Marks a file as last used then; where that fails it goes sooner than it should.
fn set_used(path: &Path, used: SystemTime) {
    if let Ok(file) = fs::File::options().append(true).open(path) {
        drop(file.set_modified(used));
    }
}

/// Returns the files of a folder and when each was last changed.
fn files(dir: &Path) -> Vec<(PathBuf, SystemTime)> {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    let changed = |file: fs::DirEntry| {
        let changed = file.metadata().and_then(|data| data.modified());
        (file.path(), changed.unwrap_or(SystemTime::UNIX_EPOCH))
    };
    files.map(changed).collect()
}

/// Deletes the oldest states of all models until the rest is within the budget: those of a model
/// that is gone would stay for ever otherwise.
fn keep_within(dir: &Path, budget: u64) {
    let mut states: Vec<_> = files(dir)
        .iter()
        .filter(|(path, _)| path.is_dir())
        .flat_map(|(path, _)| files(path))
        .collect();
    states.sort_by_key(|(_, used)| std::cmp::Reverse(*used));
    let mut bytes = 0_u64;
    for (path, _) in states {
        bytes = bytes.saturating_add(fs::metadata(&path).map_or(0, |data| data.len()));
        if bytes > budget {
            drop(fs::remove_file(&path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attic(dir: &Path, bytes: u64) -> Attic {
        let from = protocol::Attic { dir: dir.to_owned(), key: [7; 32], bytes };
        Attic::open(&from, [1; 32], true).unwrap()
    }

    fn kept(first: Token, seconds: u64) -> Kept {
        Kept {
            partition: [1; 16],
            keep: Keep::Disk,
            tokens: (first..).take(LEAST).collect(),
            whole: vec![0; 100_000].into(),
            copies: Vec::new(),
            used: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
            stored: AtomicBool::new(false),
        }
    }

    fn knows(attic: &Attic, kept: &Kept) -> bool {
        let guest = Guest { prompt: &kept.tokens, partition: [1; 16], keep: Keep::Disk };
        attic.best(guest).is_some()
    }

    #[test]
    fn what_was_used_earlier_never_takes_the_place_of_what_was_used_later() {
        let dir = tempfile::tempdir().unwrap();
        let (new, old) = (kept(1000, 200), kept(5000, 100));
        let mut attic = attic(dir.path(), 150_000);
        attic.store(&new);
        attic.store(&old);
        assert!(knows(&attic, &new) && !knows(&attic, &old));
        attic.store(&kept(9000, 300));
        assert!(!knows(&attic, &new), "the newest of all does");
    }

    #[test]
    fn the_order_outlives_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let (new, old) = (kept(1000, 200), kept(5000, 100));
        let mut before = attic(dir.path(), 250_000);
        before.store(&new);
        before.store(&old);
        drop(before);
        let mut after = attic(dir.path(), 250_000);
        after.store(&kept(9000, 300));
        assert!(knows(&after, &new) && !knows(&after, &old));
    }
}
