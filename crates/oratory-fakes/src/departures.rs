//! Departures kept in memory, and a book in which nothing can be written.
//!
//! For tests of what leaves, and of what must not.

use std::sync::Mutex;

use async_trait::async_trait;
use oratory_contract::{At, Departure, Departures, Failure, FailureKind};

/// Departures kept in memory.
#[derive(Default)]
pub struct Book {
    noted: Mutex<Vec<Departure>>,
    full: bool,
}

impl Book {
    /// Returns a book in which nothing can be written.
    pub fn full() -> Self {
        Self { full: true, ..Self::default() }
    }

    /// Returns what was noted.
    pub fn noted(&self) -> Vec<Departure> {
        self.noted.lock().expect("no test panics while it holds the lock").clone()
    }
}

#[async_trait]
impl Departures for Book {
    async fn note(&self, departure: Departure) -> Result<(), Failure> {
        if self.full {
            return Err(Failure::new(FailureKind::Refused, At::Oratory, "the book is full"));
        }
        self.noted.lock().expect("no test panics while it holds the lock").push(departure);
        Ok(())
    }
}
