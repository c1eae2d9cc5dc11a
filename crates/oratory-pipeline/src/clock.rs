//! The time, as the pipeline is told it.
//!
//! The binary hands in the machine's clock, tests hand in their own.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Returns milliseconds since 1970.
    fn unix_ms(&self) -> u64;

    /// Returns microseconds since some fixed moment; never goes backwards.
    fn ticks_us(&self) -> u64;

    /// Waits until so much time has passed.
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(time))
    }
}
