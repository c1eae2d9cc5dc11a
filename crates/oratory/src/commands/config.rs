//! `oratory config`: what holds, and who said so.
//!
//! Secrets are shown as dots.

use std::process::ExitCode;

use serde::Serialize;

use crate::cli::{ConfigArgs, ConfigWhat};
use crate::out;
use crate::settings::{self, Kind, SETTINGS, Settings};

#[derive(Serialize)]
struct Row<'a> {
    key: &'a str,
    value: String,
    from: String,
}

pub(super) fn run(args: &ConfigArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    match &args.what {
        Some(ConfigWhat::Reference) => out::piece(settings::page()),
        Some(ConfigWhat::Schema) => out::json(&settings::schema()),
        Some(ConfigWhat::Openapi) => {
            out::piece(oratory_http::description(env!("CARGO_PKG_VERSION")));
        }
        Some(ConfigWhat::Path) => out::line(settings.file.display()),
        None => show(settings, args.json),
    }
    Ok(ExitCode::SUCCESS)
}

fn show(settings: &Settings, json: bool) {
    let rows: Vec<Row<'_>> = settings
        .all()
        .iter()
        .map(|(key, setting)| Row {
            key,
            value: setting.value.show(kind(key)),
            from: setting.source.to_string(),
        })
        .collect();
    if json {
        out::json(&rows);
        return;
    }
    out::note(out::dim(format_args!("settings file: {}", settings.file.display())));
    let width = rows.iter().map(|row| row.key.len() + row.value.len() + 3).max().unwrap_or(0);
    for Row { key, value, from } in &rows {
        let line = format!("{key} = {value}");
        out::line(format_args!("{line:<width$}  # {from}"));
    }
}

fn kind(key: &str) -> Kind {
    let is_it = |pattern: &str| match pattern.split_once('*') {
        None => pattern == key,
        Some((above, below)) => key.starts_with(above) && key.ends_with(below),
    };
    let row = SETTINGS.iter().find(|setting| is_it(setting.key));
    row.map_or(Kind::Text, |setting| setting.kind)
}
