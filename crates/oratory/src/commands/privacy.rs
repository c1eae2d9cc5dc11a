//! `oratory privacy`: what is private in texts of this machine.
//!
//! Needs no settings, no server and no model.

mod scan;

use std::process::ExitCode;

use crate::cli::{Privacy, PrivacyWhat};

pub(super) fn run(args: Privacy) -> anyhow::Result<ExitCode> {
    match args.what {
        PrivacyWhat::Scan(args) => scan::run(&args),
    }
}
