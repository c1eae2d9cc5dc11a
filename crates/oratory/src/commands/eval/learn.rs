//! `oratory eval learn`: teaches this machine's router which requests each model is good enough for.
//!
//! Tells what it is worth before anybody relies on it: every figure is of requests held out.

use std::path::Path;
use std::process::ExitCode;

use oratory_evals::replay::{Learnt, Study};
use serde::Serialize;

use super::{done, outcomes, step, wrong};
use crate::cli::Learning;
use crate::{foresight, out};

#[derive(Serialize)]
struct Kept<'a> {
    file: &'a Path,
    #[serde(flatten)]
    learnt: &'a Learnt,
}

pub(super) fn run(args: &Learning, data: &Path) -> anyhow::Result<ExitCode> {
    let mut recorded = Vec::new();
    for path in &args.outcomes {
        recorded.extend(outcomes(path)?);
    }
    let files: Vec<_> = args.outcomes.iter().map(|path| path.display().to_string()).collect();
    let study = Study { models: args.models.clone() };
    let found = study.run(&recorded, &foresight::reader()?, step);
    done();
    let (predictor, learnt) = found.map_err(|error| wrong(&files.join(", "), &error))?;
    let path = foresight::keep(data, &predictor)?;
    if args.json {
        out::json(&Kept { file: &path, learnt: &learnt });
    } else {
        show(&learnt);
        out::line(format_args!("Kept in {}.", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn show(learnt: &Learnt) {
    out::line(format_args!("learnt from {} requests", learnt.requests));
    if learnt.left_out > 0 {
        out::line(format_args!("{} lines left out: no such model", learnt.left_out));
    }
    out::line(format_args!(
        "\n{:<32}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "model", "requests", "score", "error", "blind", "APGR"
    ));
    for model in &learnt.models {
        let apgr = model.apgr.map_or("–".to_owned(), |apgr| format!("{apgr:.3}"));
        out::line(format_args!(
            "{:<32}{:>9}{:>9.3}{:>9.3}{:>9.3}{apgr:>9}",
            model.model, model.requests, model.quality, model.brier, model.blind
        ));
    }
    out::line(meaning(learnt));
}

fn meaning(learnt: &Learnt) -> String {
    let strongest = &learnt.strongest;
    format!(
        "\nOn requests not learnt from: error is the mean squared distance of what was foretold from\n\
         what came, blind is that of always foretelling the model's mean score, and APGR is the\n\
         area of routing between the model and {strongest}; by chance it is 0.5."
    )
}
