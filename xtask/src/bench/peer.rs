//! The peer that the engine is measured beside: llama-cpp-python's server, in `.tools/peer`.
//!
//! Built from its source on this machine, as its users do; nothing outside the checkout is touched.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::cargo::run;
use crate::tools_folder;

/// The exact version that figures are told for.
const PEER: &str = "llama-cpp-python[server]==0.3.36";

/// Returns the python that runs the peer, having installed it if it was not there.
pub(super) fn python() -> Result<PathBuf> {
    let folder = tools_folder().join("peer");
    let python = folder.join("bin/python");
    let mark = folder.join("complete");
    if std::fs::read_to_string(&mark).is_ok_and(|mark| mark == PEER) {
        return Ok(python);
    }
    eprintln!("installing {PEER} into .tools/peer; compiling it takes some minutes");
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder).stdin(Stdio::null()))
        .context("the peer needs a python3 with venv")?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", PEER]);
    run(pip.stdin(Stdio::null())).context("the peer could not be installed")?;
    std::fs::write(&mark, PEER).context("cannot write to .tools")?;
    Ok(python)
}
