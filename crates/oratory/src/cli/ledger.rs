//! What `oratory ledger` takes.

use std::path::PathBuf;

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
    /// What that model costs, instead of what the price list says: dollars for a million tokens
    /// read, written, and read again
    #[arg(long, value_name = "PRICE")]
    pub(crate) reference_price: Option<String>,
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
    /// The share of the day at work for which costs are drawn month by month, in percent
    #[arg(long, value_name = "PERCENT", default_value = "25", value_parser = share)]
    pub(crate) duty: f64,
    /// Write one page with plots, to be read in a browser or printed
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write it also over a file that is no such page
    #[arg(long, requires = "html")]
    pub(crate) force: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// What has a line of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
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

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (1.0..=100.0).contains(number));
    number.map(|percent| percent / 100.0).ok_or_else(|| "write a number from 1 to 100".to_owned())
}
