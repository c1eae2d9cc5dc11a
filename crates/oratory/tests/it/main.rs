//! The real binary, as its users meet it: typed at, called over HTTP, killed, starved.

#![allow(clippy::unwrap_used, reason = "in a test, stopping at the wrong thing is the point")]
#![allow(clippy::print_stdout, reason = "figures for whoever runs with --no-capture")]
#![allow(clippy::print_stderr, reason = "what a server under test says belongs to the failure")]

#[cfg(unix)]
mod agents;
mod batches;
mod clients;
mod commands;
#[cfg(target_os = "linux")]
mod crowd;
mod description;
mod evals;
mod everyday;
mod examples;
// What other processes do is read from /proc.
#[cfg(target_os = "linux")]
mod faults;
mod files;
mod forms;
#[cfg(target_os = "linux")]
mod hostile;
mod house;
mod keys;
mod kinds;
mod leaving;
mod ledger;
mod making;
mod manners;
mod measuring;
mod message_batches;
mod models;
mod near;
mod offline;
mod packages;
mod passing;
mod peer;
mod pictures;
mod policy;
mod privacy;
mod probe;
mod receipts;
mod records;
mod replicas;
mod routing;
mod schemas;
#[cfg(unix)]
mod secrets;
mod serving;
mod settings;
mod shortening;
#[cfg(target_os = "linux")]
mod soak;
