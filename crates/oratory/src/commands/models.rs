//! `oratory models`: the model files on this machine, and more of them.
//!
//! The files' own facts come from the engine's catalogue, where they came from out of the index.

mod available;
mod import;
mod list;
mod progress;
mod ps;
mod pull;
mod remove;
mod row;
mod show;

use std::process::ExitCode;

use oratory_contract::{Failure, Meant};
use oratory_models::{Index, ModelsError};

use crate::cli::{Json, Models, ModelsWhat};
use crate::house;
use crate::settings::Config;
pub(super) use pull::{at_hand, models as opened};

pub(super) async fn run(args: Models, config: &Config) -> anyhow::Result<ExitCode> {
    match args.what {
        None => list::run(&Json { json: args.json }, config),
        Some(ModelsWhat::List(more)) if more.available => {
            Ok(available::run(more.json || args.json))
        }
        Some(ModelsWhat::List(more)) => list::run(&Json { json: more.json || args.json }, config),
        Some(ModelsWhat::Ps(more)) => ps::run(&Json { json: more.json || args.json }, config),
        Some(ModelsWhat::Pull(args)) => pull::run(&args, config).await,
        Some(ModelsWhat::Import(args)) => import::run(&args, config),
        Some(ModelsWhat::Show(args)) => show::run(&args, config),
        Some(ModelsWhat::Rm(args)) => remove::run(&args, config),
    }
}

/// Turns what went wrong with model files into what commands return.
fn error(error: ModelsError) -> anyhow::Error {
    house::error(Failure::from(error))
}

/// Returns the names of the models here, those included whose files are gone bad.
fn names(config: &Config) -> Vec<String> {
    let register = house::register(&config.models);
    let here = oratory_local::model_names(&config.models, &register);
    here.iter().map(ToString::to_string).collect()
}

/// Returns the installed model that a person means, if it is plain which.
fn meant(asked: &str, names: &[String]) -> Result<Option<String>, ModelsError> {
    match oratory_models::installed(asked, names.iter().map(String::as_str)) {
        Meant::One(name) => Ok(Some(name)),
        Meant::None => Ok(None),
        Meant::Several(names) => Err(ModelsError::Several { asked: asked.to_owned(), names }),
    }
}

fn index(config: &Config) -> Index {
    Index::new(&config.models)
}
