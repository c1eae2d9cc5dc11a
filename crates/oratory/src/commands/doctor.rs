//! `oratory doctor`: looks at everything a request needs and says what to do about the rest.
//!
//! Runs a real request through the engine, because nothing else proves that it works.

use std::process::ExitCode;

use oratory_contract::{Message, Role, Wanted};
use oratory_http::Check;
use oratory_local::energy::{Energy, Metering};
use oratory_pipeline::{Pipeline, Site};
use oratory_store::{Reader, StoreHealth};

use super::asking::{hear, request};
use crate::cli::{Json, Sampled};
use crate::house::House;
use crate::out;
use crate::settings::{Config, Settings};

pub(super) async fn run(
    args: &Json,
    config: &Config,
    settings: &Settings,
) -> anyhow::Result<ExitCode> {
    let (house, pipeline) = House::build(config, Vec::new())?;
    let mut checks = vec![file(settings), records(&house, config)];
    checks.extend(house.leaving.checks());
    checks.extend([models(&house, config), engine(&pipeline).await, energy()]);
    house.close().await;
    let well = checks.iter().all(|check| check.ok);
    if args.json {
        out::json(&checks);
    } else {
        for check in &checks {
            let mark = if check.ok { "ok  " } else { "BAD " };
            out::line(format_args!("{mark} {:<10} {}", check.name, check.message));
            if let Some(hint) = &check.hint {
                out::line(format_args!("                next: {hint}"));
            }
        }
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn good(name: &'static str, message: String) -> Check {
    Check { name, ok: true, message, hint: None }
}

fn bad(name: &'static str, message: String, hint: String) -> Check {
    Check { name, ok: false, message, hint: Some(hint) }
}

fn file(settings: &Settings) -> Check {
    let file = settings.file.display();
    let message = if settings.file.is_file() {
        format!("{file} is read and makes sense")
    } else {
        format!("no settings file; {file} would be read")
    };
    good("settings", message)
}

fn records(house: &House, config: &Config) -> Check {
    match house.store.settled() {
        StoreHealth::Failing { message, hint } => bad("records", message, hint),
        _ => match Reader::open(&config.store).and_then(|reader| reader.check()) {
            Ok(()) => good("records", format!("{} is sound", config.store.display())),
            Err(error) => bad("records", error.to_string(), error.hint()),
        },
    }
}

fn models(house: &House, config: &Config) -> Check {
    let sites = house.portfolio.sites();
    let home = sites.iter().find(|site| matches!(site, Site::Local(_)));
    let models = home.map(Site::models).unwrap_or_default();
    let folder = config.models.display();
    for model in models.iter() {
        if let oratory_contract::Readiness::Unavailable(why) = &model.readiness {
            let hint = format!("remove it from {folder}, or get it again");
            return bad("models", format!("{} cannot be used: {why}", model.name), hint);
        }
    }
    let real = models.iter().filter(|model| !model.stand_in).count();
    let mut check = good("models", format!("{real} in {folder}, and those that come with Oratory"));
    if real == 0 {
        check.hint =
            Some("get one with `oratory models pull`; `oratory up` names one that fits".to_owned());
    }
    check
}

/// Says whether energy is measured; where it is not, nothing else is the worse for it.
fn energy() -> Check {
    match Energy::default().metering() {
        Metering::Counts(counters) => {
            good("energy", format!("is measured by {}, gross", counters.join(" and ")))
        }
        Metering::Denied(counter) => {
            let counter = counter.display();
            let mut check =
                good("energy", format!("not measured: {counter} may be read by root alone"));
            check.hint = Some(format!(
                "`sudo chmod a+r {counter}` allows it until the next start, beside each of its like; \
                 every program here can then watch how hard the processor works"
            ));
            check
        }
        Metering::Absent => {
            good("energy", "not measured: this machine tells no program of it".to_owned())
        }
    }
}

async fn engine(pipeline: &Pipeline) -> Check {
    let messages = vec![Message::new(Role::User, "Hello")];
    let sampled = Sampled { temperature: None, seed: Some(1), max_tokens: Some(8) };
    let asked = request(Wanted::Named("home/mini".to_owned()), messages, sampled);
    let began = std::time::Instant::now();
    let answered = match pipeline.answer(asked).await {
        Ok(told) => hear(told.answer.chunks, |_| ()).await,
        Err(failure) => Err(failure),
    };
    match answered {
        Ok(_) => {
            good("engine", format!("answers, in {} ms from cold", began.elapsed().as_millis()))
        }
        Err(failure) => {
            let hint = failure.hint.clone();
            bad("engine", failure.to_string(), hint.unwrap_or_else(|| "see --log debug".to_owned()))
        }
    }
}
