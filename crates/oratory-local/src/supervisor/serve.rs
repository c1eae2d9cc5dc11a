//! One request at a worker: passes text on, and ends it on time, on request, or by force.
//!
//! A reader who has left, a deadline, a stop and a stuck worker are all heard at any moment,
//! also while a slow reader keeps the channel full.

use std::time::Duration;

use oratory_contract::{At, Done, Failure, FailureKind, Retry, Usage};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

use super::Work;
use super::desk::{Desk, failure, stopping};
use super::process::Worker;
use super::work::{Outlet, out_of_time, seconds};
use crate::protocol::{Job, Order, Report};

/// What became of the worker.
pub(super) enum Served {
    /// It is free again.
    Whole(Box<Worker>),
    /// It is gone, in this way.
    Lost(String),
    /// It was ended because everything stops.
    Stopped,
}

/// What to do next.
enum Next {
    Report(Report),
    Cancel(Option<Failure>),
    Stop,
    Look,
    Gone,
}

struct Service<'a> {
    desk: &'a Desk,
    worker: Box<Worker>,
    /// `None` once the answer has ended for the reader; the worker may still be at it.
    out: Option<Outlet>,
    number: u64,
    deadline: Instant,
    limit: Duration,
    moved: Instant,
    ticks: u64,
    pulse: Interval,
}

/// Has one request answered.
pub(super) async fn serve(desk: &mut Desk, mut worker: Box<Worker>, work: Work) -> Served {
    desk.number += 1;
    let stall = desk.settings.stall;
    let job = Job {
        number: desk.number,
        messages: work.messages,
        sampling: work.sampling,
        max_tokens: work.limits.max_tokens,
        stop: work.limits.stop,
        partition: work.partition,
    };
    // The worker always reads, so this is quick; if it is not, the worker is stuck.
    let sent = tokio::time::timeout(stall, worker.send(&Order::Run(job))).await;
    let mut pulse = interval((stall / 4).max(Duration::from_millis(10)));
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let service = Service {
        desk,
        worker,
        out: Some(work.out),
        number: desk.number,
        deadline: work.deadline,
        limit: work.limits.time,
        moved: Instant::now(),
        ticks: 0,
        pulse,
    };
    match sent {
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData => service.too_large(),
        Ok(Ok(())) => service.run().await,
        _ => service.lose().await,
    }
}

