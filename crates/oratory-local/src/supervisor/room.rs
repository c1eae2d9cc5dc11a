//! Memory for all loaded models together: who must go so that another may come.
//!
//! A worker's memory is taken before it starts and given back when its process is gone, so two
//! never count on the same. The model unused for longest goes first. One that is being used goes
//! only once it has had its turn, and never in the middle of an answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use oratory_contract::{At, Failure, FailureKind, ModelName, Retry};
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use super::Shared;
use crate::hardware;

/// How long a model that is in use may stay while another waits for its place.
const TURN: Duration = Duration::from_secs(10);
/// How often it is looked whether somebody has become idle or has had its turn.
const LOOK: Duration = Duration::from_millis(100);

/// Memory for loaded models.
#[derive(Debug)]
pub(crate) struct Room {
    budget: u64,
    /// Whoever came first is served first, also when a smaller model would fit sooner.
    door: Semaphore,
    residents: Mutex<HashMap<ModelName, Resident>>,
    freed: Notify,
}

#[derive(Debug)]
struct Resident {
    bytes: u64,
    since: Instant,
    shared: Weak<Shared>,
}

/// Memory taken for one worker, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    room: Arc<Room>,
    model: ModelName,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.residents().remove(&self.model);
        self.room.freed.notify_one();
    }
}

impl Room {
    pub(crate) fn new(budget: Option<u64>) -> Self {
        // What is left over is for everything else on the machine.
        let most = || hardware::most().map_or(u64::MAX, |memory| memory / 100 * 90);
        Self {
            budget: budget.unwrap_or_else(most),
            door: Semaphore::new(1),
            residents: Mutex::default(),
            freed: Notify::new(),
        }
    }

    fn residents(&self) -> MutexGuard<'_, HashMap<ModelName, Resident>> {
        self.residents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how much memory is taken, and how much there is to take.
    pub(crate) fn taken(&self) -> (u64, u64) {
        let residents = self.residents();
        let taken = residents.values().map(|resident| resident.bytes);
        (taken.fold(0, u64::saturating_add), self.budget)
    }

    /// Takes memory for a model's worker, waiting until others have made way.
    pub(super) async fn take(
        self: &Arc<Self>,
        model: &ModelName,
        needs: u64,
        shared: &Arc<Shared>,
        limit: Duration,
    ) -> Result<Place, Failure> {
        if needs > self.budget {
            return Err(never_fits(model, needs, self.budget));
        }
        let wait = async {
            let _door = self.door.acquire().await.expect("nobody closes the door");
            let began = Instant::now();
            while !self.admit(model, needs, shared) {
                self.ask_somebody_to_go(began);
                let freed = self.freed.notified();
                drop(tokio::time::timeout(LOOK, freed).await);
            }
        };
        tokio::time::timeout(limit, wait).await.map_err(|_| no_room(model, limit))?;
        Ok(Place { room: Arc::clone(self), model: model.clone() })
    }

    /// Takes memory that nobody uses just now, for what is not a worker; `None` if there is not
    /// enough. It counts until the place is dropped.
    pub(crate) fn spare(room: &Arc<Self>, bytes: u64) -> Option<Place> {
        let name: ModelName = "(measuring)".into();
        let mut residents = room.residents();
        let taken = residents.values().fold(0, |sum: u64, other| sum.saturating_add(other.bytes));
        let fits = taken.saturating_add(bytes) <= room.budget && !residents.contains_key(&name);
        fits.then(|| {
            let resident = Resident { bytes, since: Instant::now(), shared: Weak::new() };
            residents.insert(name.clone(), resident);
            Place { room: Arc::clone(room), model: name }
        })
    }

    fn admit(&self, model: &ModelName, bytes: u64, shared: &Arc<Shared>) -> bool {
        let (taken, budget) = self.taken();
        let fits = taken.saturating_add(bytes) <= budget;
        // Nobody else takes any meanwhile: only one at a time is at the door.
        let mut residents = self.residents();
        if fits {
            let resident =
                Resident { bytes, since: Instant::now(), shared: Arc::downgrade(shared) };
            residents.insert(model.clone(), resident);
        }
        fits
    }

    /// Asks the model unused for longest to make way, or, after a while, the one loaded first.
    fn ask_somebody_to_go(&self, began: Instant) {
        let residents = self.residents();
        let all: Vec<_> = residents
            .values()
            .filter_map(|resident| Some((resident.shared.upgrade()?, resident.since)))
            .collect();
        drop(residents);
        if all.iter().any(|(shared, _)| shared.resting()) {
            return;
        }
        let idle = all.iter().filter_map(|(shared, _)| Some((shared, shared.idle()?)));
        let longest = idle.max_by_key(|(_, idle)| *idle).map(|(shared, _)| shared);
        let turn_is_over = |since: Instant| since.elapsed() >= TURN && began.elapsed() >= TURN / 2;
        let first = || {
            let over = all.iter().filter(|(_, since)| turn_is_over(*since));
            over.min_by_key(|(_, since)| *since).map(|(shared, _)| shared)
        };
        if let Some(shared) = longest.or_else(first) {
            shared.ask_to_rest();
        }
    }
}

fn gib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

fn never_fits(model: &ModelName, needs: u64, budget: u64) -> Failure {
    let (needs, budget) = (gib(needs), gib(budget));
    let message =
        format!("{model} needs {needs:.1} GiB of memory; models may take {budget:.1} GiB");
    Failure::new(FailureKind::Broken, At::Local, message)
        .hint("choose a smaller model or quantisation, or a smaller context")
}

fn no_room(model: &ModelName, limit: Duration) -> Failure {
    let seconds = limit.as_secs_f64();
    let message = format!("there was no room in memory for {model} within {seconds:.0} s");
    Failure::new(FailureKind::Overloaded, At::Local, message)
        .retry(Retry::After(TURN))
        .hint("other models are being used; try again later, or use one of those")
}
