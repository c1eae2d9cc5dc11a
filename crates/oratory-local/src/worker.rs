//! The worker process: loads one model, then answers requests, several at once.
//!
//! Four threads: one listens, one turns requests into tokens, one prepares forms, one computes; and
//! a fifth looks at pictures where the model can see. It trusts nobody to stop it: when standard
//! input ends, however the supervisor died, the process ends too, in the middle of anything.

pub(crate) use self::costs::MOST as GUESSED;
pub(crate) use self::draft::{HEADS_READ, PIECE as HELPER_READS, SPAN as HEADS_SPAN};
pub(crate) use self::eyes::REMEMBERED;
pub(crate) use self::fingerprint::add_file;
pub(crate) use self::lanes::{COPIES, COPIES_BYTES};

mod answer;
mod attic;
mod costs;
mod draft;
mod encoder;
mod eyes;
mod fingerprint;
mod floor;
mod foresight;
mod forming;
mod gear;
mod guess;
mod hopes;
mod lanes;
mod line;
mod loading;
mod looking;
mod reading;
mod run;
mod seal;
mod shelf;
mod shortening;
mod stop;
mod storing;
mod summing;
mod texts;
mod timing;
mod vector;
mod wardrobe;

use std::cell::RefCell;
use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use oratory_contract::Usage;

use self::line::Line;
use self::reading::Reader;
use crate::llama::Watch;
use crate::machine;
use crate::protocol::{self, Load, Order, Report, Trouble, VERSION};
use crate::purpose::{Purpose, Reading};

/// Orders between two threads. The supervisor sends no more jobs than there are lanes.
const WAITING: usize = 64;

/// Runs a worker until its standard input ends. Call it from a process made for nothing else.
pub fn main() -> ExitCode {
    machine::expect_to_die();
    let Ok(out) = machine::take_stdout() else { return ExitCode::FAILURE };
    let line = Arc::new(Line::new(out));
    line.send(&Report::Hello { version: VERSION });
    let watch = Arc::new(Watch::default());
    let (to, orders) = sync_channel(WAITING);
    {
        let (line, watch) = (Arc::clone(&line), Arc::clone(&watch));
        // Nobody joins this thread: it ends the process.
        thread::spawn(move || listen(std::io::stdin().lock(), &to, &line, &watch));
    }
    serve(orders, &line, &watch)
}

/// Ends the process when its thread panics: a thread that is gone would leave the others waiting
/// for it, and the supervisor can only help with a process that is gone. Not a panic hook, for a
/// panic that is caught, as those of the compiler of grammars are, is no end.
struct EndOnPanic;

impl Drop for EndOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            machine::end_now(101);
        }
    }
}

/// Reads orders until there are no more, which ends the process.
fn listen(mut from: impl Read, to: &SyncSender<Order>, line: &Line, watch: &Watch) -> ! {
    loop {
        match protocol::read(&mut from) {
            Ok(Some(Order::Cancel { number })) => watch.cancel(number),
            // Not through the thread that reads: it may be busy with a long prompt.
            Ok(Some(Order::Pause { number })) => watch.pause(number, true),
            Ok(Some(Order::Resume { number })) => watch.pause(number, false),
            Ok(Some(Order::Ping)) => line.offer(&Report::Pong { ticks: watch.ticks() }),
            Ok(Some(order)) => {
                if to.send(order).is_err() {
                    machine::end_now(1);
                }
            }
            Ok(None) => machine::end_now(0),
            Err(_) => machine::end_now(1),
        }
    }
}

fn serve(orders: Receiver<Order>, line: &Line, watch: &Watch) -> ExitCode {
    let done = match orders.recv() {
        Ok(Order::Load(load)) => match load.purpose {
            Purpose::Write => answer(&load, orders, line, watch),
            Purpose::Read(reading) => sum_up(&load, reading, orders, line, watch),
        },
        Ok(Order::Measure(measure)) => timing::run(*measure, &orders, line, watch),
        _ => return ExitCode::FAILURE,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            line.send(&Report::Failed { number: None, usage: Usage::default(), trouble });
            ExitCode::FAILURE
        }
    }
}

/// Serves a model that writes.
fn answer(load: &Load, orders: Receiver<Order>, line: &Line, watch: &Watch) -> Result<(), Trouble> {
    let begun = std::time::Instant::now();
    let model = loading::model(load, line, watch)?;
    let helper = loading::helper(load, &model, line, watch)?;
    let (eyes, blind) = loading::eyes(load, &model, watch);
    let floor = loading::floor(load, &model, helper.as_ref(), line, watch)?;
    let mut reader = loading::reader(&floor);
    reader.blind = blind;
    let seer =
        eyes.map(|eyes| Reader { eyes: Some(RefCell::new(eyes)), ..loading::reader(&floor) });
    let former = loading::former(&floor);
    line.send(&Report::Loaded(loading::loaded(&floor, begun.elapsed())));
    let (to, arrivals) = sync_channel(WAITING);
    let (forming, unformed) = sync_channel(WAITING);
    let (looking, shown) = sync_channel(WAITING);
    thread::scope(|scope| {
        let _end = EndOnPanic;
        let from_former = to.clone();
        if let Some(seer) = seer {
            reader.seer = Some(looking);
            let (to, forming) = (to.clone(), forming.clone());
            scope.spawn(move || {
                let _end = EndOnPanic;
                seer.run(&shown, &to, &forming);
            });
        }
        scope.spawn(move || {
            let _end = EndOnPanic;
            former.run(&unformed, &from_former);
        });
        scope.spawn(move || {
            let _end = EndOnPanic;
            reader.run(&orders, &to, &forming);
        });
        floor.run(&arrivals);
        // The reader waits for orders that nobody will compute; the process is done.
        machine::end_now(0)
    })
}

/// Serves a model that only reads.
fn sum_up(
    load: &Load,
    reading: Reading,
    orders: Receiver<Order>,
    line: &Line,
    watch: &Watch,
) -> Result<(), Trouble> {
    let begun = std::time::Instant::now();
    let model = loading::model(load, line, watch)?;
    let encoder = loading::encoder(load, reading, &model, line, watch)?;
    let clerk = loading::clerk(&model, reading, &encoder);
    line.send(&Report::Loaded(loading::reads(&model, &encoder, begun.elapsed())));
    let (to, brought) = sync_channel(WAITING);
    thread::scope(|scope| {
        let _end = EndOnPanic;
        scope.spawn(move || {
            let _end = EndOnPanic;
            clerk.run(&orders, &to);
        });
        encoder.run(&brought);
        machine::end_now(0)
    })
}
