//! cmake, ninja and libclang from PyPI, in `.tools`: for people who may not install packages.
//!
//! A compiler cannot be had this way. Nothing outside the checkout is touched.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Environment, Need, needs};
use crate::cargo::{output_of, run};
use crate::{tools_folder, variable};

/// Exact versions: llama.cpp is known to build with these.
const WHEELS: [&str; 3] = ["cmake==4.4.4", "ninja==1.13.2", "libclang==18.1.1"];

/// Says whether the wheels hold all that is missing.
pub(super) fn can_give(missing: &[Need]) -> bool {
    !missing.contains(&Need::Compiler)
}

/// Says whether these very wheels were installed to the end.
pub(super) fn are_installed() -> bool {
    std::fs::read_to_string(mark()).is_ok_and(|mark| mark == WHEELS.join(" "))
}

/// Installs the wheels.
pub(super) fn install() -> Result<()> {
    eprintln!("installing {} into .tools", WHEELS.join(", "));
    let folder = folder();
    // A part of an earlier attempt would only be in the way.
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("cannot clear .tools/wheels")?;
    }
    let mut pip = pip()?;
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    pip.args(["--only-binary", ":all:", "--retries", "1", "--target"]).arg(&folder).args(WHEELS);
    // As a variable, because older versions of pip do not know it as an argument.
    pip.env("PIP_ROOT_USER_ACTION", "ignore").stdin(Stdio::null());
    run(&mut pip).context("PyPI gave no wheels (is there a network?)")?;
    std::fs::write(mark(), WHEELS.join(" ")).context("cannot write to .tools")
}

/// Returns what lets cargo find the wheels. What the system has stays in use.
pub(super) fn environment(missing: &[Need]) -> Result<Environment> {
    let mut environment = Environment::new();
    if missing.contains(&Need::Libclang) {
        environment.insert("LIBCLANG_PATH", folder().join("clang/native").into());
        needs::add_compiler_headers(&mut environment);
    }
    let mut programs = Vec::new();
    if missing.contains(&Need::Cmake) {
        programs.push(folder().join("cmake/data/bin"));
    }
    if missing.contains(&Need::Make) {
        programs.push(folder().join("bin"));
        environment.insert("CMAKE_GENERATOR", "Ninja".into());
    }
    environment.insert("PATH", path_with(programs)?);
    Ok(environment)
}

/// Returns pip: python's own, else one in a private environment, which some systems allow when
/// they come without pip.
fn pip() -> Result<Command> {
    if output_of("python3", &["-m", "pip", "--version"]).is_some() {
        let mut command = Command::new("python3");
        command.args(["-m", "pip"]);
        return Ok(command);
    }
    let private = tools_folder().join("python");
    let made = output_of("python3", &["-m", "venv", &private.to_string_lossy()]);
    let pip = private.join("bin/pip");
    if made.is_none() || !pip.exists() {
        bail!("wheels from PyPI need a python3 with pip or venv");
    }
    Ok(Command::new(pip))
}

fn path_with(mut folders: Vec<PathBuf>) -> Result<OsString> {
    folders.extend(std::env::split_paths(&variable("PATH").unwrap_or_default()));
    std::env::join_paths(folders).context("the checkout's path cannot stand in PATH")
}

fn folder() -> PathBuf {
    tools_folder().join("wheels")
}

fn mark() -> PathBuf {
    folder().join("complete")
}
