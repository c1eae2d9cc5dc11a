//! Callers with keys of their own: who they are, what they may, and what they have spent.
//!
//! In a database beside that of the records: where records cannot be kept, answering goes on; where
//! keys cannot be looked up or budgets not counted, it does not.

mod book;
mod directory;
mod error;
mod file;
mod key;
mod spending;
mod tally;

pub use book::{KeyBook, KnownKey};
pub use directory::KnownCallers;
pub use error::CallersError;
pub use key::CallerKey;
pub use spending::Spending;

#[cfg(test)]
mod tests;
