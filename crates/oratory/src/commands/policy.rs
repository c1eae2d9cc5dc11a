//! `oratory policy`: whether the policy loads, keeps its promises, and what it says.
//!
//! Reads files and settings only; no model is looked for and nothing is asked of any place.

mod check;
mod explain;
mod promises;
mod test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use oratory_contract::{Clearance, PlaceCard, Sensitivity, Terms, Tier};
use oratory_pipeline::{DEFAULT_POLICY, PolicyError};

use crate::cli::{Policy, PolicyWhat};
use crate::leaving;
use crate::out::WrongUsage;
use crate::settings::{Config, PlaceConfig, Settings};

pub(super) fn run(args: Policy, settings: &Settings) -> anyhow::Result<ExitCode> {
    let config = Config::from(settings).map_err(|error| WrongUsage(format!("{error:#}")))?;
    match args.what {
        PolicyWhat::Check(args) => check::run(&args, &config),
        PolicyWhat::Test(args) => test::run(&args, &config),
        PolicyWhat::Explain(args) => explain::run(&args, &config),
    }
}

/// A policy's text, and what people call it.
struct Text {
    file: Option<PathBuf>,
    text: String,
}

impl Text {
    /// Reads the policy that was named, else that of the settings, else the built-in one.
    fn read(file: Option<&Path>, config: &Config) -> anyhow::Result<Self> {
        let Some(file) = file.or(config.policy.as_deref()) else {
            return Ok(Self { file: None, text: DEFAULT_POLICY.to_owned() });
        };
        let text = leaving::read(file)
            .map_err(|error| WrongUsage(format!("{} cannot be read: {error}", file.display())))?;
        Ok(Self { file: Some(file.to_owned()), text })
    }

    fn name(&self) -> String {
        match &self.file {
            Some(file) => file.display().to_string(),
            None => "the built-in policy".to_owned(),
        }
    }

    /// Returns what is wrong, as compilers write it.
    fn wrong(&self, error: &PolicyError) -> String {
        let name = self.name();
        let lines = error.0.iter().map(|problem| match (problem.line, problem.column) {
            (Some(line), Some(column)) => format!("{name}:{line}:{column}: {}", problem.message),
            _ => format!("{name}: {}", problem.message),
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Returns the places of the settings, home first.
fn places(config: &Config) -> Vec<PlaceCard> {
    let home = PlaceCard {
        name: "home".into(),
        tier: Tier::Edge,
        address: "this machine".to_owned(),
        clearance: Clearance { as_is: Sensitivity::Secret, masked: None },
        terms: Terms::default(),
    };
    std::iter::once(home).chain(config.places.iter().map(PlaceConfig::card)).collect()
}
