//! `cargo xtask train WHAT`: makes a model that comes with Oratory again, from its seed.

mod embed;

use anyhow::{Result, bail};

pub(crate) fn train(arguments: &[String]) -> Result<()> {
    match arguments.split_first() {
        Some((what, rest)) if what == "embed" => embed::embed(rest),
        Some((other, _)) => bail!("there is nothing called {other:?} to train; there is embed"),
        None => bail!("say what to train: embed"),
    }
}
