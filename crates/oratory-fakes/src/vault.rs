//! Surrogates kept in memory, and a vault that cannot be opened.
//!
//! Numbers begin at one, so that tests can name them.

use std::collections::HashMap;
use std::sync::Mutex;

use oratory_contract::{At, CallerName, Drawer, Failure, FailureKind, Vault, Whose};

/// Surrogates kept in memory.
#[derive(Default)]
pub struct Drawers {
    kept: Mutex<HashMap<(CallerName, [u8; 32]), Drawer>>,
    broken: bool,
}

impl Drawers {
    /// Returns a vault that does not open.
    pub fn broken() -> Self {
        Self { broken: true, ..Self::default() }
    }
}

impl Vault for Drawers {
    fn open(&self, whose: &Whose, work: &mut dyn FnMut(&mut Drawer)) -> Result<(), Failure> {
        if self.broken {
            return Err(Failure::new(FailureKind::Refused, At::Oratory, "the vault does not open"));
        }
        let mut kept = self.kept.lock().expect("no test panics while it holds the lock");
        work(kept.entry((whose.caller.clone(), whose.opening)).or_default());
        Ok(())
    }
}
