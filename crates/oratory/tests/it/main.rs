//! The real binary, as its users meet it: typed at, called over HTTP, killed, starved.

#![allow(clippy::unwrap_used, reason = "in a test, stopping at the wrong thing is the point")]

mod commands;
mod crowd;
mod examples;
mod faults;
mod files;
mod house;
mod leaving;
mod records;
mod serving;
mod settings;
