//! Prepares the forms that answers must have, away from those that have none.
//!
//! Compiling what a caller handed in may take a while, whatever is capped beforehand, and nothing
//! can stop it half-way. So each has a thread of its own and a time; one that takes longer is
//! left behind. Where several are, the next waits for them, no longer than a form may take.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use oratory_contract::Task;

use super::line::Line;
use super::reading::{Arrival, Given, Ready, refused};
use crate::constraint::{Constraint, Environment, Problem, Thinks, Vocabulary, Wish};
use crate::llama::{Model, Token, Watch};
use crate::protocol::{Job, Report, Trouble, TroubleKind};
use crate::speech::{Parser, Style};

/// How long one form may take.
const LIMIT: Duration = Duration::from_secs(3);

/// Forms that took too long and are still at it, beside which another may be prepared.
const MOST_LATE: usize = 2;

/// A request whose form is still to be prepared.
pub(super) struct Unformed {
    pub(super) job: Job,
    pub(super) given: Given,
    pub(super) style: Style,
    pub(super) thinks: Thinks,
}

/// Prepares forms until there are no more.
pub(super) struct Former<'a> {
    model: &'a Model,
    line: &'a Line,
    watch: &'a Watch,
    /// The vocabulary as forms need it, made when first asked for.
    environment: Option<Result<Environment, Problem>>,
    /// Forms that took too long and may not be done yet.
    late: Vec<JoinHandle<()>>,
}

impl<'a> Former<'a> {
    pub(super) fn new(model: &'a Model, line: &'a Line, watch: &'a Watch) -> Self {
        Self { model, line, watch, environment: None, late: Vec::new() }
    }

    pub(super) fn run(mut self, from: &Receiver<Unformed>, to: &SyncSender<Arrival>) {
        while let Ok(unformed) = from.recv() {
            let number = unformed.job.number;
            if self.watch.is_cancelled(number) {
                self.watch.ended(number);
                let usage = oratory_contract::Usage::default();
                self.line.send(&Report::Stopped { number, usage });
                continue;
            }
            match self.form(unformed) {
                Ok(ready) => {
                    if to.send(Arrival::Ready(Box::new(ready))).is_err() {
                        return;
                    }
                }
                Err(trouble) => refused(self.watch, self.line, number, trouble),
            }
        }
    }

    fn form(&mut self, unformed: Unformed) -> Result<Ready, Trouble> {
        let model = self.model;
        let environment =
            self.environment.get_or_insert_with(|| Environment::new(&vocabulary(model)));
        let environment = environment.as_ref().map_err(problem)?.clone();
        self.wait_for_the_late()?;
        let Unformed { job, given, style, thinks } = unformed;
        let Given { tokens: prompt, spots, opens } = given;
        let (done, outcome) = sync_channel(1);
        let (form, tools, by) = (job.form.clone(), job.tools.clone(), style.clone());
        let compile = move || {
            let wish = Wish { form: &form, tools: &tools, style: &by, opens, thinks };
            drop(done.send(Constraint::new(&environment, &wish)));
        };
        let thread = thread::Builder::new().name("form".into()).spawn(compile);
        let thread = thread.map_err(|error| problem(&Problem::Lost(error.to_string())))?;
        let constraint = match outcome.recv_timeout(LIMIT) {
            Ok(constraint) => constraint.map_err(|error| problem(&error))?,
            Err(RecvTimeoutError::Timeout) => {
                self.late.push(thread);
                return Err(problem(&Problem::TooLong(LIMIT.as_secs())));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(problem(&Problem::Lost("the program that prepares it failed".into())));
            }
        };
        let mut style = style;
        if !job.tools.may_be_called() {
            // Nothing can be called, so what looks like a call is only text.
            style.begins = &[];
        }
        let parser = match job.task {
            Task::Continue(_) => Parser::plain(),
            _ => Parser::new(&style, &job.tools, opens),
        };
        Ok(Ready { job, prompt, spots, parser, constraint, rest: None })
    }

    fn wait_for_the_late(&mut self) -> Result<(), Trouble> {
        let began = Instant::now();
        loop {
            self.late.retain(|late| !late.is_finished());
            if self.late.len() <= MOST_LATE {
                return Ok(());
            }
            if began.elapsed() >= LIMIT {
                let message = "the forms of other requests are still being prepared";
                let hint = "try again in a while, or ask without a form";
                return Err(Trouble::new(TroubleKind::Busy, message, hint));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn vocabulary(model: &Model) -> Vocabulary {
    let tokens = 0..Token::try_from(model.tokens()).unwrap_or(Token::MAX);
    let control: Vec<bool> = tokens.clone().map(|token| model.is_control(token)).collect();
    let bytes = tokens.clone().zip(&control).map(|(token, control)| match control {
        true => model.spelling(token).into_bytes(),
        false => model.bytes(token),
    });
    let ends = tokens.filter(|token| model.ends(*token));
    Vocabulary {
        bytes: bytes.collect(),
        ends: ends.filter_map(|token| u32::try_from(token).ok()).collect(),
        control,
    }
}

fn problem(problem: &Problem) -> Trouble {
    let (kind, hint) = match problem {
        Problem::Vocabulary(_) | Problem::Lost(_) => {
            (TroubleKind::Broken, "choose another model, or ask without a form")
        }
        _ => (TroubleKind::Invalid, "ask for a simpler form, or for none"),
    };
    Trouble::new(kind, problem.to_string(), hint)
}
