//! `oratory eval`: measures routing on what models have answered before, and learns from it.
//!
//! Reads files only; no model is run and nothing is asked of any place.

mod forget;
mod learn;
mod replay;

use std::path::Path;
use std::process::ExitCode;

use oratory_evals::replay::{Recorded, ReplayError, read};

use crate::cli::{Eval, EvalWhat};
use crate::out::{self, WrongUsage};
use crate::settings::{Config, Settings};

pub(super) fn run(args: &Eval, settings: &Settings) -> anyhow::Result<ExitCode> {
    let config = || Config::from(settings).map_err(|error| WrongUsage(format!("{error:#}")));
    match &args.what {
        EvalWhat::Replay(args) => replay::run(args),
        EvalWhat::Learn(args) => learn::run(args, &config()?.data),
        EvalWhat::Forget => forget::run(&config()?.data),
    }
}

/// Returns the outcomes in a file.
fn outcomes(path: &Path) -> Result<Vec<Recorded>, WrongUsage> {
    let bytes = std::fs::read(path).map_err(|error| {
        let next = "name a file of outcomes, as `oratory eval replay --help` shows them";
        WrongUsage(format!("{} cannot be read: {error}; {next}", path.display()))
    })?;
    read(&bytes).map_err(|error| wrong(&path.display(), &error))
}

/// Says what is wrong with this file, and what to do.
fn wrong(file: &dyn std::fmt::Display, error: &ReplayError) -> WrongUsage {
    WrongUsage(format!("{file}: {error}; {}", error.hint()))
}

/// Shows whoever watches how far the work is.
fn step(done: usize, of: usize) {
    if out::watched() {
        out::passing(format_args!("learning anew: {done} of {of}"));
    }
}

/// Wipes away how far the work was.
fn done() {
    if out::watched() {
        out::passing("");
    }
}
