//! What `oratory ledger` takes.

use clap::{Args, ValueEnum};
use serde::Serialize;

#[derive(Args)]
pub(crate) struct Ledger {
    /// What has a line of its own
    #[arg(long, value_enum, default_value_t = By::Model)]
    pub(crate) by: By,
    /// Only the last so many days
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=36_500))]
    pub(crate) days: Option<u64>,
    /// The model to compare with, as PROVIDER/MODEL
    #[arg(long, value_name = "MODEL", default_value = "anthropic/claude-sonnet-5")]
    pub(crate) reference: String,
    /// What a machine costs, in dollars: says when it has paid for itself
    #[arg(long, value_name = "DOLLARS", value_parser = amount)]
    pub(crate) machine: Option<f64>,
    /// What it draws at work
    #[arg(long, value_name = "WATTS", default_value = "60", value_parser = amount)]
    pub(crate) watts: f64,
    /// What it draws at rest
    #[arg(long, value_name = "WATTS", default_value = "8", value_parser = amount)]
    pub(crate) idle_watts: f64,
    /// Dollars for a kilowatt hour
    #[arg(long, value_name = "DOLLARS", default_value = "0.30", value_parser = amount)]
    pub(crate) electricity: f64,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// What has a line of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    Model,
    Place,
    Tier,
    Caller,
    Day,
}

fn amount(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..1e9).contains(number));
    number.ok_or_else(|| "write a number from 0, such as 0.30".to_owned())
}
