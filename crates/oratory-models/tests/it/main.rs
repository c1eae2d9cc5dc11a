//! Pulls from faithful fakes of both registries, over real sockets, and imports from made-up homes.
//!
//! Nothing here leaves this machine.

#![allow(clippy::unwrap_used, reason = "in a test, stopping at the wrong thing is the point")]

mod desk;
mod faults;
mod imports;
mod removal;
mod resuming;
mod room;
mod sources;
