//! The time of day, for the one thing that needs it: when a model came here.
//!
//! Durations are measured where they are needed, with `Instant`.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
