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
    /// Replace what is private in texts by surrogates that can be restored
    #[command(
        after_help = "The masked text goes to standard output, the conversation's name to standard error.\nJSONL with an `id` and a `text` in each line comes out as such.\n\nExamples:\n  oratory privacy mask letter.txt > masked.txt\n  oratory privacy mask --conversation NAME next.txt      the same surrogates go on"
    )]
    Mask(Mask),
    /// Put the originals back where surrogates stand
    #[command(after_help = "Example:\n  oratory privacy restore --conversation NAME answer.txt")]
    Restore(Restore),
    /// Show what has left this machine, when and where to
    #[command(
        after_help = "Each receipt holds the digest of the one before. --verify goes through all of them and\nnames every line that was changed, cut, moved or deleted; exit code 1 if there is one.\n\nExamples:\n  oratory privacy receipts\n  oratory privacy receipts --verify\n  oratory privacy receipts --json | jq 'select(.place == \"cloud\")'"
    )]
    Receipts(ReceiptsArgs),
    /// Forget what surrogates stand for
    #[command(
        after_help = "Receipts name conversations. What has left keeps its surrogates; nobody can restore them then.\n\nExamples:\n  oratory privacy forget --conversation 1f2e3d4c-0123456789abcdef\n  oratory privacy forget --caller http\n  oratory privacy forget --all"
    )]
    Forget(Forgetting),
}

#[derive(Args)]
pub(crate) struct Scan {
    /// The files; `-` or none reads standard input
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON document a text, each on its line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Mask {
    /// The file; `-` or none reads standard input
    pub(crate) file: Option<PathBuf>,
    /// The conversation to go on with; by default a new one
    #[arg(long, value_name = "NAME")]
    pub(crate) conversation: Option<String>,
    /// Print one JSON document a text, each on its line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Restore {
    /// The file; `-` or none reads standard input
    pub(crate) file: Option<PathBuf>,
    /// The conversation, as `mask` has named it
    #[arg(long, value_name = "NAME")]
    pub(crate) conversation: String,
    /// Print one JSON document a text, each on its line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ReceiptsArgs {
    /// Check that none was changed, cut, moved or deleted
    #[arg(long)]
    pub(crate) verify: bool,
    /// Print JSON: one receipt a line, or with --verify one document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Forgetting {
    /// One conversation
    #[arg(long, value_name = "NAME")]
    pub(crate) conversation: Option<String>,
    /// All conversations of one caller: `http`, `cli` for this command line, or the name of a key
    #[arg(long, value_name = "CALLER")]
    pub(crate) caller: Option<String>,
    /// All conversations, and the key they were sealed with
    #[arg(long)]
    pub(crate) all: bool,
}
