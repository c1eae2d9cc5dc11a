//! The worker process: loads one model, then answers one request after the other.
//!
//! It speaks frames on standard input and output and trusts nobody to stop it: when standard
//! input ends, however the supervisor died, the process ends too, in the middle of anything.

mod answer;
mod line;
mod stop;

use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use self::answer::Desk;
use self::line::Line;
use crate::llama::{Backend, Context, Model, Watch};
use crate::machine;
use crate::prompt::Prompter;
use crate::protocol::{self, Job, Load, Loaded, Order, Report, Trouble, TroubleKind, VERSION};

/// Orders waiting for the model. The supervisor sends a job only when the last one has ended.
const WAITING: usize = 4;

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
    serve(&orders, &line, &watch)
}

/// Reads orders until there are no more, which ends the process.
fn listen(mut from: impl Read, to: &SyncSender<Order>, line: &Line, watch: &Watch) -> ! {
    loop {
        match protocol::read(&mut from) {
            Ok(Some(Order::Cancel { number })) => watch.cancel(number),
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

fn serve(orders: &Receiver<Order>, line: &Line, watch: &Watch) -> ExitCode {
    let Ok(Order::Load(load)) = orders.recv() else { return ExitCode::FAILURE };
    let started = Instant::now();
    let model = match load_model(&load, line, watch) {
        Ok(model) => model,
        Err(trouble) => return give_up(line, trouble),
    };
    let size = match model.trained_context() {
        0 => load.context,
        trained => load.context.min(trained),
    };
    let Some(context) = Context::new(&model, size, load.threads, watch) else {
        let message = format!("there is not enough memory for a context of {size} tokens");
        let hint = "close other programs, or set a smaller context";
        return give_up(line, Trouble::new(TroubleKind::Broken, message, hint));
    };
    line.send(&Report::Loaded(Loaded {
        context: context.size().try_into().unwrap_or(u32::MAX),
        parameters: model.parameters(),
        milliseconds: started.elapsed().as_millis().try_into().unwrap_or(u32::MAX),
    }));
    let prompter = Prompter::new(&model);
    let mut desk = Desk { model: &model, context, prompter, partition: None, line, watch };
    while let Ok(order) = orders.recv() {
        if let Order::Run(job) = order {
            run(&mut desk, &job);
        }
    }
    ExitCode::SUCCESS
}

fn run(desk: &mut Desk<'_>, job: &Job) {
    desk.watch.begin(job.number);
    let report = desk.answer(job);
    desk.watch.begin(0);
    desk.line.send(&report);
}

fn load_model(load: &Load, line: &Line, watch: &Watch) -> Result<Model, Trouble> {
    let broken = |message: String, hint| Trouble::new(TroubleKind::Broken, message, hint);
    let mut told = 0;
    let progress = |done: f32| {
        watch.tick();
        let percent = (done.clamp(0.0, 1.0) * 100.0) as u8;
        if percent > told {
            told = percent;
            line.send(&Report::Loading { percent });
        }
    };
    let model = Model::load(Backend::start(), &load.path, progress).map_err(|error| {
        broken(
            format!("llama.cpp cannot load {}: {error}", load.path.display()),
            "try another file or quantisation of the model; a newer family needs a newer Oratory",
        )
    })?;
    if !model.decodes() {
        let message = format!("{} does not write text", load.path.display());
        return Err(broken(message, "choose a chat model; this one only embeds or encodes"));
    }
    Ok(model)
}

fn give_up(line: &Line, trouble: Trouble) -> ExitCode {
    line.send(&Report::Failed { number: None, trouble });
    ExitCode::FAILURE
}
