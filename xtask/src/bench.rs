//! `cargo xtask bench NAME`: builds what is measured and what measures, then measures.
//!
//! The measuring itself lives with the fakes, which play callers and providers.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{cargo, setup};

/// Each name and the program of `oratory-fakes` behind it.
const BENCHES: [(&str, &str); 1] = [("gateway", "gateway-bench")];

pub(crate) fn bench(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        bail!("say what to measure: cargo xtask bench {}", names());
    };
    let Some((_, program)) = BENCHES.into_iter().find(|(known, _)| known == name) else {
        bail!("there is no bench {name:?}; write {}", names());
    };
    let environment = setup::prepare()?;
    let oratory = cargo::build(&environment, "oratory")?;
    let program = cargo::build(&environment, program)?;
    cargo::run(Command::new(program).args(rest).env("ORATORY_BIN", oratory))
}

fn names() -> String {
    BENCHES.map(|(name, _)| name).join(" or ")
}
