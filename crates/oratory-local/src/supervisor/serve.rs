//! Requests at a worker: passes text on, and ends each on time, on request, or by force.
//!
//! One task, one loop: a reader who has left, a deadline, a stop, a stuck worker and a new
//! request are all heard at any moment, and no reader can hold up another.

use std::collections::BTreeMap;
use std::time::Duration;

use oratory_contract::{At, Done, Failure, FailureKind, Retry, Usage};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

use super::desk::{Desk, REST, failure, stopping};
use super::process::Worker;
use super::running::{Passed, Running, next_deadline};
use super::work::{out_of_time, seconds};
use super::{Work, WorkerState};
use crate::protocol::{Loaded, Order, Report};
use tokio_util::sync::CancellationToken;

/// How long a worker may take to end when everything stops.
const HURRY: Duration = Duration::from_secs(4);

/// What became of the worker.
pub(super) enum Served {
    /// It was unloaded.
    Rested,
    /// It is gone, in this way.
    Lost(String),
    /// It was ended because everything stops.
    Stopped,
}

/// What to do next.
enum Next {
    Report(Report),
    Take(Box<Work>),
    Look,
    Deadline,
    Pulse,
    Rest,
    Stop,
    Gone,
}

struct Service<'a> {
    desk: &'a mut Desk,
    worker: Box<Worker>,
    lanes: usize,
    here: BTreeMap<u64, Running>,
    /// A request that is answered alone, because it may have ended a worker.
    alone: Option<u64>,
    /// One that waits to be answered alone.
    aside: Option<Work>,
    /// When it is unloaded, if nothing comes.
    rests: Option<Instant>,
    moved: Instant,
    ticks: u64,
    pulse: Interval,
    /// When the model was there, and how long that took.
    loaded: (Instant, Duration),
}

/// Has requests answered until the worker is gone.
pub(super) async fn serve(
    desk: &mut Desk,
    worker: Box<Worker>,
    loaded: Loaded,
    first: Work,
) -> Served {
    let mut pulse = interval((desk.settings.stall / 4).max(Duration::from_millis(10)));
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stay = desk.settings.stay;
    let loaded_in = Duration::from_millis(loaded.milliseconds.into());
    let mut service = Service {
        desk,
        worker,
        lanes: loaded.lanes as usize,
        here: BTreeMap::new(),
        alone: None,
        aside: None,
        rests: Instant::now().checked_add(stay),
        moved: Instant::now(),
        ticks: 0,
        pulse,
        loaded: (Instant::now(), loaded_in),
    };
    let ready = WorkerState::Ready { context: loaded.context, loaded_in };
    service.desk.show(service.worker.pid(), ready);
    match service.take(first).await {
        Ok(()) => service.run().await,
        Err(()) => service.lose().await,
    }
}

