//! How the next token is chosen, in no engine's words.
//!
//! `None` leaves a choice to the place that answers, and with it to the model's makers.

use serde::{Deserialize, Serialize};

/// How the next token is chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sampling {
    /// 0 always takes the likeliest token.
    pub temperature: Option<f32>,
    /// Keeps the likeliest tokens that together reach this probability.
    pub top_p: Option<f32>,
    /// Keeps this many tokens.
    pub top_k: Option<u32>,
    /// Keeps tokens at least this likely beside the likeliest.
    pub min_p: Option<f32>,
    /// Keeps tokens that are about as surprising as expected, up to this probability.
    pub typical_p: Option<f32>,
    /// Keeps tokens within this many standard deviations of the likeliest.
    pub top_n_sigma: Option<f32>,
    /// Makes sampling repeatable.
    pub seed: Option<u64>,
    /// Lowers tokens by how often they appeared.
    pub frequency_penalty: Option<f32>,
    /// Lowers tokens that appeared at all.
    pub presence_penalty: Option<f32>,
    /// Divides the chance of tokens that appeared; 1 changes nothing.
    pub repeat_penalty: Option<f32>,
    /// How many tokens back the penalties look; `-1` means all.
    pub penalty_window: Option<i32>,
    /// Drops the likeliest tokens now and then, for variety.
    pub xtc: Option<Xtc>,
    /// Lowers tokens that would repeat a longer passage.
    pub dry: Option<Dry>,
    /// Steers how surprising the text is instead of cutting tails off.
    pub mirostat: Option<Mirostat>,
    /// Makes single tokens likelier or less likely, by this much before anything else.
    pub bias: Vec<(u32, f32)>,
    /// Tells how likely each token was, and this many of the likeliest in its place.
    pub chances: Option<u8>,
}

/// "Exclude top choices": with this probability, drops all but the least likely of the tokens
/// above the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Xtc {
    /// How often.
    pub probability: f32,
    /// How likely a token must be to be dropped.
    pub threshold: f32,
}

/// "Don't repeat yourself": lowers tokens by how long a passage they would repeat.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dry {
    /// How strongly.
    pub multiplier: f32,
    /// How fast it grows with the length of the repetition.
    pub base: f32,
    /// Repetitions up to this length are free.
    pub allowed: u32,
}

/// Steers towards text that is about this surprising.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mirostat {
    /// Which of its two versions: 1 or 2.
    pub version: u8,
    /// How surprising, in bits.
    pub tau: f32,
    /// How fast it corrects itself.
    pub eta: f32,
}
