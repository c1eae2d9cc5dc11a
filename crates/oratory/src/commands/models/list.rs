//! `oratory models list`: one line for each model.
//!
//! What comes with the program stands last, under a line of its own.

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
    let (own, here): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.built_in);
    if here.is_empty() {
        out::note(format_args!("No model is in {}.", config.models.display()));
        out::note(
            "`oratory models import` looks for those of other programs; `oratory models pull` fetches one.",
        );
    }
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).min(60);
    let list = |rows: &[&Row]| {
        for row in rows {
            out::line(format_args!("{:<width$}  {}", row.name, facts(row)));
        }
    };
    list(&here);
    out::line(format_args!("{}Inside the program:", if here.is_empty() { "" } else { "\n" }));
    list(&own);
    Ok(ExitCode::SUCCESS)
}

fn facts(row: &Row) -> String {
    if let Some(problem) = &row.problem {
        return format!("cannot be used: {problem}");
    }
    if let Some(serves) = row.serves {
        return format!("{:>8}  {serves}", size(row.bytes));
    }
    let quantisation = row.quantisation.unwrap_or("?");
    let parameters = row.parameters.map(count).unwrap_or_default();
    format!("{:>8}  {parameters:>6}  {quantisation:<8}  {}", size(row.bytes), row.source())
}
