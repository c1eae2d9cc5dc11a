//! The counters of energy that this machine has: those of processors and of NVIDIA's cards.
//!
//! macOS has none that a program may read: `powermetrics` asks for root.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::cards::Cards;
use crate::llama;

/// Where Linux tells what processors used.
pub(crate) const POWERCAP: &str = "/sys/class/powercap";

/// Whether this machine counts energy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metering {
    /// It does, with these counters.
    Counts(Vec<String>),
    /// It does, and lets only others read this.
    Denied(PathBuf),
    /// It does not, or tells nobody.
    Absent,
}

/// What is counted, all together.
#[derive(Debug)]
pub(crate) struct Counters {
    processors: Vec<Processor>,
    cards: Option<Cards>,
}

/// The counter of one processor.
#[derive(Debug)]
struct Processor {
    file: PathBuf,
    /// Where it starts again.
    most: u64,
    last: u64,
    /// Microjoules since it was opened.
    total: u64,
}

impl Counters {
    /// Opens what there is; without one that can be read, there is nothing to count with.
    pub(crate) fn open(powercap: &Path) -> (Option<Self>, Metering) {
        let mut processors = Vec::new();
        for folder in packages(powercap) {
            let file = folder.join("energy_uj");
            match std::fs::read_to_string(&file) {
                // One that is closed would make the others tell half of it.
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    return (None, Metering::Denied(file));
                }
                text => processors.extend(text.ok().and_then(|text| Processor::of(file, &text))),
            }
        }
        // Cards that this build does not compute with answer nothing.
        let ours = llama::cards().iter().any(|card| card.name.contains("NVIDIA"));
        let cards = ours.then(Cards::open).flatten();
        let mut names: Vec<String> =
            processors.iter().map(|one| one.file.display().to_string()).collect();
        names
            .extend(cards.iter().map(|cards| format!("NVML, {} of NVIDIA's cards", cards.count())));
        match names.is_empty() {
            true => (None, Metering::Absent),
            false => (Some(Self { processors, cards }), Metering::Counts(names)),
        }
    }

    /// Returns the microjoules used since it was opened; `None` where one counter does not answer.
    pub(crate) fn read(&mut self) -> Option<u64> {
        let mut all = 0_u64;
        for processor in &mut self.processors {
            all = all.checked_add(processor.read()?)?;
        }
        if let Some(cards) = &self.cards {
            all = all.checked_add(cards.microjoules()?)?;
        }
        Some(all)
    }
}

/// Returns the folders of whole processors: `intel-rapl:0` is one, `intel-rapl:0:0` a part of it.
fn packages(powercap: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(powercap).into_iter().flatten().flatten();
    let whole = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Through memory-mapped registers the same processor is told once more.
        name.contains("rapl:") && !name.contains("mmio") && name.matches(':').count() == 1
            // `psys` is the whole machine, which holds the processors, where a board has it.
            && std::fs::read_to_string(path.join("name")).is_ok_and(|name| name.starts_with("package"))
    });
    let mut whole: Vec<PathBuf> = whole.collect();
    whole.sort();
    whole
}

impl Processor {
    fn of(file: PathBuf, text: &str) -> Option<Self> {
        let most = file.with_file_name("max_energy_range_uj");
        let most = std::fs::read_to_string(most).ok().and_then(|text| text.trim().parse().ok());
        let last = text.trim().parse().ok()?;
        Some(Self { file, most: most.unwrap_or(u64::MAX), last, total: 0 })
    }

    fn read(&mut self) -> Option<u64> {
        let now: u64 = std::fs::read_to_string(&self.file).ok()?.trim().parse().ok()?;
        // A counter that shows less than before has started again.
        let used = now.checked_sub(self.last).or_else(|| {
            let rest = self.most.checked_sub(self.last)?;
            rest.checked_add(now)
        })?;
        self.last = now;
        self.total = self.total.checked_add(used)?;
        Some(self.total)
    }
}
