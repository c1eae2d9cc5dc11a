//! Counts what callers spend: sets the most aside before a request runs, and settles what it took.
//!
//! One thread writes, and puts whatever waits into one transaction, so that many requests at once
//! cost one commit, and no two of them can be given the same rest of a budget. What a process that
//! died had set aside, the next one gives back.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use oratory_contract::{
    Amounts, At, Budget, Budgets, Caller, CallerName, Failure, FailureKind, Reservation, Reserving,
    Retry, Written, calendar,
};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::file::Identity;
use super::tally::{self, Row};
use super::{CallersError, file};
use crate::StoreError;
use crate::queue::{Queue, Reserved, Taken};

/// Reservations and settlements that are under way at once.
const PLACES: usize = 16_384;
/// How long what could not be counted waits for the next try.
const RETRY: Duration = Duration::from_secs(2);

/// Counts what callers spend.
pub struct Spending {
    path: PathBuf,
    queue: Arc<Queue<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread does.
enum Job {
    Reserve(Wish),
    Settle(Settlement),
}

/// A wish to set something aside.
struct Wish {
    caller: CallerName,
    budgets: Vec<Budget>,
    most: Amounts,
    /// In seconds since 1970.
    now: u64,
    /// Where its settlement will wait, so that there is room for it whatever happens.
    place: Reserved<Job>,
    answer: oneshot::Sender<Result<Held, Failure>>,
}

/// What was used of what is set aside.
struct Settlement {
    caller: CallerName,
    rows: Vec<Row>,
    used: Amounts,
    done: Option<oneshot::Sender<()>>,
}

/// What is set aside for one request.
struct Held {
    caller: CallerName,
    rows: Vec<Row>,
    place: Option<Reserved<Job>>,
}

impl Spending {
    /// Counts in this file. Nothing is opened before somebody with a budget asks.
    pub fn new(path: &Path) -> Self {
        let (path, queue) = (path.to_owned(), Arc::new(Queue::new(PLACES)));
        Self { path, queue, thread: Mutex::new(None) }
    }

    /// Counts what waits and ends. Blocks.
    pub fn shutdown(&self) {
        self.queue.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic there has been logged, and whoever waited was told.
            let _ = thread.join();
        }
    }

    #[cfg(test)]
    pub(super) fn drained(&self) {
        self.queue.drained();
    }

    fn start(&self) -> Result<(), Failure> {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let desk = Desk { path: self.path.clone(), open: None, hold: None, late: Vec::new() };
            let queue = self.queue.clone();
            let started = thread::Builder::new().name("budgets".to_owned());
            let started = started.spawn(move || desk.run(&queue));
            *thread = Some(started.map_err(|error| CallersError::from(error).failure())?);
        }
        Ok(())
    }

    fn ask(
        &self,
        caller: &Caller,
        most: Amounts,
        now: u64,
    ) -> Result<oneshot::Receiver<Result<Held, Failure>>, Failure> {
        self.start()?;
        let (Some(asks), Some(place)) = (self.queue.reserve(), self.queue.reserve()) else {
            let message = "too many requests of callers with budgets are under way";
            return Err(Failure::new(FailureKind::Overloaded, At::Oratory, message)
                .retry(Retry::After(Duration::from_secs(1))));
        };
        let (answer, waits) = oneshot::channel();
        let (caller, budgets) = (caller.name.clone(), caller.budgets().to_vec());
        let wish = Wish { caller, budgets, most, now, place, answer };
        // A closed queue gives the wish back; with it goes what would have answered.
        let _ = asks.send(Job::Reserve(wish));
        Ok(waits)
    }
}

