//! `oratory models import`: what other programs on this machine hold, usable in place.
//!
//! Only names and paths are remembered; those programs keep their files.

use std::process::ExitCode;

use oratory_models::{Entry, Imported};
use serde::Serialize;

use super::row::size;
use super::{error, index};
use crate::cli::Import;
use crate::out;
use crate::settings::Config;

#[derive(Serialize)]
struct Report<'a> {
    name: &'a str,
    holder: &'a str,
    path: String,
    bytes: u64,
    /// Whether it was not known before.
    new: bool,
}

pub(super) fn run(args: &Import, config: &Config) -> anyhow::Result<ExitCode> {
    let found = match &args.path {
        Some(path) => oratory_models::find_at(path).map_err(error)?,
        None => oratory_models::find(&config.fetching.holders),
    };
    let index = index(config);
    let new = if args.dry_run { Vec::new() } else { index.import(&found).map_err(error)? };
    let entries = index.read().map_err(error)?;
    let reports: Vec<Report<'_>> =
        found.iter().map(|model| report(model, &entries, &new)).collect();
    if args.json {
        out::json(&reports);
        return Ok(ExitCode::SUCCESS);
    }
    if found.is_empty() {
        out::note(
            "Neither Ollama, LM Studio, llama.cpp nor the Hugging Face cache holds a model here.",
        );
    }
    for row in &reports {
        let mark = if row.new {
            "imported"
        } else if args.dry_run {
            "found"
        } else {
            "known"
        };
        let size = size(row.bytes);
        out::line(format_args!("{mark:<8}  {}  {size}  in {}", row.name, row.holder));
    }
    Ok(ExitCode::SUCCESS)
}

/// Says under which name a model is known now.
fn report<'a>(model: &'a Imported, entries: &'a [Entry], new: &'a [Entry]) -> Report<'a> {
    let same = |entry: &&Entry| entry.files.iter().map(|file| &file.path).eq(&model.files);
    let added = new.iter().find(same);
    let known = added.or_else(|| entries.iter().find(same));
    Report {
        name: known.map_or(&model.name, |entry| &entry.name),
        holder: &model.holder,
        path: model.files.first().map(|path| path.display().to_string()).unwrap_or_default(),
        bytes: model.bytes,
        new: added.is_some(),
    }
}
