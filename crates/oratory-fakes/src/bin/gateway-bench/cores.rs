//! Gives the gateway a core of its own and this process another, through `taskset`.
//!
//! Where that cannot be done the measurement goes on, and says so.

use std::ffi::OsStr;
use std::fmt;
use std::process::{Command, Stdio};

/// Who runs where.
pub(crate) enum Cores {
    /// The gateway's core and ours.
    Apart(u32, u32),
    /// Everyone everywhere, for this reason.
    Mixed(&'static str),
}

impl Cores {
    /// Moves this process, which must have one thread yet, to a core of its own.
    pub(crate) fn share() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        let mut allowed = allowed.into_iter().flat_map(cores);
        let (Some(theirs), Some(ours)) = (allowed.next(), allowed.next()) else {
            return Self::Mixed("there are no two cores to choose from");
        };
        let moved = Command::new("taskset")
            .args(["--cpu-list", "--pid", &ours.to_string(), &std::process::id().to_string()])
            .stdout(Stdio::null())
            .status();
        match moved {
            Ok(status) if status.success() => Self::Apart(theirs, ours),
            Ok(_) => Self::Mixed("taskset was not allowed to"),
            Err(_) => Self::Mixed("there is no taskset here"),
        }
    }

    /// Returns a command that runs `program` on the gateway's core.
    pub(crate) fn command(&self, program: &OsStr) -> Command {
        let Self::Apart(theirs, _) = self else { return Command::new(program) };
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &theirs.to_string()]).arg(program);
        command
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apart(theirs, ours) => {
                write!(f, "the gateway has core {theirs}, upstream and callers share core {ours}")
            }
            Self::Mixed(why) => write!(f, "nobody has a core of their own, because {why}"),
        }
    }
}

/// Returns how many programs wanted a core on average in the last minute, where the system tells.
pub(crate) fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// Reads a list such as `0-3,8`.
fn cores(list: &str) -> impl Iterator<Item = u32> {
    list.trim().split(',').flat_map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let ends = first.parse::<u32>().ok().zip(last.parse::<u32>().ok());
        ends.into_iter().flat_map(|(first, last)| first..=last)
    })
}

#[cfg(test)]
mod tests {
    use super::cores;

    #[test]
    fn lists_of_cores_are_read_as_the_kernel_writes_them() {
        assert_eq!(cores("\t0-1").collect::<Vec<_>>(), [0, 1]);
        assert_eq!(cores("2,4-5,9").collect::<Vec<_>>(), [2, 4, 5, 9]);
        assert_eq!(cores("").count(), 0);
    }
}
