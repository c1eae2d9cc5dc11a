//! `oratory-train NAME …`: makes one of Oratory's small models again, or measures them all.
//!
//! Reached through `cargo xtask train`. Each model's own module says what it is made of.

use std::process::ExitCode;

use oratory_train::{bench, embed, mini, tagger};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((name, rest)) if name == "bench" => bench::run(rest),
        Some((name, rest)) if name == "embed" => embed::run(rest),
        Some((name, rest)) if name == "mini" => mini::run(rest),
        Some((name, rest)) if name == "tagger" => tagger::run(rest),
        _ => Err(anyhow::anyhow!(
            "name what to train: embed, mini or tagger; or bench to measure them"
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            oratory_train::say(&format!("oratory-train: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
