//! Records kept in memory.
//!
//! For tests that ask what was recorded without a database.

use std::sync::{Arc, Mutex};

use oratory_contract::{At, Failure, FailureKind, Record, RecordSlot, Records, Retry, Written};

/// Records kept in memory, up to a limit.
#[derive(Clone)]
pub struct Ledger {
    records: Arc<Mutex<Vec<Record>>>,
    room: usize,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::with_room(usize::MAX)
    }
}

impl Ledger {
    /// Returns a ledger that refuses more than `room` records.
    pub fn with_room(room: usize) -> Self {
        Self { records: Arc::default(), room }
    }

    /// Returns the records so far.
    pub fn records(&self) -> Vec<Record> {
        self.records.lock().expect("no test panics while it holds the lock").clone()
    }
}

impl Records for Ledger {
    fn reserve(&self) -> Result<Box<dyn RecordSlot>, Failure> {
        if self.records().len() >= self.room {
            return Err(Failure::new(FailureKind::Overloaded, At::Oratory, "no room for a record")
                .retry(Retry::Now));
        }
        Ok(Box::new(self.clone()))
    }
}

impl RecordSlot for Ledger {
    fn write(self: Box<Self>, record: Record) -> Written {
        self.records.lock().expect("no test panics while it holds the lock").push(record);
        Box::pin(std::future::ready(()))
    }
}