impl Drop for Spending {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl Budgets for Spending {
    fn reserve(&self, caller: &Caller, most: Amounts, now_ms: u64) -> Reserving {
        let asked = self.ask(caller, most, now_ms / 1000);
        Box::pin(async move {
            let held = asked?.await.unwrap_or_else(|_| {
                let message = "budgets are not counted any more, as Oratory is closing";
                Err(Failure::new(FailureKind::Overloaded, At::Oratory, message))
            })?;
            Ok(Box::new(held) as Box<dyn Reservation>)
        })
    }
}

impl Held {
    fn send(&mut self, used: Amounts) -> Option<oneshot::Receiver<()>> {
        let place = self.place.take()?;
        let (done, waits) = oneshot::channel();
        let (caller, rows) = (self.caller.clone(), std::mem::take(&mut self.rows));
        // Where nobody takes it any more, the next start gives back what was set aside.
        let _ = place.send(Job::Settle(Settlement { caller, rows, used, done: Some(done) }));
        Some(waits)
    }
}

impl Reservation for Held {
    fn settle(mut self: Box<Self>, used: Amounts) -> Written {
        let waits = self.send(used);
        Box::pin(async move {
            if let Some(waits) = waits {
                // An error means that nobody counts any more, which is as final.
                let _ = waits.await;
            }
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.send(Amounts::default()));
    }
}

/// Lets nobody wait for a thread that is gone, however it ended.
struct Closing(Arc<Queue<Job>>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
        let mut left = Vec::new();
        while self.0.take(&mut left, Some(Duration::ZERO)) == Taken::Items {
            self.0.done(left.len());
        }
    }
}

/// What the thread has before it.
struct Desk {
    path: PathBuf,
    open: Option<(Identity, Connection)>,
    /// Says to other programs that what is set aside may belong to somebody who lives.
    hold: Option<File>,
    /// What could not be counted yet.
    late: Vec<Settlement>,
}

impl Desk {
    fn run(mut self, queue: &Arc<Queue<Job>>) {
        let _closing = Closing(queue.clone());
        let mut group = Vec::new();
        loop {
            let patience = (!self.late.is_empty()).then_some(RETRY);
            match queue.take(&mut group, patience) {
                Taken::Closed => break,
                Taken::Nothing => group.clear(),
                Taken::Items => {}
            }
            let jobs = group.len();
            self.work(group.drain(..));
            queue.done(jobs);
        }
        if !self.late.is_empty() {
            self.work(std::iter::empty());
        }
    }

    /// Does all of a group in one transaction, or nothing of it.
    fn work(&mut self, group: impl Iterator<Item = Job>) {
        let mut wishes = Vec::new();
        for job in group {
            match job {
                Job::Reserve(wish) => wishes.push(wish),
                Job::Settle(settlement) => self.late.push(settlement),
            }
        }
        match self.counted(&wishes) {
            Ok(answers) => {
                for done in self.late.drain(..).filter_map(|settlement| settlement.done) {
                    // Whoever waited may have left.
                    let _ = done.send(());
                }
                wishes.into_iter().zip(answers).for_each(|(wish, answer)| wish.answer(answer));
            }
            Err(error) => self.failed(wishes, &error),
        }
    }

    fn counted(&mut self, wishes: &[Wish]) -> Result<Vec<Result<Vec<Row>, Failure>>, StoreError> {
        let now = wishes.first().map_or(0, |wish| wish.now);
        self.open(now)?;
        let Some((_, connection)) = &self.open else { return Ok(Vec::new()) };
        let count = || {
            // IMMEDIATE: another program must not give away the same rest meanwhile.
            connection.execute_batch("BEGIN IMMEDIATE")?;
            for settlement in &self.late {
                settlement.count(connection)?;
            }
            let answers: Result<Vec<_>, _> =
                wishes.iter().map(|wish| wish.decide(connection)).collect();
            let answers = answers?;
            connection.execute_batch("COMMIT")?;
            Ok(answers)
        };
        count().map_err(|error| StoreError::from_sqlite(&self.path, error))
    }

    /// Opens the file, unless it is open and still the same.
    fn open(&mut self, now: u64) -> Result<(), StoreError> {
        let found = file::identity(&self.path)?;
        if found.is_some() && found == self.open.as_ref().map(|(identity, _)| *identity) {
            return Ok(());
        }
        let connection = file::make(&self.path)?;
        if self.hold.is_none() {
            self.hold = hold(&self.path);
            if self.hold.is_some() {
                let given_back = tally::give_all_back(&connection)
                    .and_then(|()| tally::forget_old(&connection, now));
                given_back.map_err(|error| StoreError::from_sqlite(&self.path, error))?;
            }
        }
        let identity = file::identity(&self.path)?;
        self.open = identity.map(|identity| (identity, connection));
        Ok(())
    }

