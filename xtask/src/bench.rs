//! `cargo xtask bench NAME`: builds what is measured and what measures, then measures.
//!
//! The measuring itself lives with the fakes, which play callers and providers, and for the trained
//! models with their trainer, for detection with its room.

mod brains;
mod peer;

use std::process::Command;

use anyhow::{Result, bail};

use crate::setup::Environment;
use crate::{cargo, setup, shape, tools_folder};

/// The names that can be measured.
const BENCHES: [&str; 4] = ["gateway", "engine", "brains", "privacy"];

/// What the engine is measured with: a dense model, one with experts, cut to a few layers, and one
/// that says what it can quote.
const MODELS: [(&str, &str); 3] =
    [("DENSE_MODEL", "qwen3-0.6b"), ("MOE_MODEL", "qwen3-30b-a3b@4"), ("TELLING_MODEL", "tells")];

/// Parts in which Oratory is measured beside itself or llama.cpp alone.
const WITHOUT_PEER: [&str; 3] = ["guess", "form", "alone"];

pub(crate) fn bench(arguments: &[String]) -> Result<()> {
    let names = BENCHES.join(", ");
    let Some((name, rest)) = arguments.split_first() else {
        bail!("say what to measure: cargo xtask bench {names}");
    };
    if !BENCHES.contains(&name.as_str()) {
        bail!("there is no bench {name:?}; write {names}");
    }
    if name == "privacy" {
        // The room alone: neither engine nor server is needed.
        let words =
            ["run", "--release", "-p", "oratory-privacy", "--example", "privacy_bench", "--"];
        return cargo::run(cargo::cargo(&Environment::new(), words).args(rest));
    }
    let environment = setup::prepare()?;
    let oratory = cargo::build(&environment, "oratory")?;
    if name == "brains" {
        return brains::bench(&oratory, rest);
    }
    let program = cargo::build(&environment, &format!("{name}-bench"))?;
    let mut command = Command::new(program);
    command.args(rest).env("ORATORY_BIN", oratory);
    if name == "engine" {
        // Some parts are measured without the peer, which takes minutes to build.
        let without = |part: &str| WITHOUT_PEER.iter().any(|name| part.starts_with(name));
        if !rest.windows(2).any(|pair| pair[0] == "--only" && without(&pair[1])) {
            command.env("PEER_PYTHON", peer::python()?);
        }
        add_models(&environment, &mut command)?;
    }
    cargo::run(&mut command)
}

/// Makes the models where they are not there yet, in `.tools`.
fn add_models(environment: &Environment, command: &mut Command) -> Result<()> {
    let folder = tools_folder().join("shapes");
    std::fs::create_dir_all(&folder)?;
    for (variable, name) in MODELS {
        let path = folder.join(format!("{}.gguf", name.replace('@', "-")));
        if !path.exists() {
            eprintln!("making {name} in .tools/shapes");
            // Beside its place first, so that what is there is whole.
            let draft = path.with_extension("part");
            shape::make(environment, name, &draft)?;
            std::fs::rename(&draft, &path)?;
        }
        command.env(variable, path);
    }
    Ok(())
}
