//! `cargo xtask fuzz [TARGET] [--seconds N] [--seed N] [--input FILE]`: tries what reads strangers'
//! bytes with inputs nobody thought of, on any compiler.
//!
//! The targets and what changes inputs lie in `fuzz`, a workspace of its own.

use anyhow::Result;

use crate::setup::Environment;
use crate::{cargo, root};

/// Tries for as long as somebody says, or ten minutes.
pub(crate) fn fuzz(arguments: &[String]) -> Result<()> {
    let mut all = arguments.to_vec();
    if !arguments.iter().any(|argument| argument == "--seconds") {
        all.extend(["--seconds".to_owned(), "600".to_owned()]);
    }
    drive(&Environment::new(), &all)
}

/// Tries every target, thirty seconds in all, always beginning alike.
pub(crate) fn check(environment: &Environment) -> Result<()> {
    let manifest = root().join("fuzz/Cargo.toml");
    let format = ["fmt", "--check", "--manifest-path"].map(std::ffi::OsString::from);
    cargo::run(&mut cargo::cargo(environment, format.into_iter().chain([manifest.into()])))?;
    drive(environment, &["--seconds", "30", "--seed", "1"].map(str::to_owned))
}

// In a folder of its own below the one that git leaves out, for its switches differ.
fn drive(environment: &Environment, arguments: &[String]) -> Result<()> {
    let words = ["run", "--quiet", "--release", "--no-default-features", "--bin", "drive"];
    let mut command = cargo::cargo(environment, words);
    command.arg("--manifest-path").arg(root().join("fuzz/Cargo.toml"));
    command.arg("--target-dir").arg(root().join("target/fuzz"));
    cargo::run(command.arg("--").args(arguments))
}
