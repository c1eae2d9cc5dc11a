//! What a place elsewhere does for a caller, over a real socket to a fake provider.
//!
//! Nothing here leaves this machine.

mod answers;
mod connection;
mod failures;
mod gate;
mod keys;
mod models;
mod place;