impl Service<'_> {
    async fn run(mut self) -> Served {
        loop {
            match self.next().await {
                Next::Report(report) => match self.hear(report).await {
                    Heard::More => {}
                    Heard::End => return Served::Whole(self.worker),
                    Heard::Cancel(why) => self.cancel(why).await,
                },
                Next::Cancel(why) => self.cancel(why).await,
                Next::Stop => return self.stop().await,
                Next::Look if self.moved.elapsed() > self.desk.settings.stall => {
                    return self.stuck().await;
                }
                // A worker that is gone is noticed by the next read.
                Next::Look => drop(self.worker.send(&Order::Ping).await),
                Next::Gone => return self.lose().await,
            }
        }
    }

    async fn next(&mut self) -> Next {
        let (deadline, limit) = (self.deadline, self.limit);
        tokio::select! {
            biased;
            () = self.desk.stop.cancelled() => Next::Stop,
            why = interrupted(self.out.as_ref(), deadline, limit) => Next::Cancel(why),
            report = self.worker.next() => match report {
                Ok(Some(report)) => Next::Report(report),
                Ok(None) | Err(_) => Next::Gone,
            },
            _ = self.pulse.tick() => Next::Look,
        }
    }

    async fn hear(&mut self, report: Report) -> Heard {
        match report {
            Report::Pong { ticks } => {
                if ticks != self.ticks {
                    self.ticks = ticks;
                    self.moved = Instant::now();
                }
                return Heard::More;
            }
            Report::Text { number, text } if number == self.number => {
                let heard = self.pass(text).await;
                // Time spent waiting for the reader is not the worker's.
                self.moved = Instant::now();
                return heard;
            }
            Report::Done { number, finish, usage } if number == self.number => {
                self.finish(Ok(Done { finish, usage }), usage);
            }
            Report::Stopped { number, usage } if number == self.number => {
                self.finish(Err(stopping()), usage);
            }
            Report::Failed { number, trouble } if number == Some(self.number) => {
                self.finish(Err(failure(trouble)), Usage::default());
            }
            _ => {
                self.moved = Instant::now();
                return Heard::More;
            }
        }
        Heard::End
    }

    /// Passes text to the reader, for as long as a reader may take.
    async fn pass(&self, text: String) -> Heard {
        let Some(out) = &self.out else { return Heard::More };
        let patience = self.desk.settings.stall;
        tokio::select! {
            biased;
            why = interrupted(Some(out), self.deadline, self.limit) => Heard::Cancel(why),
            // The stop itself is heard at the next turn.
            () = self.desk.stop.cancelled() => Heard::More,
            sent = tokio::time::timeout(patience, out.text.send(text)) => match sent {
                Ok(_) => Heard::More,
                Err(_) => Heard::Cancel(Some(unread(patience))),
            },
        }
    }

    fn finish(&mut self, end: Result<Done, Failure>, usage: Usage) {
        self.desk.shared.see(|seen| seen.tokens += u64::from(usage.output));
        if let Some(out) = self.out.take() {
            out.finish(end);
        }
    }

    /// Ends the answer for the reader now, and asks the worker to stop.
    async fn cancel(&mut self, why: Option<Failure>) {
        if let (Some(out), Some(why)) = (self.out.take(), why) {
            out.finish(Err(why));
        }
        self.moved = Instant::now();
        // A worker that is gone is noticed by the next read.
        drop(self.worker.send(&Order::Cancel { number: self.number }).await);
    }

    async fn stop(mut self) -> Served {
        if let Some(out) = self.out.take() {
            out.finish(Err(stopping()));
        }
        // No cancel first: closing its input ends the process in the middle of anything.
        self.worker.end().await;
        Served::Stopped
    }

    async fn stuck(mut self) -> Served {
        let stall = self.desk.settings.stall;
        let model = &self.desk.settings.model;
        let message = format!("{model} made no progress for {}; it was stopped", seconds(stall));
        let how = self.worker.kill().await;
        if let Some(out) = self.out.take() {
            out.finish(Err(Failure::new(FailureKind::Timeout, At::Local, message)
                .retry(Retry::Now)
                .hint(
                    "the machine may be overloaded; close other programs or use a smaller model",
                )));
        }
        Served::Lost(format!("made no progress for {} and {how}", seconds(stall)))
    }

    async fn lose(mut self) -> Served {
        let how = self.worker.end().await;
        if let Some(out) = self.out.take() {
            let model = &self.desk.settings.model;
            let message = format!("the engine process for {model} {how}; Oratory is restarting it");
            out.finish(Err(Failure::new(FailureKind::Broken, At::Local, message)
                .retry(Retry::Now)
                .hint("send the request again; if it keeps happening, see `oratory doctor`")));
        }
        Served::Lost(how)
    }

    fn too_large(mut self) -> Served {
        let most = crate::protocol::MAX_FRAME >> 20;
        let message = format!("the request is larger than {most} MiB");
        let failure = Failure::new(FailureKind::TooLarge, At::Caller, message);
        self.finish(Err(failure.hint("send less text")), Usage::default());
        Served::Whole(self.worker)
    }
}

enum Heard {
    More,
    End,
    Cancel(Option<Failure>),
}

/// Waits for a reason to stop early; for ever once the answer has ended for the reader.
async fn interrupted(out: Option<&Outlet>, deadline: Instant, limit: Duration) -> Option<Failure> {
    let Some(out) = out else { return std::future::pending().await };
    tokio::select! {
        biased;
        () = out.text.closed() => None,
        () = sleep_until(deadline) => Some(out_of_time(limit)),
    }
}

fn unread(patience: Duration) -> Failure {
    let message = format!("nobody read the answer for {}", seconds(patience));
    Failure::new(FailureKind::Timeout, At::Caller, message)
        .hint("read the stream as it comes; others wait for the same model")
}
