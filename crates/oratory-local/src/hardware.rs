//! What this machine has for models: memory, cores, graphics cards, and how fast memory is read.
//!
//! Reads what the system says and measures the rest within a bounded time; decides nothing.

mod meters;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use crate::{llama, machine};

pub use meters::{EnergyMeter, peak_memory};

/// How long reading memory is measured.
const MEASURED: Duration = Duration::from_millis(400);
/// Larger than the last cache of a large processor.
const BUFFER: u64 = 512 << 20;

/// What this machine has.
#[derive(Clone, Debug, PartialEq)]
pub struct Hardware {
    /// Memory that this process may use, in bytes, as the machine or its container allows.
    pub memory: u64,
    /// What of it is free, or held for files that can be read again.
    pub available: Option<u64>,
    /// Whether a container allows less than the machine has.
    pub limited: bool,
    /// Cores that compute.
    pub cores: usize,
    /// Graphics cards that this build can use.
    pub cards: Vec<Card>,
    /// Whether cards and processor share their memory.
    pub unified: bool,
}

/// A graphics card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What it calls itself.
    pub name: String,
    /// Its memory in bytes.
    pub memory: u64,
    /// What of it is free.
    pub available: u64,
}

impl Hardware {
    /// Looks at this machine.
    pub fn look() -> Self {
        let memory = machine::memory().unwrap_or(0);
        let limit = limits(Path::new("/sys/fs/cgroup"), Path::new("/proc/self/cgroup"));
        let held = limit.map(|(limit, used)| limit.saturating_sub(used));
        let allowed = limit.map_or(memory, |(limit, _)| limit.min(memory));
        let free = available();
        Self {
            memory: allowed,
            available: free.map(|free| held.map_or(free, |held| held.min(free))),
            limited: allowed < memory,
            cores: machine::physical_cores(),
            cards: llama::cards(),
            unified: cfg!(all(target_os = "macos", target_arch = "aarch64")),
        }
    }

    /// Returns what a model may take: what is free now, and never the last sixteenth of all.
    pub fn room(&self) -> u64 {
        let most = self.memory - self.memory / 16;
        self.available.map_or(most, |available| available.min(most))
    }
}

/// Returns what this machine may use for models at most, its container's limit included.
pub(crate) fn most() -> Option<u64> {
    let memory = machine::memory()?;
    let limit = limits(Path::new("/sys/fs/cgroup"), Path::new("/proc/self/cgroup"));
    let memory = limit.map_or(memory, |(limit, _)| limit.min(memory));
    Some(memory - memory / 16)
}

/// Returns what the system could give away, where it says.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// Returns the tightest limit that containers around this process set, and what is used of it.
///
/// Files kept in memory count as used there but can be let go, so they are taken off.
fn limits(root: &Path, own: &Path) -> Option<(u64, u64)> {
    let own = std::fs::read_to_string(own).ok()?;
    let mut found: Option<(u64, u64)> = None;
    for line in own.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(kind), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let (base, limit, used) = match kind {
            "" => (root.to_owned(), "memory.max", "memory.current"),
            kind if kind.split(',').any(|kind| kind == "memory") => {
                (root.join("memory"), "memory.limit_in_bytes", "memory.usage_in_bytes")
            }
            _ => continue,
        };
        for folder in folders(&base, path) {
            let number = |file: &str| -> Option<u64> {
                std::fs::read_to_string(folder.join(file)).ok()?.trim().parse().ok()
            };
            let Some(limit) = number(limit) else { continue };
            let used = number(used).unwrap_or(0).saturating_sub(files(&folder));
            if found.is_none_or(|(least, _)| limit < least) {
                found = Some((limit, used));
            }
        }
    }
    found
}

/// Returns a group's folder and all around it. Inside a container only the outermost may be there.
fn folders(base: &Path, path: &str) -> Vec<PathBuf> {
    let own = base.join(path.trim_start_matches('/'));
    own.ancestors().take_while(|folder| folder.starts_with(base)).map(Path::to_owned).collect()
}

fn files(folder: &Path) -> u64 {
    let text = std::fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let number = |key: &str| {
        text.lines().find_map(|line| line.strip_prefix(key)?.trim().parse::<u64>().ok())
    };
    number("inactive_file ").unwrap_or(0).saturating_add(number("active_file ").unwrap_or(0))
}

/// Measures how many bytes of memory all cores together read in a second. Takes under a second.
pub fn bandwidth(hardware: &Hardware) -> f64 {
    // Never take more than an eighth of what is free for a measurement.
    let size = BUFFER.min(hardware.room() / 8).max(1 << 20) as usize;
    let cores = hardware.cores.max(1);
    let words = size / 8 / cores;
    let together = Arc::new(Barrier::new(cores));
    let read = |together: Arc<Barrier>| std::thread::spawn(move || read(words, &together));
    let threads: Vec<_> = (0..cores).map(|_| read(together.clone())).collect();
    threads.into_iter().filter_map(|thread| thread.join().ok()).sum()
}

/// Reads a buffer of this many words over and over, and returns bytes a second.
fn read(words: usize, together: &Barrier) -> f64 {
    // Written first: untouched pages would all be one page of zeros, in the cache.
    let buffer: Vec<u64> = (0..words as u64).map(|word| word.wrapping_mul(0x9e37_79b9)).collect();
    // Whoever reads while others still write would find memory idle.
    together.wait();
    let start = Instant::now();
    let (mut sum, mut passes) = (0, 0);
    while start.elapsed() < MEASURED {
        sum ^= add(&buffer);
        passes += 1;
    }
    // Whoever compiles this must believe that the sum is needed.
    std::hint::black_box(sum);
    (passes * words * 8) as f64 / start.elapsed().as_secs_f64().max(1e-9)
}

/// Adds in eight lanes, so that the sum never waits for itself.
fn add(buffer: &[u64]) -> u64 {
    let mut lanes = [0_u64; 8];
    for chunk in buffer.chunks_exact(8) {
        for (lane, word) in lanes.iter_mut().zip(chunk) {
            *lane = lane.wrapping_add(*word);
        }
    }
    lanes.into_iter().fold(0, u64::wrapping_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_limit_around_this_process_holds() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("own", "0::/a/b\n");
        write("cgroup/a/memory.max", "4000\n");
        write("cgroup/a/memory.current", "1500\n");
        write("cgroup/a/memory.stat", "anon 100\nactive_file 200\ninactive_file 300\n");
        write("cgroup/a/b/memory.max", "max\n");
        let found = limits(&dir.path().join("cgroup"), &dir.path().join("own"));
        assert_eq!(found, Some((4000, 1000)));
        assert_eq!(limits(dir.path(), &dir.path().join("none")), None);
    }

    #[test]
    fn memory_is_read_within_a_second() {
        let hardware = Hardware::look();
        let start = Instant::now();
        let bandwidth = bandwidth(&hardware);
        assert!(bandwidth > 1e8, "{bandwidth} bytes a second");
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        assert!(hardware.room() <= hardware.memory);
    }
}
