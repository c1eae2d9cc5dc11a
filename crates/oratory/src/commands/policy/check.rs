//! `oratory policy check`: whether a policy loads, and where it is wrong.
//!
//! What loads but is hardly meant so is told as well, and is no failure.

use std::process::ExitCode;

use oratory_pipeline::{Policy, Problem, doubts};
use serde::Serialize;

use super::{Text, places};
use crate::cli::Judged;
use crate::out;
use crate::settings::Config;

#[derive(Serialize)]
struct Report {
    policy: String,
    loads: bool,
    problems: Vec<Problem>,
    doubts: Vec<Problem>,
}

pub(super) fn run(args: &Judged, config: &Config) -> anyhow::Result<ExitCode> {
    let text = Text::read(args.file.as_deref(), config)?;
    let loaded = Policy::load(&text.text, places(config));
    let doubts = doubts(&text.text);
    let loads = loaded.is_ok();
    if args.json {
        let problems = loaded.err().map(|error| error.0).unwrap_or_default();
        out::json(&Report { policy: text.name(), loads, problems, doubts });
    } else {
        match &loaded {
            Ok(_) => out::line(format_args!("{} loads", text.name())),
            Err(error) => {
                out::line(text.wrong(error));
                out::note("until it is put right, nothing leaves this machine");
            }
        }
        for doubt in &doubts {
            out::note(format_args!("{}: {doubt}", text.name()));
        }
    }
    Ok(if loads { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
