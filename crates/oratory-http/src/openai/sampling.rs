//! How tokens are chosen, in the words that chat and plain completions share.
//!
//! Numbers are checked here; what they do is the engine's matter.

use std::collections::BTreeMap;

use oratory_contract::Sampling;

use super::question::bias;
use crate::rejected::{Rejected, within};

/// How tokens are to be chosen.
#[derive(Default)]
pub(super) struct Sampled {
    pub(super) temperature: Option<f32>,
    pub(super) top_p: Option<f32>,
    pub(super) top_k: Option<u32>,
    pub(super) min_p: Option<f32>,
    pub(super) typical_p: Option<f32>,
    pub(super) seed: Option<i64>,
    pub(super) frequency_penalty: Option<f32>,
    pub(super) presence_penalty: Option<f32>,
    pub(super) repetition_penalty: Option<f32>,
    pub(super) logit_bias: Option<BTreeMap<String, f32>>,
    /// How many of the likeliest tokens are told beside each.
    pub(super) chances: Option<u8>,
}

impl Sampled {
    /// Returns how tokens are chosen.
    pub(super) fn sampling(self) -> Result<Sampling, Rejected> {
        within("temperature", self.temperature, 0.0, 2.0)?;
        within("top_p", self.top_p, 0.0, 1.0)?;
        within("min_p", self.min_p, 0.0, 1.0)?;
        within("typical_p", self.typical_p, 0.0, 1.0)?;
        within("frequency_penalty", self.frequency_penalty, -2.0, 2.0)?;
        within("presence_penalty", self.presence_penalty, -2.0, 2.0)?;
        within("repetition_penalty", self.repetition_penalty, 0.0, 100.0)?;
        Ok(Sampling {
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: self.top_k,
            min_p: self.min_p,
            typical_p: self.typical_p,
            // Clients send any integer; all that matters is that equal seeds stay equal.
            seed: self.seed.map(i64::cast_unsigned),
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
            repeat_penalty: self.repetition_penalty,
            bias: bias(self.logit_bias)?,
            chances: self.chances,
            ..Sampling::default()
        })
    }
}
