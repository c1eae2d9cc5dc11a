//! The `mini` family: makes one size or all of them.
//!
//! What was stopped goes on.

use std::path::PathBuf;
use std::process::{Child, Command};

use anyhow::{Context, Result, bail};

use crate::{cargo, root};

const SIZES: [&str; 3] = ["mini-l", "mini-m", "mini-s"];

/// Says whether this is one of ours.
pub(super) fn knows(what: &str) -> bool {
    what == "mini" || what == "check" || SIZES.contains(&what)
}

pub(super) fn train(what: &str, options: &[String]) -> Result<()> {
    let program = cargo::build_alone("oratory-train")?;
    match what {
        // The largest takes as long as the others together, and each computes on one core.
        "mini" => together(vec![
            vec![trainer(&program, "make", "mini-l", options)],
            vec![
                trainer(&program, "make", "mini-s", options),
                trainer(&program, "make", "mini-m", options),
            ],
        ]),
        "check" => {
            let mut check = trainer(&program, "check", "mini-s", options);
            cargo::run(check.args(["--folder", "target/train-check"]))
        }
        size => cargo::run(&mut trainer(&program, "make", size, options)),
    }
}

pub(super) fn names() -> String {
    format!("mini, {}, check", SIZES.join(", "))
}

fn trainer(program: &PathBuf, verb: &str, size: &str, options: &[String]) -> Command {
    let mut command = Command::new(program);
    command.args(["mini", verb, size]).args(options).current_dir(root());
    // Memory of one step serves the next; giving it back in between costs a tenth of the time.
    command.env("MALLOC_TRIM_THRESHOLD_", "1000000000").env("MALLOC_MMAP_THRESHOLD_", "1000000000");
    command
}

/// Runs rows of commands side by side, each row one after the other.
fn together(rows: Vec<Vec<Command>>) -> Result<()> {
    let mut running: Vec<(Child, Vec<Command>)> = Vec::new();
    for mut row in rows {
        row.reverse();
        let mut first = row.pop().context("a row of work is not empty")?;
        running.push((first.spawn().context("cannot start the trainer")?, row));
    }
    while let Some((mut child, mut row)) = running.pop() {
        let status = child.wait().context("cannot wait for the trainer")?;
        if !status.success() {
            running.iter_mut().for_each(|(other, _)| drop(other.kill()));
            bail!("the trainer failed ({status})");
        }
        if let Some(mut next) = row.pop() {
            running.push((next.spawn().context("cannot start the trainer")?, row));
        }
    }
    Ok(())
}
