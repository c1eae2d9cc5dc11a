//! What running processes took: memory at its peak, and energy, where the system counts it.
//!
//! `None` means that nobody counted, never zero.

use std::path::Path;

use crate::energy::{Counters, POWERCAP};

/// Returns the most memory in bytes that a process has held.
pub fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// Counts the energy that this machine uses.
#[derive(Debug)]
pub struct EnergyMeter {
    counters: Counters,
    /// Microjoules at the start.
    before: u64,
}

impl EnergyMeter {
    /// Starts counting; `None` where the system does not count or does not tell us.
    pub fn start() -> Option<Self> {
        Self::start_at(Path::new(POWERCAP))
    }

    fn start_at(folder: &Path) -> Option<Self> {
        let mut counters = Counters::open(folder).0?;
        let before = counters.read()?;
        Some(Self { counters, before })
    }

    /// Returns the joules used since the start.
    pub fn joules(mut self) -> Option<f64> {
        let used = self.counters.read()?.checked_sub(self.before)?;
        Some(used as f64 / 1e6)
    }
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
        std::fs::write(processor.join("name"), "package-0\n").unwrap();
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
