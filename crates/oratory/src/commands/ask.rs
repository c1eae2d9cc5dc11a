//! `oratory ask`: one request through the whole path.
//!
//! The answer goes to standard output, everything else to standard error.

use std::process::ExitCode;

use oratory_contract::{Done, Failure};
use oratory_pipeline::{Decision, Pipeline};
use serde::Serialize;

use super::asking::{asked, explain, hear};
use crate::cli::{Ask, Asking};
use crate::house::{self, House};
use crate::out;
use crate::settings::Config;

#[derive(Serialize)]
struct Report<'a> {
    answer: &'a str,
    finish: Option<oratory_contract::Finish>,
    usage: Option<oratory_contract::Usage>,
    decision: &'a Decision,
}

pub(super) async fn run(args: Ask, config: &Config) -> anyhow::Result<ExitCode> {
    let asked = asked(&args.asking, args.sampling)?;
    let (house, pipeline) = House::build(config, Vec::new())?;
    house.listed_for(&asked, &pipeline).await;
    let outcome = tokio::select! {
        outcome = answer(&pipeline, asked, &args.asking) => outcome,
        // Leaving drops the answer, and that stops the work.
        _ = tokio::signal::ctrl_c() => Ok(ExitCode::FAILURE),
    };
    house.close().await;
    outcome.map_err(house::error)
}

async fn answer(
    pipeline: &Pipeline,
    asked: oratory_contract::Asked,
    asking: &Asking,
) -> Result<ExitCode, Failure> {
    let told = pipeline.answer(asked).await?;
    let decision = told.decision;
    let print = |text: &str| {
        if !asking.json {
            out::piece(text);
        }
    };
    let (text, done) = hear(told.answer.chunks, print).await?;
    if asking.json {
        let (finish, usage) = done.map(|Done { finish, usage }| (finish, usage)).unzip();
        out::json(&Report { answer: &text, finish, usage, decision: &decision });
        return Ok(ExitCode::SUCCESS);
    }
    if !text.ends_with('\n') {
        out::line("");
    }
    if asking.explain {
        explain(&decision);
        out::note(format_args!("{} {}", out::dim("  record"), decision.id));
    }
    Ok(ExitCode::SUCCESS)
}
