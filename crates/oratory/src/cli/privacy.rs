//! What can be typed behind `oratory privacy`.
//!
//! Files are read as text, or as JSONL where each line has an `id` and a `text`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args)]
pub(crate) struct Privacy {
    #[command(subcommand)]
    pub(crate) what: PrivacyWhat,
}

/// What to do about private things.
#[derive(Subcommand)]
pub(crate) enum PrivacyWhat {
    /// Find what is private in texts; nothing leaves this machine
    #[command(
        after_help = "Input:\n  text, or JSONL with lines such as {\"id\": 1, \"text\": \"Mail ada@example.org\"}\n\nOutput with --json, one line for each text; offsets are Unicode code points:\n  {\"id\":1,\"findings\":[{\"type\":\"email\",\"start\":5,\"end\":20,\"score\":0.95,\"why\":\"e-mail address\"}]}\n\nExamples:\n  oratory privacy scan notes.txt letters/*.txt\n  git diff | oratory privacy scan --json -"
    )]
    Scan(Scan),
}

#[derive(Args)]
pub(crate) struct Scan {
    /// The files; `-` or none reads standard input
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON document a text, each on its line
    #[arg(long)]
    pub(crate) json: bool,
}
