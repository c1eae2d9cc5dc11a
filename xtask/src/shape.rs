//! `cargo xtask shape NAME PATH`: writes a model of a true shape with random weights.
//!
//! The writing lives with the engine, in a program of its own, so that this one stays small.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::setup::Environment;
use crate::{cargo, setup};

pub(crate) fn shape(arguments: &[String]) -> Result<()> {
    let [name, path] = arguments else {
        bail!("say what and where: cargo xtask shape NAME PATH, such as qwen3-0.6b /tmp/made.gguf");
    };
    make(&setup::prepare()?, name, Path::new(path))
}

/// Writes a model of this shape to `path`.
pub(crate) fn make(environment: &Environment, name: &str, path: &Path) -> Result<()> {
    let program = cargo::build(environment, "oratory-shape")?;
    cargo::run(Command::new(program).arg(name).arg(path))
}
