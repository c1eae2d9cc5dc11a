//! How often something is tried again, and how long is waited between.
//!
//! A server that says when to come back is believed, up to a limit.

use std::time::Duration;

use super::status::host;
use crate::telling::{Event, Tell};
use crate::{ModelsError, Patience};

/// Why one try failed.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It may go better next time, perhaps after the time the server asks for.
    Again { why: String, after: Option<Duration>, server: String },
    /// It will not.
    Final(ModelsError),
}

impl Trouble {
    pub(crate) fn again(why: String) -> Self {
        Self::Again { why, after: None, server: String::new() }
    }
}

impl From<ModelsError> for Trouble {
    fn from(error: ModelsError) -> Self {
        Self::Final(error)
    }
}

/// Counts tries that failed one after another.
pub(crate) struct Tries<'a> {
    what: String,
    host: String,
    patience: Patience,
    failed: u32,
    tell: Tell<'a>,
}

impl<'a> Tries<'a> {
    pub(crate) fn new(what: &str, url: &str, patience: Patience, tell: Tell<'a>) -> Self {
        Self { what: what.to_owned(), host: host(url), patience, failed: 0, tell }
    }

    /// Notes that something was gained, so that failures are counted anew.
    pub(crate) fn gained(&mut self, bytes: u64) {
        if bytes >= self.patience.worth_while {
            self.failed = 0;
        }
    }

    /// Waits as long as it takes to try again, or gives up.
    pub(crate) async fn failed(&mut self, trouble: Trouble) -> Result<(), ModelsError> {
        let (why, after, server) = match trouble {
            Trouble::Final(error) => return Err(error),
            Trouble::Again { why, after, server } => (why, after, server),
        };
        self.failed += 1;
        if let Some(after) = after.filter(|after| *after > self.patience.longest_pause) {
            return Err(ModelsError::Later { host: server, after });
        }
        if self.failed >= self.patience.tries {
            return Err(ModelsError::Unreachable {
                what: self.what.clone(),
                host: self.host.clone(),
                tries: self.failed,
                why,
            });
        }
        let doubled = self.patience.pause * (1 << (self.failed - 1).min(10));
        let after = after.unwrap_or(doubled.min(self.patience.longest_pause));
        tracing::debug!(why, ?after, what = self.what, "trying again");
        (self.tell)(Event::Retrying { why, after });
        tokio::time::sleep(after).await;
        Ok(())
    }
}
