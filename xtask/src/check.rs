//! `cargo xtask check`: everything CI checks, quickest first, tests last.
//!
//! The test runner's own summary stays the last line anyone sees.

use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::setup::{self, Environment};
use crate::{cargo, fuzz, tidy};

mod deny;

type Step = fn(&Environment) -> Result<()>;

const STEPS: [(&str, Step); 7] = [
    ("fmt", fmt),
    ("tidy", |_| tidy::check()),
    ("deny", deny::check),
    ("clippy", clippy),
    ("doc", doc),
    ("fuzz", fuzz::check),
    ("test", |environment| run_tests(environment, &[])),
];

pub(crate) fn check(arguments: &[String]) -> Result<()> {
    let chosen: Vec<_> = match arguments {
        [] => STEPS.to_vec(),
        [name] => STEPS.into_iter().filter(|(known, _)| known == name).collect(),
        _ => bail!("check takes one step: {}", names()),
    };
    if chosen.is_empty() {
        bail!("there is no step {:?}; write {}", arguments[0], names());
    }
    let environment = setup::prepare()?;
    for (name, step) in chosen {
        take(name, step, &environment)?;
    }
    Ok(())
}

/// Runs every test; the arguments go to the runner.
pub(crate) fn test(arguments: &[String]) -> Result<()> {
    run_tests(&setup::prepare()?, arguments)
}

fn take(name: &str, step: Step, environment: &Environment) -> Result<()> {
    eprintln!("── {name}");
    let start = Instant::now();
    step(environment).with_context(|| {
        let seconds = start.elapsed().as_secs();
        format!("{name} failed after {seconds} s; to run it alone: cargo xtask check {name}")
    })?;
    if name != "test" {
        eprintln!("── {name}: good, {:.1} s", start.elapsed().as_secs_f32());
    }
    Ok(())
}

fn fmt(environment: &Environment) -> Result<()> {
    cargo::run(&mut cargo::cargo(environment, ["fmt", "--all", "--check"]))
        .context("`cargo fmt --all` puts it right")
}

fn clippy(environment: &Environment) -> Result<()> {
    let arguments = ["clippy", "--release", "--workspace", "--all-targets", "--"];
    cargo::run(&mut cargo::cargo(environment, arguments.into_iter().chain(["-D", "warnings"])))
}

// In release like the rest: another profile would compile llama.cpp once more.
fn doc(environment: &Environment) -> Result<()> {
    let arguments = ["doc", "--release", "--workspace", "--no-deps"];
    cargo::run(cargo::cargo(environment, arguments).env("RUSTDOCFLAGS", "-D warnings"))
}

// The examples in the documentation first: the runner's summary is to come last.
fn run_tests(environment: &Environment, arguments: &[String]) -> Result<()> {
    let examples = ["test", "--doc", "--quiet", "--release", "--workspace"];
    cargo::run(&mut cargo::cargo(environment, examples))?;
    let runner: &[&str] = if has_nextest() { &["nextest", "run"] } else { &["test"] };
    let fixed = runner.iter().copied().chain(["--release", "--workspace"]);
    cargo::run(&mut cargo::cargo(environment, fixed.chain(arguments.iter().map(String::as_str))))
}

fn has_nextest() -> bool {
    cargo::output_of("cargo", &["nextest", "--version"]).is_some()
}

fn names() -> String {
    STEPS.map(|(name, _)| name).join(", ")
}
