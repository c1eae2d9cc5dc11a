//! `options`, `format`, `think` and `keep_alive`: how a model is to answer.
//!
//! Names are Ollama's, which are mostly llama.cpp's.

use std::time::Duration;

use oratory_contract::{Effort, Form, Limits, Mirostat, Sampling};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::failures::short;
use crate::loose::Stop;
use crate::rejected::{Rejected, within};
use crate::unread::{Row, Rule};

/// How tokens are chosen, and how many. How a model is loaded (`num_ctx`, `num_gpu`,
/// `num_thread` and their like) is the house's matter, and changes no answer that fits.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Options {
    num_predict: Option<i64>,
    temperature: Option<f32>,
    top_k: Option<i64>,
    top_p: Option<f32>,
    min_p: Option<f32>,
    typical_p: Option<f32>,
    seed: Option<i64>,
    repeat_last_n: Option<i32>,
    repeat_penalty: Option<f32>,
    presence_penalty: Option<f32>,
    frequency_penalty: Option<f32>,
    mirostat: Option<u8>,
    mirostat_tau: Option<f32>,
    mirostat_eta: Option<f32>,
    stop: Stop,
}

/// How a model is loaded, and what of a conversation is kept when it has grown too long for that:
/// hints to an Ollama, the house's own matter here.
pub(super) const RULES: &[Row] = &[
    ("shift", Rule::Hint, LOADING),
    ("options.num_keep", Rule::Hint, LOADING),
    ("options.num_ctx", Rule::Hint, LOADING),
    ("options.num_batch", Rule::Hint, LOADING),
    ("options.num_gpu", Rule::Hint, LOADING),
    ("options.main_gpu", Rule::Hint, LOADING),
    ("options.num_thread", Rule::Hint, LOADING),
    ("options.low_vram", Rule::Hint, LOADING),
    ("options.numa", Rule::Hint, LOADING),
    ("options.use_mmap", Rule::Hint, LOADING),
    ("options.use_mlock", Rule::Hint, LOADING),
    ("options.f16_kv", Rule::Hint, LOADING),
    ("options.vocab_only", Rule::Hint, LOADING),
    ("options.logits_all", Rule::Hint, LOADING),
    ("options.embedding_only", Rule::Hint, LOADING),
];

const LOADING: &str = "how a model is loaded changes no answer that fits";

impl Options {
    /// Returns how tokens are chosen.
    pub(super) fn sampling(&self, chances: Option<u8>) -> Result<Sampling, Rejected> {
        within("options.temperature", self.temperature, 0.0, 100.0)?;
        within("options.top_p", self.top_p, 0.0, 1.0)?;
        within("options.min_p", self.min_p, 0.0, 1.0)?;
        within("options.typical_p", self.typical_p, 0.0, 1.0)?;
        within("options.repeat_penalty", self.repeat_penalty, 0.0, 100.0)?;
        within("options.presence_penalty", self.presence_penalty, -2.0, 2.0)?;
        within("options.frequency_penalty", self.frequency_penalty, -2.0, 2.0)?;
        Ok(Sampling {
            temperature: self.temperature,
            top_p: self.top_p,
            // Below 0 it is as if it were not there.
            top_k: self.top_k.map(|k| u32::try_from(k.max(0)).unwrap_or(u32::MAX)),
            min_p: self.min_p,
            typical_p: self.typical_p,
            // -1 means any, which is what goes without saying.
            seed: self.seed.filter(|seed| *seed != -1).map(i64::cast_unsigned),
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
            repeat_penalty: self.repeat_penalty,
            penalty_window: self.repeat_last_n,
            mirostat: self.mirostat()?,
            chances,
            ..Sampling::default()
        })
    }

    fn mirostat(&self) -> Result<Option<Mirostat>, Rejected> {
        let (tau, eta) = (self.mirostat_tau.unwrap_or(5.0), self.mirostat_eta.unwrap_or(0.1));
        match self.mirostat {
            None | Some(0) => Ok(None),
            Some(version @ (1 | 2)) => Ok(Some(Mirostat { version, tau, eta })),
            Some(other) => {
                let field = "options.mirostat";
                Err(Rejected::field(field, format!("`{field}` is {other}; write 0, 1 or 2")))
            }
        }
    }

    /// Returns where the answer ends. `num_predict` below 0 means without a limit of its own.
    pub(super) fn limits(self) -> Result<Limits, Rejected> {
        let max_tokens = match self.num_predict {
            None | Some(..0) => None,
            Some(0) => {
                let field = "options.num_predict";
                let message = format!("`{field}` is 0; ask for at least 1, or leave it out");
                return Err(Rejected::field(field, message));
            }
            Some(most) => Some(u32::try_from(most).unwrap_or(u32::MAX)),
        };
        Ok(Limits { max_tokens, stop: self.stop.0, ..Limits::default() })
    }
}

