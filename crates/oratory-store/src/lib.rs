//! Keeps records and callers in SQLite, answers in memory, surrogates sealed, and receipts of what left.
//!
//! A store never stops the house from answering: what it cannot write it counts, says once why,
//! and goes on trying. It decides nothing about requests and reads no settings.

mod cache;
mod callers;
mod database;
mod error;
mod health;
mod journal;
mod ledger;
mod migrations;
mod queue;
mod reader;
mod receipts;
mod rows;
mod store;
mod vault;
mod writer;

pub use cache::MemoryCache;
pub use callers::{CallerKey, CallersError, KeyBook, KnownCallers, KnownKey, Spending};
pub use error::{Problem, StoreError};
pub use health::StoreHealth;
pub use ledger::Entry;
pub use reader::{PlaceTotals, Reader, Totals};
pub use receipts::{Fault, Receipt, ReceiptError, Receipts, Verified, verify};
pub use store::{Config, Store};
pub use vault::{Forget, SealedVault, VaultError};
