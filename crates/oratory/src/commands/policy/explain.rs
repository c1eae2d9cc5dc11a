//! `oratory policy explain`: what each place may receive, and which rules say so.
//!
//! The same decision as for a request, without one.

use std::process::ExitCode;

use anyhow::anyhow;
use oratory_contract::{Labels, PlaceName, Spending};
use oratory_pipeline::{Case, Clock, Policy, Reading, Verdict, clock};
use serde::Serialize;

use super::{Text, places};
use crate::cli::Explain;
use crate::clock::MachineClock;
use crate::out::{self, WrongUsage};
use crate::settings::Config;

#[derive(Serialize)]
struct Row {
    place: String,
    receives: &'static str,
    rules: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    why: String,
}

pub(super) fn run(args: &Explain, config: &Config) -> anyhow::Result<ExitCode> {
    let text = Text::read(args.judged.file.as_deref(), config)?;
    let policy = Policy::load(&text.text, places(config))
        .map_err(|error| anyhow!("{}", text.wrong(&error)))?;
    let case = case(args, config);
    let rows: Vec<Row> = rows(args, &policy, &case)?;
    if args.judged.json {
        out::json(&rows);
        return Ok(ExitCode::SUCCESS);
    }
    let labels = &case.reading.all;
    out::note(format_args!("{} asks with what is {labels}, by {}:", args.caller, text.name()));
    for Row { place, receives, rules, why } in &rows {
        let rules = match (rules.is_empty(), why.is_empty()) {
            (false, true) => format!("by {}", rules.join(", ")),
            _ => why.clone(),
        };
        out::line(format_args!("{place:<16} {receives:<10} {rules}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn case(args: &Explain, config: &Config) -> Case {
    let stated = Labels::of(args.label.unwrap_or(config.unlabelled));
    let all = match &args.found {
        Some(found) => stated.clone().join(found),
        None => stated.clone(),
    };
    let (hour, weekday) = clock(MachineClock.unix_ms());
    Case {
        caller: args.caller.as_str().into(),
        groups: args.groups.iter().map(|group| group.as_str().into()).collect(),
        reading: Reading { all, ..Reading::stated(stated) },
        purpose: args.purpose.clone(),
        hour: args.hour.unwrap_or(hour),
        weekday: args.weekday.unwrap_or(weekday),
        spent: Spending { today: args.spent_today, month: args.spent_month },
    }
}

fn rows(args: &Explain, policy: &Policy, case: &Case) -> anyhow::Result<Vec<Row>> {
    let asked: Vec<PlaceName> = match &args.place {
        Some(place) => vec![place.as_str().into()],
        None => policy.places().iter().map(|card| card.name.clone()).collect(),
    };
    let rows = asked.iter().map(|place| {
        let unknown = || WrongUsage(format!("there is no place {place:?} in the settings"));
        let Verdict { receives, rules, why } = policy.judge(case, place).ok_or_else(unknown)?;
        let receives = receives.map_or("nothing", |receives| receives.as_str());
        Ok(Row { place: place.to_string(), receives, rules, why })
    });
    rows.collect()
}
