//! `oratory route`: where a request would go.
//!
//! Nothing is run and nothing recorded.

use std::process::ExitCode;

use super::asking::{asked, explain};
use crate::cli::{Route, Sampled};
use crate::house::{self, House};
use crate::out::{self, FailureReport};
use crate::settings::Config;

pub(super) fn run(args: &Route, config: &Config) -> anyhow::Result<ExitCode> {
    let sampled = Sampled { temperature: None, seed: None, max_tokens: None };
    let asked = asked(&args.asking, sampled)?;
    let (_house, pipeline) = House::build(config, Vec::new())?;
    let decision = match pipeline.decide(asked) {
        Ok(decision) => decision,
        Err(failure) if args.asking.json => {
            out::json(&FailureReport::from(&failure));
            return Ok(out::exit_code(&failure));
        }
        Err(failure) => return Err(house::error(failure)),
    };
    if args.asking.json {
        out::json(&decision);
        return Ok(ExitCode::SUCCESS);
    }
    out::line(format_args!("{}/{}", decision.place, decision.model));
    if args.asking.explain {
        explain(&decision);
    }
    Ok(ExitCode::SUCCESS)
}
