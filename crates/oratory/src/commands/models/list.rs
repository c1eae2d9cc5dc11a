//! `oratory models list`: one line for each model.
//!
//! The built-in stand-in is no file of anybody's and is not listed.

use std::process::ExitCode;

use super::row::{self, Row, count, size};
use crate::cli::Json;
use crate::out;
use crate::settings::Config;

pub(super) fn run(args: &Json, config: &Config) -> anyhow::Result<ExitCode> {
    let rows = row::all(config)?;
    if args.json {
        out::json(&rows);
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        out::note(format_args!("No model is in {}.", config.models.display()));
        out::note(
            "`oratory models import` looks for those of other programs; `oratory models pull` fetches one.",
        );
    }
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).min(60);
    for row in &rows {
        out::line(format_args!("{:<width$}  {}", row.name, facts(row)));
    }
    Ok(ExitCode::SUCCESS)
}

fn facts(row: &Row) -> String {
    if let Some(problem) = &row.problem {
        return format!("cannot be used: {problem}");
    }
    let quantisation = row.quantisation.unwrap_or("?");
    let parameters = row.parameters.map(count).unwrap_or_default();
    format!("{:>8}  {parameters:>6}  {quantisation:<8}  {}", size(row.bytes), row.source())
}
