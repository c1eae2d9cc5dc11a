//! `oratory models rm`: deletes what was pulled, forgets what was imported.
//!
//! Asks a person, and a script for `--yes`.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context;
use oratory_models::ModelsError;
use serde_json::json;

use super::row::size;
use super::{error, index, meant, names, pull};
use crate::cli::Remove;
use crate::house;
use crate::out::{self, WrongUsage};
use crate::settings::Config;

pub(super) fn run(args: &Remove, config: &Config) -> anyhow::Result<ExitCode> {
    let mut names = names(config);
    let known = index(config).read().map_err(error)?;
    names.extend(known.iter().map(|entry| entry.name.clone()));
    names.sort();
    names.dedup();
    // A model that is half here is in no list, so its own name is taken as it is.
    let name = meant(&args.model, &names).map_err(error)?;
    let name = match name {
        Some(name) => name,
        None if comes_along(&args.model) => return Err(error(part_of_the_program(&args.model))),
        None => args.model.clone(),
    };
    if !args.yes && !agreed(&name)? {
        out::note("Nothing was removed.");
        return Ok(ExitCode::FAILURE);
    }
    let removed = pull::models(config).remove(&name).map_err(error)?;
    if args.json {
        out::json(&json!({
            "name": removed.name, "files": removed.files, "bytes": removed.bytes,
            "still_held_by": removed.holder,
        }));
    } else if let Some(holder) = &removed.holder {
        out::line(format_args!("{name} is no longer listed; its file stays in {holder}."));
    } else {
        out::line(format_args!("{name} is gone; {} are free again.", size(removed.bytes)));
    }
    Ok(ExitCode::SUCCESS)
}

fn comes_along(name: &str) -> bool {
    let chat = house::BUILT_IN.iter().map(|model| model.name);
    chat.chain(["tagger", "embed"]).any(|ours| ours == name)
}

fn part_of_the_program(name: &str) -> ModelsError {
    ModelsError::Unknown {
        what: format!("{name} is a part of the program, so it is not removed"),
        hint: "leave it: it takes no memory until it is asked for, and a model you install is \
               taken before it"
            .to_owned(),
    }
}

fn agreed(name: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        let message = format!("nobody can be asked whether to remove {name}; say so with --yes");
        return Err(WrongUsage(message).into());
    }
    ask(&format!("Remove {name}? [y/N] "), false)
}

/// Asks a person a question that is answered with yes or no.
pub(super) fn ask(question: &str, otherwise: bool) -> anyhow::Result<bool> {
    let mut error = std::io::stderr();
    let _ = write!(error, "{question}").and_then(|()| error.flush());
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("nothing can be read")?;
    let answer = line.trim().to_lowercase();
    Ok(if answer.is_empty() { otherwise && !line.is_empty() } else { answer.starts_with('y') })
}
