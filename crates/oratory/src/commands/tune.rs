//! `oratory tune`: finds out how a model runs fastest on this machine.
//!
//! Says what was chosen and what it gained; the engine writes it down for the next load.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use oratory_local::{Engine, Tuned};

use super::run::named;
use crate::cli::Tune;
use crate::house::{self, House};
use crate::out;
use crate::settings::Config;

pub(super) async fn run(args: Tune, config: Config) -> anyhow::Result<ExitCode> {
    let Some((files, model)) = named(&args.model, &config).await? else {
        return Ok(ExitCode::FAILURE);
    };
    let name = model.as_str().trim_start_matches("home/").to_owned();
    let config = Config { places: Vec::new(), ..config };
    let (house, _pipeline) = House::build(&config, files)?;
    let outcome = tokio::select! {
        outcome = measure(&house.engine, &name) => outcome,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("stopped; nothing has changed")),
    };
    if out::watched() {
        out::passing("");
    }
    house.close().await;
    let tuned = outcome?;
    if args.json {
        out::json(&tuned);
    } else {
        out::line(&name);
        told(&tuned, |line, text| out::line(format_args!("{line:>12}  {text}")));
    }
    Ok(ExitCode::SUCCESS)
}

async fn measure(engine: &Engine, name: &str) -> anyhow::Result<Tuned> {
    let (began, model) = (Instant::now(), name.into());
    let mut measured = std::pin::pin!(engine.tune(&model));
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            tuned = &mut measured => return tuned.map_err(house::error),
            _ = second.tick() => if out::watched() {
                let seconds = began.elapsed().as_secs();
                out::passing(format_args!("measuring {name}: {seconds} s of about 40"));
            },
        }
    }
}

/// Tells what was found, line by line.
pub(super) fn told(tuned: &Tuned, line: impl Fn(&str, &str)) {
    let threads = match tuned.threads {
        1 => "1 thread".to_owned(),
        threads if tuned.spin == 0 => format!("{threads} threads that sleep while they wait"),
        threads => format!("{threads} threads"),
    };
    let order = if tuned.repack { "in the processor's order" } else { "as they lie in the file" };
    let attention = match tuned.flash {
        Some(false) => "step by step",
        _ => "fused",
    };
    line("computed by", &format!("{threads}, {} tokens at a time", tuned.batch));
    line("weights", order);
    line("attention", attention);
    if tuned.gains > 1.0 {
        let (gains, reads, writes) = (tuned.gains, tuned.reads, tuned.writes);
        line("gained", &format!("{gains:.2} times as fast (reads {reads:.2}, writes {writes:.2})"));
    } else {
        line("gained", "nothing: the usual way is the fastest found here");
    }
}
