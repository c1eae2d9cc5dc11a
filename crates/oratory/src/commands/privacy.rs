//! `oratory privacy`: what is private in texts of this machine, and what has left it.
//!
//! Needs no server and no model.

mod forget;
mod lines;
mod masking;
mod receipts;
mod scan;

use std::fs::File;
use std::path::Path;
use std::process::ExitCode;

use crate::cli::{Privacy, PrivacyWhat};
use crate::out::WrongUsage;
use crate::settings::{Config, Settings, own_terms};

pub(super) fn run(args: Privacy, settings: &Settings) -> anyhow::Result<ExitCode> {
    let wrong = |error: anyhow::Error| WrongUsage(format!("{error:#}"));
    // Whatever else the settings say, looking needs only what they call private.
    if let PrivacyWhat::Scan(args) = &args.what {
        return scan::run(args, &own_terms(settings).map_err(wrong)?);
    }
    let config = Config::from(settings).map_err(wrong)?;
    match args.what {
        PrivacyWhat::Scan(args) => scan::run(&args, &config.custom),
        PrivacyWhat::Mask(args) => masking::mask(&args, &config),
        PrivacyWhat::Restore(args) => masking::restore(&args, &config),
        PrivacyWhat::Receipts(args) => receipts::run(&args, &config),
        PrivacyWhat::Forget(args) => forget::run(&args, &config),
    }
}

fn opened(path: &Path) -> anyhow::Result<File> {
    let file = File::open(path)
        .map_err(|error| WrongUsage(format!("{} cannot be read: {error}", path.display())))?;
    if file.metadata().is_ok_and(|known| known.is_dir()) {
        let what = "is a folder; name the files in it";
        return Err(WrongUsage(format!("{} {what}", path.display())).into());
    }
    Ok(file)
}
