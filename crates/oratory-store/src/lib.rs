//! Keeps records in SQLite and answers in memory.
//!
//! A store never stops the house from answering: what it cannot write it counts, says once why,
//! and goes on trying. It decides nothing about requests and reads no settings.

mod cache;
mod database;
mod error;
mod health;
mod journal;
mod migrations;
mod queue;
mod reader;
mod rows;
mod store;
mod writer;

pub use cache::MemoryCache;
pub use error::{Problem, StoreError};
pub use health::StoreHealth;
pub use reader::{PlaceTotals, Reader, Totals};
pub use store::{Config, Store};
