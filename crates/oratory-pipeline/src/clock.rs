//! The time, as the pipeline is told it.
//!
//! The binary hands in the machine's clock, tests hand in their own.

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Returns milliseconds since 1970.
    fn unix_ms(&self) -> u64;

    /// Returns microseconds since some fixed moment; never goes backwards.
    fn ticks_us(&self) -> u64;
}
