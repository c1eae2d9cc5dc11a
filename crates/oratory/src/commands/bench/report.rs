//! What was measured, as JSON and as a table that fits sixty columns.
//!
//! A figure that is missing was not measured.

use serde::Serialize;

use crate::commands::fit::bytes;
use crate::out;

/// What was measured of one model.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) model: String,
    pub(super) context: u32,
    /// How fast all cores together read memory.
    pub(super) read_bytes_per_second: f64,
    /// With loading the model.
    pub(super) first_token_cold_ms: Option<f64>,
    pub(super) first_token_warm_ms: Option<f64>,
    /// Of a prompt of about 512 tokens.
    pub(super) prefill_tokens_per_second: Option<f64>,
    pub(super) decode: Vec<Decode>,
    pub(super) streams: Vec<Streams>,
    /// Of the engine process.
    pub(super) peak_memory_bytes: Option<u64>,
    /// Of the processors, for each token written; `null` where they do not count.
    pub(super) joules_per_token: Option<f64>,
}

/// How fast text is written after so many tokens.
#[derive(Debug, Serialize)]
pub(super) struct Decode {
    pub(super) depth: u32,
    pub(super) prompt_tokens: u32,
    pub(super) tokens: u32,
    pub(super) tokens_per_second: f64,
    pub(super) bytes_per_token: u64,
    pub(super) share_of_bandwidth: f64,
}

/// How fast several texts are written at once.
#[derive(Debug, Serialize)]
pub(super) struct Streams {
    pub(super) streams: u32,
    pub(super) tokens: u32,
    /// Of all together, reading included.
    pub(super) tokens_per_second: f64,
    pub(super) slowest_first_token_ms: f64,
}

/// How fast llama.cpp is without anything around it.
#[derive(Debug, Serialize)]
pub(super) struct Alone {
    pub(super) depth: u32,
    pub(super) prefill_tokens_per_second: f64,
    pub(super) decode_tokens_per_second: f64,
}

impl Alone {
    pub(super) fn show(&self, json: bool) {
        if json {
            out::json(self);
            return;
        }
        row(&format!("reading {}", self.depth), Some(pace(self.prefill_tokens_per_second)));
        row(&format!("writing after {}", self.depth), Some(pace(self.decode_tokens_per_second)));
    }
}

impl Report {
    pub(super) fn new(model: &str, bandwidth: f64, context: u32) -> Self {
        Self {
            model: model.to_owned(),
            context,
            read_bytes_per_second: bandwidth,
            first_token_cold_ms: None,
            first_token_warm_ms: None,
            prefill_tokens_per_second: None,
            decode: Vec::new(),
            streams: Vec::new(),
            peak_memory_bytes: None,
            joules_per_token: None,
        }
    }

    pub(super) fn show(&self) {
        out::line(out::bold(&self.model));
        row("first token, cold", self.first_token_cold_ms.map(milliseconds));
        row("first token, warm", self.first_token_warm_ms.map(milliseconds));
        row("reading 512", self.prefill_tokens_per_second.map(pace));
        for depth in super::DEPTHS {
            let found = self.decode.iter().find(|decode| decode.depth == depth);
            let share = |decode: &Decode| {
                let share = decode.share_of_bandwidth * 100.0;
                format!("{}, {share:.0} % of memory speed", pace(decode.tokens_per_second))
            };
            row(&format!("writing after {depth}"), found.map(share));
        }
        for crowd in super::CROWDS {
            let found = self.streams.iter().find(|streams| streams.streams == crowd);
            let words = |streams: &Streams| {
                let first = milliseconds(streams.slowest_first_token_ms);
                format!("{} in all, first after {first}", pace(streams.tokens_per_second))
            };
            row(&format!("{crowd} at once"), found.map(words));
        }
        row("memory at its peak", self.peak_memory_bytes.map(bytes));
        row("energy for a token", self.joules_per_token.map(|joules| format!("{joules:.2} J")));
        row("memory is read at", Some(format!("{:.1} GB/s", self.read_bytes_per_second / 1e9)));
    }
}

fn row(name: &str, figure: Option<String>) {
    let figure = figure.unwrap_or_else(|| "not measured".to_owned());
    out::line(format_args!("  {name:<20} {figure}"));
}

fn milliseconds(figure: f64) -> String {
    if figure < 9_995.0 { format!("{figure:.0} ms") } else { format!("{:.1} s", figure / 1e3) }
}

fn pace(figure: f64) -> String {
    let digits = if figure < 99.95 { 1 } else { 0 };
    format!("{figure:.digits$} tokens/s")
}