/// Returns the form the answer must have: none, `json`, or a schema.
pub(super) fn form(format: Option<Value>) -> Result<Form, Rejected> {
    match format {
        None | Some(Value::Null) => Ok(Form::Text),
        Some(Value::String(word)) => match word.as_str() {
            "" => Ok(Form::Text),
            "json" => Ok(Form::Json),
            other => {
                let message =
                    format!("`format` is {:?}; write json or a JSON schema", short(other));
                Err(Rejected::field("format", message))
            }
        },
        Some(schema @ Value::Object(_)) => Ok(Form::Schema(schema.to_string())),
        Some(_) => {
            let message = "`format` is neither the word json nor a JSON schema";
            Err(Rejected::field("format", message))
        }
    }
}

/// Whether, or how much, a model thinks.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Think {
    Whether(bool),
    Level(String),
    #[schemars(skip)]
    Other(serde::de::IgnoredAny),
}

/// Returns how much a model should think.
pub(super) fn effort(think: Option<Think>) -> Result<Option<Effort>, Rejected> {
    let Some(think) = think else { return Ok(None) };
    Ok(Some(match think {
        Think::Whether(false) => Effort::Off,
        Think::Whether(true) => Effort::Medium,
        Think::Level(level) => match level.as_str() {
            "low" => Effort::Low,
            "medium" => Effort::Medium,
            "high" | "max" => Effort::High,
            other => {
                let message = format!(
                    "`think` is {:?}; write true, false, low, medium or high",
                    short(other)
                );
                return Err(Rejected::field("think", message));
            }
        },
        Think::Other(_) => {
            let message = "`think` is no such wish; write true, false, low, medium or high";
            return Err(Rejected::field("think", message));
        }
    }))
}

/// Returns how many of the likeliest tokens are told beside each, if any are.
pub(super) fn chances(told: Option<bool>, top: Option<u8>) -> Result<Option<u8>, Rejected> {
    if top.is_some_and(|top| top > 20) {
        return Err(Rejected::field("top_logprobs", "`top_logprobs` is more than 20"));
    }
    Ok(told.unwrap_or(false).then(|| top.unwrap_or(0)))
}

/// How long a model stays: seconds, or a text such as `5m`; below 0 means for ever.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum KeepAlive {
    Seconds(f64),
    Text(String),
    #[schemars(skip)]
    Other(serde::de::IgnoredAny),
}

/// Returns how long a model stays after the answer.
pub(super) fn keep(keep: Option<KeepAlive>) -> Result<Option<Duration>, Rejected> {
    let wrong = |written: &str| {
        let message =
            format!("`keep_alive` is {written}; write seconds, or a text such as 5m or 1h30m");
        Rejected::field("keep_alive", message)
    };
    let seconds = match keep {
        None => return Ok(None),
        Some(KeepAlive::Seconds(seconds)) => seconds,
        Some(KeepAlive::Text(text)) => {
            seconds(&text).ok_or_else(|| wrong(&format!("{:?}", short(&text))))?
        }
        Some(KeepAlive::Other(_)) => return Err(wrong("neither")),
    };
    if seconds < 0.0 {
        return Ok(Some(Duration::MAX));
    }
    let kept = Duration::try_from_secs_f64(seconds);
    kept.map(Some).map_err(|_| wrong(&seconds.to_string()))
}

/// Returns the seconds of a duration as Go writes it: `1h30m`, `-1m`, `300`.
fn seconds(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return seconds.is_finite().then_some(seconds);
    }
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let mut all = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit =
            rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| digits + at);
        all += number
            * match &rest[digits..unit] {
                "ns" => 1e-9,
                "us" | "µs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    (!text.is_empty()).then_some(sign * all)
}

#[cfg(test)]
mod tests {
    use super::{KeepAlive, keep, seconds};

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, expected) in [
            ("300", Some(300.0)),
            ("5m", Some(300.0)),
            ("1h30m", Some(5400.0)),
            ("1.5s", Some(1.5)),
            ("-1m", Some(-60.0)),
            ("0", Some(0.0)),
            ("", None),
            ("5", Some(5.0)),
            ("5 minutes", None),
            ("m", None),
            ("inf", None),
            ("1m2", None),
        ] {
            assert_eq!(seconds(text), expected, "{text:?}");
        }
        let kept = |seconds| keep(Some(KeepAlive::Seconds(seconds))).unwrap().unwrap();
        assert_eq!(kept(0.0).as_secs(), 0);
        assert_eq!(kept(-1.0), std::time::Duration::MAX);
        assert!(keep(Some(KeepAlive::Seconds(1e300))).is_err());
    }
}
