//! What can be typed behind `oratory eval`.
//!
//! Nothing here runs a model.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args)]
pub(crate) struct Eval {
    #[command(subcommand)]
    pub(crate) what: EvalWhat,
}

/// What to measure.
#[derive(Subcommand)]
pub(crate) enum EvalWhat {
    /// Say how good routing between two models would have been, at every cost
    #[command(
        after_help = "Each line of OUTCOMES is one request and how well models answered it:\n  {\"id\":\"1\",\"prompt\":\"…\",\"outcomes\":{\"small\":{\"score\":0},\"large\":{\"score\":1,\"cost\":0.002}}}\nScores are from 0 to 1; cost and latency_ms may be left out; other fields are left alone.\nNo model is run. Every figure is of requests that the predictor had not learnt from.\n\nExamples:\n  oratory eval replay outcomes.jsonl --weak small --strong large\n  oratory eval replay outcomes.jsonl.gz --weak small --strong large --train-fraction 0.8 --json"
    )]
    Replay(Replaying),
    /// Learn on this machine which requests each model is good enough for
    #[command(
        after_help = "OUTCOMES are as `oratory eval replay --help` shows them. What was learnt before is replaced.\nRequests are read, not kept: what remains is numbers, some megabytes of them.\n\nExamples:\n  oratory eval learn outcomes.jsonl\n  oratory eval learn monday.jsonl tuesday.jsonl.gz --models qwen3-4b,lab/qwen3-32b --json"
    )]
    Learn(Learning),
    /// Give up what was learnt on this machine
    #[command(after_help = "Example:\n  oratory eval forget")]
    Forget,
}

#[derive(Args)]
pub(crate) struct Learning {
    /// Recorded outcomes: JSON lines, packed by gzip or not
    #[arg(required = true)]
    pub(crate) outcomes: Vec<PathBuf>,
    /// Learn about these models alone; by default about all with ten outcomes or more
    #[arg(long, value_name = "MODEL,…", value_delimiter = ',')]
    pub(crate) models: Vec<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Replaying {
    /// Recorded outcomes: JSON lines, packed by gzip or not
    pub(crate) outcomes: PathBuf,
    /// The model that is asked unless the other is worth it
    #[arg(long, value_name = "MODEL")]
    pub(crate) weak: String,
    /// The model that costs more
    #[arg(long, value_name = "MODEL")]
    pub(crate) strong: String,
    /// In how many parts; each is held out once while the rest is learnt from
    #[arg(long, default_value_t = 5)]
    pub(crate) folds: usize,
    /// Learn from this share and hold out the rest, instead of parts
    #[arg(long, value_name = "SHARE", conflicts_with = "folds")]
    pub(crate) train_fraction: Option<f64>,
    /// How often to deal and do it anew; by default until another seed would change little
    #[arg(long)]
    pub(crate) repeats: Option<usize>,
    /// What requests are dealt from
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
