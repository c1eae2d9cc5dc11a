//! `oratory route`: where a request would go.
//!
//! Nothing is run and nothing recorded.

use std::process::ExitCode;

use super::asking::{asked, explain};
use crate::cli::{Route, Sampled};
use crate::house::{self, House};
use crate::out;
use crate::settings::Config;

pub(super) async fn run(args: &Route, config: &Config) -> anyhow::Result<ExitCode> {
    let sampled = Sampled { temperature: None, seed: None, max_tokens: None };
    let asked = asked(&args.asking, sampled)?;
    let (house, pipeline) = House::build(config, Vec::new())?;
    house.listed_for(&asked, &pipeline).await;
    let decided = pipeline.decide(asked);
    house.close().await;
    let decision = decided.map_err(house::error)?;
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
