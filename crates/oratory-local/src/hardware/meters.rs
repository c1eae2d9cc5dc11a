//! What running processes took: memory at its peak, and energy, where the system counts it.
//!
//! `None` means that nobody counted, never zero.

use std::path::{Path, PathBuf};

/// Where Linux tells what processors used.
const ENERGY: &str = "/sys/class/powercap";

/// Returns the most memory in bytes that a process has held.
pub fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// Counts the energy that processors use.
#[derive(Debug)]
pub struct EnergyMeter {
    /// The counter of each processor, what it showed at first, and where it starts again.
    counters: Vec<(PathBuf, u64, u64)>,
}

impl EnergyMeter {
    /// Starts counting; `None` where the system does not count or does not tell us.
    pub fn start() -> Option<Self> {
        Self::start_at(Path::new(ENERGY))
    }

    fn start_at(folder: &Path) -> Option<Self> {
        let mut counters = Vec::new();
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // `intel-rapl:0` is a processor; `intel-rapl:0:0` is a part of it.
            if !name.contains("rapl:") || name.matches(':').count() != 1 {
                continue;
            }
            let counter = entry.path().join("energy_uj");
            let most = read(&entry.path().join("max_energy_range_uj")).unwrap_or(u64::MAX);
            counters.push((counter.clone(), read(&counter)?, most));
        }
        (!counters.is_empty()).then_some(Self { counters })
    }

    /// Returns the joules used since the start.
    pub fn joules(&self) -> Option<f64> {
        let mut microjoules = 0.0;
        for (counter, before, most) in &self.counters {
            let now = read(counter)?;
            // A counter that is lower than before has started again.
            let used = now.checked_sub(*before).unwrap_or_else(|| most - before + now);
            microjoules += used as f64;
        }
        Some(microjoules / 1e6)
    }
}

fn read(file: &Path) -> Option<u64> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_is_counted_across_the_end_of_a_counter() {
        let dir = tempfile::tempdir().unwrap();
        assert!(EnergyMeter::start_at(dir.path()).is_none());
        let processor = dir.path().join("intel-rapl:0");
        std::fs::create_dir_all(&processor).unwrap();
        std::fs::create_dir_all(dir.path().join("intel-rapl:0:0")).unwrap();
        std::fs::write(processor.join("energy_uj"), "9000000\n").unwrap();
        std::fs::write(processor.join("max_energy_range_uj"), "10000000\n").unwrap();
        let meter = EnergyMeter::start_at(dir.path()).unwrap();
        std::fs::write(processor.join("energy_uj"), "2500000\n").unwrap();
        assert_eq!(meter.joules(), Some(3.5));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_holds_memory() {
        assert!(peak_memory(std::process::id()).unwrap() > 1 << 20);
        assert_eq!(peak_memory(u32::MAX), None);
    }
}
