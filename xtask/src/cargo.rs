//! Starts cargo and other programs in the checkout, with what set-up added to the environment.
//!
//! Standard input is closed for everything but the product itself: no step may ask.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::setup::Environment;
use crate::{root, variable};

/// Returns a cargo command with these arguments.
pub(crate) fn cargo<A: AsRef<OsStr>>(
    environment: &Environment,
    arguments: impl IntoIterator<Item = A>,
) -> Command {
    // The cargo that runs us, so that a chosen toolchain stays chosen.
    let mut command = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).envs(environment).current_dir(root()).stdin(Stdio::null());
    command
}

/// Runs a command to its end; failing is an error that names it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", spelled(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", spelled(command));
    }
    Ok(())
}

/// Returns what a command writes to standard output, if it succeeds.
pub(crate) fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// Builds one program in release and returns where it is.
///
/// The whole workspace is named, as for the tests: cargo gives dependencies the features that
/// all named packages want, and other features would compile llama.cpp once more.
pub(crate) fn build(environment: &Environment, program: &str) -> Result<PathBuf> {
    run(&mut cargo(environment, ["build", "--release", "--workspace", "--bin", program]))?;
    built(program)
}

/// Builds one program of one package, which needs no llama.cpp, and returns where it is.
pub(crate) fn build_alone(package: &str) -> Result<PathBuf> {
    run(&mut cargo(&Environment::new(), ["build", "--release", "--package", package]))?;
    built(package)
}

fn built(program: &str) -> Result<PathBuf> {
    let target = variable("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let program = root().join(target).join("release").join(name);
    if !program.exists() {
        bail!("the build left no {}; does a cargo setting move its target?", program.display());
    }
    Ok(program)
}

/// Returns a command as a person would type it.
pub(crate) fn spelled(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program()).to_string_lossy();
    let arguments = command.get_args().map(OsStr::to_string_lossy);
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}
