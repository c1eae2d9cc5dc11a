//! Measures the models that come with Oratory: `cargo xtask bench brains [--data FOLDER] [--cases N]`.
//!
//! What they are measured on is made up, or comes from packages of exact versions; a folder with marked
//! posts and public prompt sets adds what was never seen in training.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, run};
use crate::setup::Environment;
use crate::tools_folder;
use crate::train::{embed, tagger};

pub(super) fn bench(oratory: &Path, arguments: &[String]) -> Result<()> {
    let (mut data, mut cases) = (None, "100".to_owned());
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        let value = rest.next().with_context(|| format!("{option} wants a value"))?;
        match option.as_str() {
            "--data" => {
                data = Some(std::path::absolute(value).context("the folder cannot be named")?);
            }
            "--cases" => cases.clone_from(value),
            other => bail!("{other:?} means nothing here; there are --data FOLDER and --cases N"),
        }
    }
    let words = ["run", "--release", "--package", "oratory-train", "--", "bench"];
    let mut command = cargo(&Environment::new(), words);
    command.arg("--oratory").arg(oratory).args(["--cases", &cases]);
    command.arg("--lists").arg(tagger::lists()?);
    if let Some(data) = data {
        command.args(from(&data)?);
    }
    run(&mut command)
}

/// Returns the options for what only a folder of data can measure.
fn from(data: &Path) -> Result<Vec<PathBuf>> {
    let posts = data.join("text/wnut17_test.gold.jsonl");
    if !posts.is_file() || !data.join("suites").is_dir() {
        bail!(
            "{} lacks text/wnut17_test.gold.jsonl, marked posts, or suites, prompt sets",
            data.display()
        );
    }
    let work = tools_folder().join("embed/work");
    Ok([
        "--texts".into(),
        posts,
        "--packages".into(),
        embed::packages()?,
        "--data".into(),
        data.to_owned(),
        "--work".into(),
        work,
    ]
    .into())
}