impl Service<'_> {
    async fn run(mut self) -> Served {
        loop {
            let done = match self.next().await {
                Next::Report(report) => self.hear(report).await,
                Next::Take(work) => self.take(*work).await,
                Next::Look => self.look().await,
                Next::Deadline => self.end_late().await,
                Next::Pulse if self.moved.elapsed() > self.desk.settings.stall => {
                    return self.stuck().await;
                }
                Next::Pulse => self.pulse().await,
                Next::Rest => {
                    self.desk.show(self.worker.pid(), WorkerState::Resting);
                    let stop = self.desk.stop.clone();
                    tokio::select! {
                        () = self.desk.rest(self.worker, REST) => {}
                        // Dropped, the worker is killed; what it has not put away is lost.
                        () = hurried(&stop) => {}
                    }
                    return Served::Rested;
                }
                Next::Stop => return self.stop().await,
                Next::Gone => Err(()),
            };
            if done.is_err() {
                return self.lose().await;
            }
            self.note();
        }
    }

    async fn next(&mut self) -> Next {
        let busy = !self.here.is_empty();
        let takes = self.aside.is_none()
            && self.alone.is_none()
            && self.here.len() < self.lanes
            && !self.desk.shared.resting();
        let deadline = next_deadline(&self.here);
        let rests = self.rests.filter(|_| !busy && self.aside.is_none());
        let told_to_rest = !busy && self.aside.is_none() && self.desk.shared.resting();
        if told_to_rest {
            return Next::Rest;
        }
        tokio::select! {
            biased;
            () = self.desk.stop.cancelled() => Next::Stop,
            () = self.desk.shared.look.notified() => Next::Look,
            () = until(deadline) => Next::Deadline,
            work = self.desk.shared.queue.take(), if takes => Next::Take(Box::new(work)),
            report = self.worker.next() => match report {
                Ok(Some(report)) => Next::Report(report),
                Ok(None) | Err(_) => Next::Gone,
            },
            _ = self.pulse.tick(), if busy => Next::Pulse,
            () = until(rests) => Next::Rest,
        }
    }

    /// Sends a request to the worker, now or once it can be answered alone.
    async fn take(&mut self, work: Work) -> Result<(), ()> {
        if let Some(failure) = self.desk.refused(&work) {
            work.out.finish(Err(failure));
            return Ok(());
        }
        let suspect = self.desk.suspects.suspects(work.likeness);
        if suspect && !self.here.is_empty() {
            self.aside = Some(work);
            return Ok(());
        }
        self.desk.number += 1;
        let number = self.desk.number;
        if suspect {
            self.alone = Some(number);
        }
        if self.here.is_empty() {
            self.moved = Instant::now();
        }
        let stay = work.stay().unwrap_or(self.desk.settings.stay);
        self.desk.shared.see(|seen| seen.stay = stay);
        let (deadline, limit, likeness) = (work.deadline, work.limit(), work.likeness);
        let loading = self.loaded.0.saturating_duration_since(work.since).min(self.loaded.1);
        let (job, out) = work.begin(number);
        let running = Running::new(out, (deadline, limit), likeness, loading);
        self.here.insert(number, running);
        match self.send(&Order::Run(Box::new(job))).await {
            Err(Unsent::TooLarge) => {
                self.end(number, Err(too_large()), Usage::default());
                Ok(())
            }
            Err(Unsent::Gone) => Err(()),
            Ok(()) => Ok(()),
        }
    }

    /// Sends an order. The worker always reads, so this is quick; if it is not, it is stuck.
    async fn send(&mut self, order: &Order) -> Result<(), Unsent> {
        match tokio::time::timeout(self.desk.settings.stall, self.worker.send(order)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData => {
                Err(Unsent::TooLarge)
            }
            _ => Err(Unsent::Gone),
        }
    }

    async fn order(&mut self, order: Order) -> Result<(), ()> {
        self.send(&order).await.map_err(|_| ())
    }

    async fn hear(&mut self, report: Report) -> Result<(), ()> {
        match report {
            Report::Pong { ticks } => {
                if ticks != self.ticks {
                    self.ticks = ticks;
                    self.moved = Instant::now();
                }
                return Ok(());
            }
            Report::Said { number, usage, said } => {
                self.moved = Instant::now();
                let Some(running) = self.here.get_mut(&number) else { return Ok(()) };
                running.usage = usage;
                if running.say(said) == Passed::Slow {
                    running.paused = true;
                    return self.order(Order::Pause { number }).await;
                }
            }
            Report::Done { number, finish, usage } => {
                self.end(number, Ok(Done { finish, usage }), usage);
            }
            Report::Stopped { number, usage } => self.end(number, Err(stopping()), usage),
            Report::Failed { number: Some(number), usage, trouble } => {
                self.end(number, Err(failure(trouble)), usage);
            }
            Report::Reading { number, tokens } => {
                self.moved = Instant::now();
                if let Some(running) = self.here.get_mut(&number) {
                    running.usage.input = tokens;
                }
                return Ok(());
            }
            Report::LeftOut { number, left_out } => {
                self.moved = Instant::now();
                if let Some(running) = self.here.get_mut(&number) {
                    running.left_out = left_out;
                }
                return Ok(());
            }
            Report::Kept { bytes } => {
                self.desk.shared.see(|seen| seen.kept = bytes);
                return Ok(());
            }
            _ => {}
        }
        self.moved = Instant::now();
        self.after_an_end().await
    }

    /// Notes that the worker is done with a request, however it ended.
    fn end(&mut self, number: u64, end: Result<Done, Failure>, usage: Usage) {
        let Some(mut running) = self.here.remove(&number) else { return };
        running.usage = usage;
        self.desk.suspects.acquit(running.likeness);
        self.desk.failures = 0;
        let together = self.here.len() + 1;
        self.desk.shared.see(|seen| {
            seen.tokens += u64::from(usage.output);
            seen.answers.note(usage, together);
            let took = running.began.elapsed();
            seen.pace = Some(seen.pace.map_or(took, |pace| (pace * 3 + took) / 4));
        });
        if self.alone == Some(number) {
            self.alone = None;
        }
        if let Some(telling) = running.finish(end) {
            // The reader is behind; the worker need not wait for that, nor stay.
            self.desk.tasks.spawn(telling);
        }
    }

    /// Takes up who waited to be answered alone, and lets the clock of idleness run.
    async fn after_an_end(&mut self) -> Result<(), ()> {
        if !self.here.is_empty() {
            return Ok(());
        }
        if let Some(work) = self.aside.take() {
            return self.take(work).await;
        }
        let stay = self.desk.shared.see(|seen| seen.stay);
        // Centuries are no limit, and must not overflow the clock.
        self.rests = Instant::now().checked_add(stay);
        Ok(())
    }

    /// Looks for readers who have left and for readers who have caught up.
    async fn look(&mut self) -> Result<(), ()> {
        let mut orders = Vec::new();
        for (&number, running) in &mut self.here {
            if running.abandoned() {
                running.out = None;
                orders.push(Order::Cancel { number });
            } else if running.pass([]) == Passed::Caught {
                running.paused = false;
                orders.push(Order::Resume { number });
            }
        }
        for order in orders {
            self.order(order).await?;
        }
        if self.aside.as_ref().is_some_and(Work::abandoned) {
            self.aside = None;
        }
        Ok(())
    }

    async fn end_late(&mut self) -> Result<(), ()> {
        let now = Instant::now();
        let mut late = Vec::new();
        for (&number, running) in &mut self.here {
            if running.deadline <= now && running.out.is_some() {
                running.fail(out_of_time(running.limit));
                late.push(number);
            }
        }
        for number in late {
            self.order(Order::Cancel { number }).await?;
        }
        Ok(())
    }

    /// Asks whether anything moves, and gives up on readers who do not read.
    async fn pulse(&mut self) -> Result<(), ()> {
        let patience = self.desk.settings.stall;
        let mut unread_long = Vec::new();
        for (&number, running) in &mut self.here {
            if running.unread_for() > patience {
                running.fail(unread(patience));
                unread_long.push(number);
            }
        }
        for number in unread_long {
            self.order(Order::Cancel { number }).await?;
        }
        if self.here.values().all(|running| running.paused) {
            // It computes nothing because nobody reads, which is not its fault.
            self.moved = Instant::now();
        }
        self.order(Order::Ping).await
    }

    /// Shows what is going on.
    fn note(&self) {
        let (running, since) = (self.here.len(), self.here.values().map(|r| r.began).min());
        self.desk.shared.see(|seen| {
            if running > 0 || seen.running > 0 {
                seen.used = Instant::now();
            }
            seen.running = running;
            seen.since = since;
        });
    }

    fn fail_all(&mut self, why: impl Fn() -> Failure) {
        let said = self.here.values().map(|running| u64::from(running.usage.output));
        let said: u64 = said.sum();
        self.desk.shared.see(|seen| seen.tokens += said);
        for running in self.here.values_mut() {
            running.fail(why());
        }
        if let Some(work) = self.aside.take() {
            work.out.finish(Err(why()));
        }
        self.here.clear();
        self.note();
    }

    async fn stop(mut self) -> Served {
        let numbers: Vec<u64> = self.here.keys().copied().collect();
        self.fail_all(stopping);
        // One that has not been heard for a while does not listen either.
        let listens = self.moved.elapsed() < HURRY || numbers.is_empty();
        if !listens {
            self.worker.kill().await;
            return Served::Stopped;
        }
        let cancels = async {
            for number in numbers {
                let _ = self.order(Order::Cancel { number }).await;
            }
        };
        drop(tokio::time::timeout(HURRY / 4, cancels).await);
        self.desk.rest(self.worker, HURRY).await;
        Served::Stopped
    }

    async fn stuck(mut self) -> Served {
        let stall = self.desk.settings.stall;
        let model = self.desk.settings.model.clone();
        self.accuse();
        let how = self.worker.kill().await;
        self.fail_all(|| {
            let message =
                format!("{model} made no progress for {}; it was stopped", seconds(stall));
            Failure::new(FailureKind::Timeout, At::Local, message)
                .retry(Retry::Now)
                .hint("the machine may be overloaded; close other programs or use a smaller model")
        });
        Served::Lost(format!("made no progress for {} and {how}", seconds(stall)))
    }

    async fn lose(mut self) -> Served {
        let how = self.worker.end().await;
        if how.by_itself() {
            self.accuse();
        }
        let model = self.desk.settings.model.clone();
        self.fail_all(|| {
            let message = format!("the engine process for {model} {how}; Oratory is restarting it");
            Failure::new(FailureKind::Broken, At::Local, message)
                .retry(Retry::Now)
                .hint("send the request again; if it keeps happening, see `oratory doctor`")
        });
        Served::Lost(how.to_string())
    }

    fn accuse(&mut self) {
        let alone = self.here.len() == 1;
        for running in self.here.values() {
            self.desk.suspects.accuse(running.likeness, alone);
        }
    }
}

enum Unsent {
    TooLarge,
    Gone,
}

/// Waits until everything stops, and a moment longer.
async fn hurried(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(HURRY).await;
}

/// Waits until then; for ever if there is no such moment.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn too_large() -> Failure {
    let most = crate::protocol::MAX_FRAME >> 20;
    let message = format!("the request is larger than {most} MiB");
    Failure::new(FailureKind::TooLarge, At::Caller, message).hint("send less text")
}

fn unread(patience: Duration) -> Failure {
    let message = format!("nobody read the answer for {}", seconds(patience));
    Failure::new(FailureKind::Timeout, At::Caller, message)
        .hint("read the stream as it comes; others wait for the same model")
}
