//! `oratory eval replay`: how good routing between two models would have been, at every cost.
//!
//! Measures the predictor that the router uses, with the code that the router runs.

use std::process::ExitCode;

use oratory_evals::replay::{Parting, Replay, Report, Told};

use super::{done, outcomes, step, wrong};
use crate::cli::Replaying;
use crate::{foresight, out};

/// The shares of strong calls that people are shown.
const SHOWN: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 0.9];

pub(super) fn run(args: &Replaying) -> anyhow::Result<ExitCode> {
    let recorded = outcomes(&args.outcomes)?;
    let found = replay(args).run(&recorded, &foresight::reader()?, step);
    done();
    let report = found.map_err(|error| wrong(&args.outcomes.display(), &error))?;
    if args.json {
        out::json(&report);
    } else {
        show(&report);
    }
    Ok(ExitCode::SUCCESS)
}

fn replay(args: &Replaying) -> Replay {
    let parting = args.train_fraction.map_or(Parting::Folds(args.folds), Parting::Fraction);
    let (weak, strong) = (args.weak.clone(), args.strong.clone());
    Replay { weak, strong, parting, repeats: args.repeats, seed: args.seed }
}

fn show(report: &Report) {
    let Report { weak, strong, method, .. } = report;
    out::line(format_args!(
        "{} requests; {} scores {:.3}, {} scores {:.3}",
        report.requests, weak.model, weak.quality, strong.model, strong.quality
    ));
    if report.left_out > 0 {
        out::line(format_args!("{} lines left out: one of the two is missing", report.left_out));
    }
    let parting = match (method.folds, method.train_fraction) {
        (Some(folds), _) => format!("{folds} parts, each held out once"),
        (_, share) => format!("a share of {} learnt from", share.unwrap_or_default()),
    };
    out::line(format_args!(
        "{parting}, {} times, seed {}; learning from {} took {:.0} ms, foretelling one {:.0} µs",
        method.repeats, method.seed, method.learnt_from, method.learning_ms, method.predicting_us
    ));
    table(report);
    out::line(meaning(report));
}

fn table(report: &Report) {
    let shares = SHOWN.map(|share| format!("{:>7}", format!("{:.0} %", 100.0 * share))).concat();
    out::line(format_args!(
        "\n{:<16}{:>7}{:>16}{:>8}{:>8}  quality at{shares}",
        "", "APGR", "95 %", "CPT50", "CPT80"
    ));
    let ways = [
        ("predictor", &report.predictor),
        ("longest first", &report.length),
        ("by chance", &report.random),
        ("all-knowing", &report.oracle),
    ];
    for (name, told) in ways {
        out::line(row(name, told));
    }
    out::line("");
}

fn row(name: &str, told: &Told) -> String {
    let number = |number: Option<f64>| number.map_or("–".to_owned(), |n| format!("{n:.3}"));
    let share =
        |share: Option<f64>| share.map_or("–".to_owned(), |s| format!("{:.1} %", 100.0 * s));
    let within =
        told.apgr_interval.map_or(String::new(), |[least, most]| format!("{least:.3}–{most:.3}"));
    let quality = |wanted: f64| {
        let near = told.curve.iter().min_by(|one, other| {
            (one.strong_share - wanted).abs().total_cmp(&(other.strong_share - wanted).abs())
        });
        format!("{:>7}", number(near.map(|point| point.quality)))
    };
    format!(
        "{name:<16}{:>7}{within:>16}{:>8}{:>8}            {}",
        number(told.apgr),
        share(told.cpt50),
        share(told.cpt80),
        SHOWN.map(quality).concat()
    )
}

/// Returns what the table means, in a sentence.
fn meaning(report: &Report) -> String {
    if let Some(why) = &report.unmeasured {
        return format!("No measure: {why}.");
    }
    let (Some(calls), Some([least, _])) = (report.predictor.cpt80, report.predictor.apgr_interval)
    else {
        return "The requests are too few, or the two models too alike, to say more.".to_owned();
    };
    let found = match least > 0.5 {
        true => "",
        false => " That may be chance: the interval reaches down to what chance does, 0.5.",
    };
    format!(
        "Sending {:.0} % of the requests to {} keeps four fifths of what it does better than {}; by chance it takes 80 %.{found}",
        100.0 * calls,
        report.strong.model,
        report.weak.model
    )
}