    /// Tells everyone that nothing was counted. Closing the connection undoes what was begun.
    fn failed(&mut self, wishes: Vec<Wish>, error: &StoreError) {
        self.open = None;
        tracing::error!(hint = error.hint(), "{error}; callers with budgets are not answered");
        for settlement in &mut self.late {
            // The answer has been given, and need not wait for what is made up for later.
            settlement.done = None;
        }
        for wish in wishes {
            let error = StoreError::new(&error.path, error.problem.clone());
            wish.answer(Err(CallersError::File(error).failure()));
        }
    }
}

impl Settlement {
    fn count(&self, connection: &Connection) -> rusqlite::Result<()> {
        for row in &self.rows {
            let used = self.used.of(row.budget.unit);
            tally::settle(connection, &self.caller, row, used)?;
        }
        Ok(())
    }
}

impl Wish {
    /// Sets aside what is wished for in every budget, or in none.
    fn decide(&self, connection: &Connection) -> rusqlite::Result<Result<Vec<Row>, Failure>> {
        for budget in &self.budgets {
            let (began, next) = budget.period.window(self.now);
            let spent = tally::spent(connection, &self.caller, budget, began)?;
            let held = tally::reserved(connection, &self.caller, budget, began)?;
            let most = self.most.of(budget.unit);
            if spent.saturating_add(held).saturating_add(most) > budget.limit {
                return Ok(Err(self.refused(budget, spent, held, next)));
            }
        }
        let rows = self.budgets.iter().map(|budget| {
            let (began, _) = budget.period.window(self.now);
            let most = self.most.of(budget.unit);
            tally::set_aside(connection, &self.caller, budget, began, most)
        });
        rows.collect::<rusqlite::Result<_>>().map(Ok)
    }

    fn refused(&self, budget: &Budget, spent: u64, held: u64, next: u64) -> Failure {
        let (unit, most) = (budget.unit, self.most.of(budget.unit));
        let (shown, caller) = (|amount| unit.shown(amount), self.caller.as_str());
        let under_way = match held {
            0 => String::new(),
            held => format!(", {} set aside for requests under way", shown(held)),
        };
        let message = format!(
            "{caller:?} may spend {budget}: {} spent{under_way}, and this request may take {}",
            shown(spent),
            shown(most)
        );
        let begins = calendar::utc(next);
        let (retry, hint) = if most > budget.limit {
            (Retry::Never, "ask for less, with a shorter text or a smaller `max_tokens`".to_owned())
        } else if spent.saturating_add(most) > budget.limit {
            let wait = Duration::from_secs(next.saturating_sub(self.now));
            (Retry::After(wait), format!("the budget begins again at {begins}"))
        } else {
            let hint = format!("wait for those under way; the budget begins again at {begins}");
            (Retry::After(Duration::from_secs(1)), hint)
        };
        Failure::new(FailureKind::OverBudget, At::Caller, message).retry(retry).hint(hint)
    }

    fn answer(self, decided: Result<Vec<Row>, Failure>) {
        let (caller, place) = (self.caller, Some(self.place));
        // Whoever has left drops what was set aside, which gives it back.
        let _ = self.answer.send(decided.map(|rows| Held { caller, rows, place }));
    }
}

/// Takes hold of the file for this program; `None` if another one has it.
fn hold(path: &Path) -> Option<File> {
    let file = File::create(path.with_extension("lock")).ok()?;
    match file.try_lock() {
        Ok(()) => Some(file),
        Err(TryLockError::WouldBlock) => None,
        // Some network file systems know no locks; two programs on one folder are rarer still.
        Err(TryLockError::Error(_)) => Some(file),
    }
}
