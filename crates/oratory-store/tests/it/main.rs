//! What a person may rely on: records survive, errors speak, answering goes on.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is its purpose")]

mod failing;
mod formats;
mod full_disk;
mod kill;
mod records;
mod sample;
