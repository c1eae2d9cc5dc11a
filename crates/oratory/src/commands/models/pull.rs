//! `oratory models pull`: fetches a model while a person watches.
//!
//! The only command that uses the network for files, besides `run` of a model that is not here.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use oratory_models::{Found, FreeSpace, Models, Pulled, Reference};

use super::progress::Progress;
use super::remove::ask;
use super::row::size;
use super::{error, index, meant, names};
use crate::cli::Pull;
use crate::house;
use crate::licences::Known;
use crate::out;
use crate::settings::Config;

pub(super) async fn run(args: &Pull, config: &Config) -> anyhow::Result<ExitCode> {
    let reference: Reference = args.model.parse().map_err(error)?;
    let Some(pulled) = watch(config, &reference, args.yes).await? else {
        return Ok(ExitCode::FAILURE);
    };
    let entry = &pulled.entry;
    if args.json {
        let path = index(config).path(&entry.files[0]);
        let mut document = serde_json::to_value(entry)?;
        document["path"] = path.display().to_string().into();
        document["fresh"] = pulled.fresh.into();
        out::json(&document);
    } else {
        let bytes = entry.files.iter().map(|file| file.bytes).sum();
        let how = if pulled.fresh { "is here" } else { "was here already" };
        let name = &entry.name;
        out::line(format_args!("{name} {how}: {}. Next: oratory run {name}", size(bytes)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the name of a model that is here, fetching it first if that is what is meant.
///
/// A name with a slash or a colon can only mean one that is to be fetched; a bare word may be a
/// slip, so a person is asked and a script is told that there is no such model.
pub(crate) async fn at_hand(asked: &str, config: &Config) -> anyhow::Result<Option<String>> {
    let mut names = names(config);
    names.extend(house::BUILT_IN.iter().map(|model| model.name.to_owned()));
    if let Some(name) = meant(asked, &names).map_err(error)? {
        return Ok(Some(name));
    }
    // A variant of a model that is here; the engine knows the adapter.
    let variant =
        |name: &String| asked.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('+'));
    if names.iter().any(variant) {
        return Ok(Some(asked.to_owned()));
    }
    let reference = match asked.parse::<Reference>() {
        Ok(Reference::Path(_)) | Err(_) => return Ok(Some(asked.to_owned())),
        Ok(reference) => reference,
    };
    let plain = !asked.contains(['/', ':']);
    if asked.starts_with("home/") || (plain && !wanted(asked)?) {
        return Ok(Some(asked.to_owned()));
    }
    Ok(watch(config, &reference, false).await?.map(|pulled| pulled.entry.name))
}

fn wanted(asked: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() || !out::watched() {
        return Ok(false);
    }
    ask(&format!("{asked} is not here. Fetch it from the Ollama registry? [Y/n] "), true)
}

/// Says whether a person takes a licence that is not free. Where nobody watches, it was told, and the
/// pull goes on.
async fn agreed(found: &Found, yes: bool) -> anyhow::Result<bool> {
    let known = Known::of(found.name(), found.licence());
    let asks = std::io::stdin().is_terminal() && out::watched();
    if yes || found.is_here() || known.is_free() || !asks {
        return Ok(true);
    }
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own: who presses Ctrl-C is not to be asked for a line first.
    std::thread::Builder::new().name("question".to_owned()).spawn(move || {
        // Nobody waits for it any more where somebody has pressed it.
        let _ = tell.send(ask("Fetch it under these terms? [y/N] ", false));
    })?;
    tokio::select! {
        answer = told => answer?,
        _ = tokio::signal::ctrl_c() => Ok(false),
    }
}

/// Pulls until it is done or a person stops it, in which case there is nothing to return.
async fn watch(
    config: &Config,
    reference: &Reference,
    yes: bool,
) -> anyhow::Result<Option<Pulled>> {
    let models = models(config);
    let progress = Arc::new(Progress::begin());
    let heard = Arc::clone(&progress);
    let tell = move |event| heard.hear(event);
    let found = tokio::select! {
        found = models.find(reference, &tell) => found.map_err(error)?,
        _ = tokio::signal::ctrl_c() => return Ok(None),
    };
    progress.end();
    config.licences.check(found.name(), found.licence()).map_err(error)?;
    if !agreed(&found, yes).await? {
        out::note("Nothing was fetched.");
        return Ok(None);
    }
    let outcome = tokio::select! {
        outcome = models.fetch(found, &tell) => Some(outcome),
        _ = tokio::signal::ctrl_c() => None,
    };
    progress.end();
    match outcome {
        Some(outcome) => outcome.map(Some).map_err(error),
        None => {
            out::note("Stopped. What came is kept; type the same again to go on from there.");
            Ok(None)
        }
    }
}

/// Opens the folder of models, and the way to more.
pub(in crate::commands) fn models(config: &Config) -> Models {
    let fetching = &config.fetching;
    let stored = || {
        let text = std::fs::read_to_string(fetching.token_file.as_ref()?).ok()?;
        Some(text.trim().to_owned()).filter(|token| !token.is_empty())
    };
    let usual = oratory_models::Config::new(
        config.models.clone(),
        FreeSpace::new(oratory_local::free_space),
    );
    Models::new(oratory_models::Config {
        hugging_face: fetching.hugging_face.clone(),
        ollama: fetching.ollama.clone(),
        token: fetching.token.clone().or_else(stored).map(Into::into),
        memory: oratory_local::memory(),
        connections: fetching.connections,
        offline: config.offline,
        ..usual
    })
}
