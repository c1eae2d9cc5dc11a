//! `cargo xtask up`: from a fresh clone to a running Oratory.
//!
//! It becomes `oratory up`, so that Ctrl-C and signals reach that and nothing stands between.

use std::process::Command;

use anyhow::Result;

use crate::{cargo, setup};

pub(crate) fn up(arguments: &[String]) -> Result<()> {
    let environment = setup::prepare()?;
    let program = cargo::build(&environment, "oratory")?;
    become_it(Command::new(program).arg("up").args(arguments))
}

#[cfg(unix)]
fn become_it(command: &mut Command) -> Result<()> {
    let error = std::os::unix::process::CommandExt::exec(command);
    Err(anyhow::Error::new(error).context(format!("cannot start {}", cargo::spelled(command))))
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> Result<()> {
    cargo::run(command)
}
