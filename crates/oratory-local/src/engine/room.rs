//! Memory for all loaded models together: who must go so that another may come.
//!
//! The one unused for longest goes first. One that is being used goes only once it has had its
//! time, and never in the middle of an answer.

use std::sync::Arc;
use std::time::Duration;

use oratory_contract::{At, Failure, FailureKind, Retry};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::catalog::Entry;
use crate::hardware;
use crate::supervisor::Supervisor;

/// How long a model that is in use may stay before another gets its turn.
const TURN: Duration = Duration::from_secs(10);
/// How often it is looked whether somebody has had its time.
const LOOK: Duration = Duration::from_millis(100);

/// Memory for loaded models.
#[derive(Debug)]
pub(super) struct Room {
    budget: u64,
    /// One at a time makes room, so that two do not count on the same.
    door: Semaphore,
}

impl Room {
    pub(super) fn new(budget: Option<u64>) -> Self {
        // What is left over is for everything else on the machine.
        let most = || hardware::most().map_or(u64::MAX, |memory| memory / 100 * 90);
        Self { budget: budget.unwrap_or_else(most), door: Semaphore::new(1) }
    }

    /// Makes room for a model. Holds others up until the permit is dropped.
    pub(super) async fn make(
        &self,
        entry: &Entry,
        needs: u64,
        others: impl Fn() -> Vec<(Arc<Supervisor>, u64)>,
        limit: Duration,
    ) -> Result<SemaphorePermit<'_>, Failure> {
        if needs > self.budget {
            return Err(never_fits(entry, needs, self.budget));
        }
        let make = async {
            let door = self.door.acquire().await.expect("nobody closes the door");
            self.clear(needs, others).await;
            door
        };
        tokio::time::timeout(limit, make).await.map_err(|_| no_room(entry, limit))
    }

    async fn clear(&self, needs: u64, others: impl Fn() -> Vec<(Arc<Supervisor>, u64)>) {
        let began = Instant::now();
        loop {
            let loaded = others();
            let taken: u64 = loaded.iter().map(|(_, bytes)| bytes).sum();
            if taken.saturating_add(needs) <= self.budget {
                return;
            }
            let infos = loaded.iter().map(|(supervisor, _)| (supervisor, supervisor.info()));
            let idle = infos.filter(|(_, info)| info.running == 0 && info.waiting == 0);
            if let Some((supervisor, _)) = idle.max_by_key(|(_, info)| info.idle) {
                supervisor.rest().await;
            } else if began.elapsed() >= TURN {
                // All are in use; the one that has been longest makes way after its answers.
                let longest = loaded.iter().max_by_key(|(supervisor, _)| supervisor.loaded_for());
                if let Some((supervisor, _)) = longest {
                    supervisor.rest().await;
                }
            } else {
                tokio::time::sleep(LOOK).await;
            }
        }
    }
}

fn gib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

fn never_fits(entry: &Entry, needs: u64, budget: u64) -> Failure {
    let (name, needs, budget) = (&entry.name, gib(needs), gib(budget));
    let message = format!("{name} needs {needs:.1} GiB of memory; models may take {budget:.1} GiB");
    Failure::new(FailureKind::Broken, At::Local, message)
        .hint("choose a smaller model or quantisation, or a smaller context")
}

fn no_room(entry: &Entry, limit: Duration) -> Failure {
    let seconds = limit.as_secs_f64();
    let message = format!("there was no room in memory for {} within {seconds:.0} s", entry.name);
    Failure::new(FailureKind::Overloaded, At::Local, message)
        .retry(Retry::After(TURN))
        .hint("other models are being used; try again later, or use one of those")
}
