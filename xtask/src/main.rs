//! `cargo xtask …`: sets a machine up, then builds, runs, tests and checks Oratory.
//!
//! CI runs these same commands. Nothing of the product lives here.
#![allow(clippy::print_stderr, reason = "a tool for people says what it does")]

mod bench;
mod cargo;
mod check;
mod fuzz;
mod setup;
mod shape;
mod tidy;
mod train;
mod up;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  up [ARGS…]      build Oratory and run `oratory up ARGS…`
  test [ARGS…]    build and run every test; ARGS go to the test runner
  check [STEP]    fmt, clippy, tidy, doc, deny, fuzz and test, or one of them
  bench NAME …    measure; NAME is `gateway`, `engine`, `brains` or `privacy`
  fuzz [TARGET]   try what reads strangers' bytes with inputs nobody thought of, for ten minutes or
                  `--seconds N`; `--seed N` begins elsewhere, `--input FILE` tries a find again
  shape NAME PATH write a model of a true shape with random weights
  train WHAT …    make a model that comes with Oratory again; WHAT is `embed`, `tagger`, `mini`, or one
                  of `mini-s`, `mini-m`, `mini-l`; `check` makes the smallest anew and compares its scores

`up`, `test`, `check`, `bench` and `shape` first install what building needs and is missing:
cmake and libclang.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let done = match command {
        "up" => up::up(rest),
        "test" => check::test(rest),
        "check" => check::check(rest),
        "bench" => bench::bench(rest),
        "fuzz" => fuzz::fuzz(rest),
        "shape" => shape::shape(rest),
        "train" => train::train(rest),
        "help" | "--help" | "-h" => {
            eprintln!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => {
            eprintln!("xtask: there is no command {other:?}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the folder of the checkout.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the checkout")
}

/// Returns where private tools go; git ignores it.
fn tools_folder() -> PathBuf {
    root().join(".tools")
}

/// Returns a variable of the environment.
#[expect(clippy::disallowed_methods, reason = "nobody hands xtask a Config")]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
