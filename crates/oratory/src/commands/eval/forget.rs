//! `oratory eval forget`: what was learnt of the models on this machine is given up.
//!
//! The outcomes it was learnt from are left alone.

use std::path::Path;
use std::process::ExitCode;

use crate::{foresight, out};

pub(super) fn run(data: &Path) -> anyhow::Result<ExitCode> {
    match foresight::forget(data)? {
        Some(path) => out::note(format_args!("{} is removed", path.display())),
        None => out::note("nothing had been learnt on this machine"),
    }
    Ok(ExitCode::SUCCESS)
}
