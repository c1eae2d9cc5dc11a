//! `cargo xtask train WHAT`: makes a model that comes with Oratory again, from its seed.

pub(crate) mod embed;
mod mini;
pub(crate) mod tagger;

use anyhow::{Result, bail};

pub(crate) fn train(arguments: &[String]) -> Result<()> {
    match arguments.split_first() {
        Some((what, rest)) if what == "embed" => embed::embed(rest),
        Some((what, rest)) if what == "tagger" => tagger::tagger(rest),
        Some((what, rest)) if mini::knows(what) => mini::train(what, rest),
        Some((other, _)) => {
            bail!("there is nothing called {other:?} to train; there are {}", names())
        }
        None => bail!("say what to train: {}", names()),
    }
}

fn names() -> String {
    format!("embed, tagger, {}", mini::names())
}
