//! Licences, bans and sources of every dependency, by cargo-deny.
//!
//! Advisories are left out: they need the network and change without us changing anything.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::setup::Environment;
use crate::{cargo, root, tools_folder};

/// One version, so that a check means the same everywhere.
const VERSION: &str = "0.20.2";

pub(super) fn check(environment: &Environment) -> Result<()> {
    let program = program(environment)?;
    let arguments = ["--workspace", "--all-features", "--locked", "check"];
    let checks = ["bans", "licenses", "sources"];
    let mut command = Command::new(program);
    command.args(arguments).args(checks).current_dir(root()).stdin(Stdio::null());
    cargo::run(&mut command)
}

fn program(environment: &Environment) -> Result<PathBuf> {
    if cargo::output_of("cargo-deny", &["--version"]).is_some() {
        return Ok("cargo-deny".into());
    }
    let private = tools_folder().join("bin").join("cargo-deny");
    if !private.exists() {
        eprintln!("installing cargo-deny {VERSION} into .tools, once; it takes minutes");
        let arguments = ["install", "--locked", "--quiet", "cargo-deny", "--version", VERSION];
        let mut install = cargo::cargo(environment, arguments);
        cargo::run(install.arg("--root").arg(tools_folder()))
            .context("cargo-deny cannot be installed (is there a network?)")?;
    }
    Ok(private)
}
