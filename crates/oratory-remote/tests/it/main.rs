//! What a place elsewhere does for a caller, over a real socket to a fake provider.
//!
//! Nothing here leaves this machine.

mod answers;
mod canned;
mod connection;
mod dialects;
mod extras;
mod failures;
mod faults;
mod gate;
mod headers;
mod keys;
mod masked;
mod models;
mod near;
mod oddities;
mod place;
