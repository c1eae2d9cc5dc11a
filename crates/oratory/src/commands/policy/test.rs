//! `oratory policy test`: whether a policy keeps what the file beside it promises.
//!
//! Every promise of every place is a row; one that is broken makes the exit code 1.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use oratory_contract::{PlaceName, Receives};
use oratory_pipeline::{DEFAULT_PROMISES, Policy};
use serde::Serialize;

use super::promises::{Promise, Promises};
use super::{Text, places};
use crate::cli::Judged;
use crate::out::{self, WrongUsage};
use crate::settings::Config;

#[derive(Serialize)]
struct Row<'a> {
    about: &'a str,
    line: usize,
    place: String,
    expected: &'static str,
    got: &'static str,
    kept: bool,
    rules: Vec<String>,
}

pub(super) fn run(args: &Judged, config: &Config) -> anyhow::Result<ExitCode> {
    let text = Text::read(args.file.as_deref(), config)?;
    let (name, promises) = match &text.file {
        None => ("what it promises".to_owned(), DEFAULT_PROMISES.to_owned()),
        Some(file) => beside(file)?,
    };
    let promises = Promises::read(&name, &promises, config.unlabelled)
        .map_err(|mistakes| WrongUsage(mistakes.join("\n")))?;
    let mut known = places(config);
    // Places of the tests stand in for those of the settings that have their names.
    known.retain(|card| promises.places.iter().all(|own| own.name != card.name));
    known.extend(promises.places.iter().cloned());
    let loaded = Policy::load(&text.text, known);
    let policy = loaded.map_err(|error| anyhow!("{}", text.wrong(&error)))?;
    let mut rows = Vec::new();
    for promise in &promises.promises {
        rows.extend(judged(&name, promise, &policy)?);
    }
    tell(args, &rows);
    Ok(if rows.iter().all(|row| row.kept) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads the file beside a policy: `house.tests.toml` for `house.cedar`.
fn beside(policy: &Path) -> anyhow::Result<(String, String)> {
    let file: PathBuf = policy.with_extension("tests.toml");
    let name = file.display().to_string();
    let text = std::fs::read_to_string(&file).map_err(|error| {
        let policy = policy.display();
        WrongUsage(format!(
            "{name} cannot be read: {error}; write there what {policy} promises, as \
             `oratory help policy test` shows"
        ))
    })?;
    Ok((name, text))
}

fn judged<'a>(name: &str, promise: &'a Promise, policy: &Policy) -> anyhow::Result<Vec<Row<'a>>> {
    let expected = [
        (&promise.allowed, Some(Receives::AsIs)),
        (&promise.masked, Some(Receives::Masked)),
        (&promise.refused, None),
    ];
    let mut rows = Vec::new();
    for (places, expected) in expected {
        for place in places {
            let verdict = policy.judge(&promise.case, &PlaceName::from(place.as_str()));
            let verdict = verdict.ok_or_else(|| {
                let line = promise.line;
                WrongUsage(format!(
                    "{name}, line {line}: there is no place {place:?}; describe it under \
                     [[places]] or in the settings"
                ))
            })?;
            rows.push(Row {
                about: &promise.about,
                line: promise.line,
                place: place.clone(),
                expected: told(expected),
                got: told(verdict.receives),
                kept: verdict.receives == expected,
                rules: verdict.rules,
            });
        }
    }
    Ok(rows)
}

fn told(receives: Option<Receives>) -> &'static str {
    receives.map_or("refused", Receives::as_str)
}

fn tell(args: &Judged, rows: &[Row<'_>]) {
    if args.json {
        out::json(&rows);
        return;
    }
    let mut about = "";
    for row in rows {
        if row.about != about {
            about = row.about;
            out::line(about);
        }
        let mark = if row.kept { "ok  " } else { "BAD " };
        let by = if row.rules.is_empty() { "no rule".to_owned() } else { row.rules.join(", ") };
        let wanted = if row.kept { String::new() } else { format!(", not {}", row.expected) };
        out::line(format_args!("  {mark} {:<16} {}{wanted}, by {by}", row.place, row.got));
    }
    let broken = rows.iter().filter(|row| !row.kept).count();
    out::note(format_args!("{} promises, {broken} broken", rows.len()));
}
