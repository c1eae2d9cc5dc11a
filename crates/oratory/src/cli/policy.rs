//! What can be typed behind `oratory policy`.
//!
//! Without a file, the policy of the settings is meant, or else the one that comes with Oratory.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args)]
pub(crate) struct Policy {
    #[command(subcommand)]
    pub(crate) what: PolicyWhat,
}

/// What to do about the policy.
#[derive(Subcommand)]
pub(crate) enum PolicyWhat {
    /// Say whether a policy loads, or where it is wrong
    #[command(
        after_help = "Example:\n  oratory policy check examples/policy.cedar\n\nExit code 1 if it does not load: nothing would leave this machine."
    )]
    Check(Judged),
    /// Test what a policy promises
    #[command(
        after_help = "What POLICY.cedar promises stands beside it in POLICY.tests.toml:\n  [[tests]]\n  about = \"a person is masked before the cloud hears of it\"\n  found = \"confidential+pii\"\n  allowed = [\"home\"]\n  masked = [\"cloud\"]\n\nExit code 1 if a promise is broken.\n\nExample:\n  oratory policy test examples/policy.cedar"
    )]
    Test(Judged),
    /// Say what each place may receive, and which rules say so
    #[command(
        after_help = "Examples:\n  oratory policy explain --found confidential+pii\n  oratory policy explain --label secret --place cloud --caller http --hour 22\n  oratory policy explain --caller ada --group staff"
    )]
    Explain(Explain),
}

#[derive(Args)]
pub(crate) struct Judged {
    /// The policy
    pub(crate) file: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) judged: Judged,
    /// Who asks: `cli` at the command line, `http` over HTTP, or the name of a key
    #[arg(long, default_value = "cli")]
    pub(crate) caller: String,
    /// A group they are in; may be given again
    #[arg(long = "group", value_name = "G")]
    pub(crate) groups: Vec<String>,
    /// What a person has labelled it; by default what `privacy.unlabelled` says
    #[arg(long)]
    pub(crate) label: Option<oratory_contract::Sensitivity>,
    /// What was found in it, such as confidential+pii
    #[arg(long, value_name = "LABELS")]
    pub(crate) found: Option<oratory_contract::Labels>,
    /// What it is for
    #[arg(long, default_value = "")]
    pub(crate) purpose: String,
    /// The hour of the day, in UTC; by default now
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..24))]
    pub(crate) hour: Option<u8>,
    /// The day of the week, 1 for Monday; by default today
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..8))]
    pub(crate) weekday: Option<u8>,
    /// Cents that the caller has spent since midnight, UTC
    #[arg(long, value_name = "CENTS", default_value_t = 0)]
    pub(crate) spent_today: u64,
    /// Cents that the caller has spent since the month began
    #[arg(long, value_name = "CENTS", default_value_t = 0)]
    pub(crate) spent_month: u64,
    /// One place; by default all
    #[arg(long)]
    pub(crate) place: Option<String>,
}
