//! Measures the engine side by side with a peer: `cargo xtask bench engine`.
//!
//! The same file, the same threads, over HTTP, in pairs that take turns. Judges nothing: it
//! fails only where it could not measure.
#![allow(clippy::print_stdout, reason = "a measuring tool tells what it measured")]
#![allow(clippy::print_stderr, reason = "a measuring tool tells what it is doing")]

mod alone;
mod form;
mod guess;
mod measure;
mod report;
mod server;
mod talk;
mod turns;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use report::Report;
use server::Kind;

/// Why nothing could be measured.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

const USAGE: &str = "\
Usage: engine-bench [--json] [--trials N] [--threads N] [--only PART] [--model PATH] [--draft PATH]

  --json        one JSON document on standard output and nothing else
  --trials N    pairs for each measurement; 3 by default
  --threads N   threads of each server; by default as many as there are cores
  --only PART   only measurements with this in their name
  --model PATH  what guessing is measured with; by default `mini`, which comes along
  --draft PATH  a smaller model that guesses for it

ORATORY_BIN, PEER_PYTHON, DENSE_MODEL, MOE_MODEL and TELLING_MODEL name what is measured.";

/// What is wanted.
struct Wishes {
    json: bool,
    trials: usize,
    threads: usize,
    only: String,
    model: Option<PathBuf>,
    draft: Option<PathBuf>,
}

/// The programs and models.
struct Things {
    oratory: OsString,
    /// None where it is not needed.
    peer: Option<OsString>,
    dense: PathBuf,
    experts: PathBuf,
    /// Says the same whatever it is asked, so that it can quote.
    telling: PathBuf,
    /// The smaller model that guesses for the other.
    draft: Option<PathBuf>,
}

fn main() -> ExitCode {
    let wishes = match wishes(std::env::args().skip(1)) {
        Ok(wishes) => wishes,
        Err(why) => {
            eprintln!("engine-bench: {why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&wishes) {
        Ok(report) => {
            println!("{}", if wishes.json { report.json() } else { report.table() });
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("engine-bench: could not measure: {error}");
            ExitCode::FAILURE
        }
    }
}

fn wishes(mut arguments: impl Iterator<Item = String>) -> Result<Wishes, String> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut wishes = Wishes {
        json: false,
        trials: 3,
        threads: cores,
        only: String::new(),
        model: None,
        draft: None,
    };
    while let Some(argument) = arguments.next() {
        let mut number = |most: usize| {
            let number = arguments.next().and_then(|number| number.parse().ok());
            let wants = || format!("{argument} wants a number from 1 to {most}");
            number.filter(|number| (1..=most).contains(number)).ok_or_else(wants)
        };
        match argument.as_str() {
            "--json" => wishes.json = true,
            "--trials" => wishes.trials = number(99)?,
            "--threads" => wishes.threads = number(512)?,
            "--model" => {
                wishes.model = Some(arguments.next().ok_or("--model wants a path")?.into());
            }
            "--draft" => {
                wishes.draft = Some(arguments.next().ok_or("--draft wants a path")?.into());
            }
            "--only" => wishes.only = arguments.next().ok_or("--only wants a part of a name")?,
            other => return Err(format!("{other:?} means nothing here")),
        }
    }
    Ok(wishes)
}

#[expect(clippy::disallowed_methods, reason = "nobody hands a bench a Config")]
fn named(variable: &str) -> Result<OsString, Trouble> {
    std::env::var_os(variable)
        .ok_or_else(|| format!("{variable} is not set; use `cargo xtask bench engine`").into())
}

fn run(wishes: &Wishes) -> Result<Report, Trouble> {
    let things = Things {
        oratory: named("ORATORY_BIN")?,
        peer: named("PEER_PYTHON").ok(),
        dense: named("DENSE_MODEL")?.into(),
        experts: named("MOE_MODEL")?.into(),
        telling: named("TELLING_MODEL")?.into(),
        draft: wishes.draft.clone(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            report = measure::all(&things, wishes) => report,
            // Leaving in order: the servers end with the values that hold them.
            () = told_to_stop() => Err("it was told to stop".into()),
        }
    })
}

/// Resolves when a person presses Ctrl-C or a runner asks us to end.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
