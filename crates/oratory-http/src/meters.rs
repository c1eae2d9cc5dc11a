//! What `/metrics` counts, in Prometheus' text form.
//!
//! Totals only; names, prompts and keys never become labels.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use oratory_contract::{FailureKind, Usage};

/// Upper bounds of the time-to-first-chunk histogram, in seconds.
const BOUNDS: [f64; 10] = [0.001, 0.0025, 0.01, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0];

/// One figure of another room.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    /// Its name.
    pub name: &'static str,
    /// How it moves.
    pub kind: MeterKind,
    /// What it says, in a sentence.
    pub help: &'static str,
    /// What it is now.
    pub value: f64,
}

/// How a figure moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeterKind {
    /// Up and down.
    Gauge,
    /// Up only.
    Counter,
}

/// Everything counted since the start.
#[derive(Default)]
pub(crate) struct Meters {
    answered: AtomicU64,
    hung_up: AtomicU64,
    failed: [AtomicU64; FailureKind::ALL.len()],
    in_flight: AtomicU64,
    input: AtomicU64,
    cached: AtomicU64,
    output: AtomicU64,
    first: [AtomicU64; BOUNDS.len() + 1],
    first_us: AtomicU64,
}

fn add(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Meters {
    pub(crate) fn began(&self) {
        add(&self.in_flight, 1);
    }

    pub(crate) fn ended(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn first_chunk(&self, after: Duration) {
        let seconds = after.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        add(&self.first[bucket], 1);
        add(&self.first_us, u64::try_from(after.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn answered(&self, usage: Usage) {
        add(&self.answered, 1);
        add(&self.input, u64::from(usage.input));
        add(&self.cached, u64::from(usage.cached));
        add(&self.output, u64::from(usage.output));
    }

    pub(crate) fn failed(&self, kind: FailureKind) {
        let at = FailureKind::ALL.iter().position(|other| *other == kind);
        add(&self.failed[at.expect("ALL holds every kind")], 1);
    }

    pub(crate) fn hung_up(&self) {
        add(&self.hung_up, 1);
    }

    /// Returns the whole page; the figures of other rooms are added as they are.
    pub(crate) fn page(&self, others: &[Meter]) -> String {
        let mut page = String::new();
        head(&mut page, "oratory_requests_total", "counter", "Requests by how they ended.");
        let mut line = |outcome: &str, count: u64| {
            let _ = writeln!(page, "oratory_requests_total{{outcome=\"{outcome}\"}} {count}");
        };
        line("answered", read(&self.answered));
        line("hung_up", read(&self.hung_up));
        for (kind, count) in FailureKind::ALL.iter().zip(&self.failed) {
            line(kind.as_str(), read(count));
        }
        head(&mut page, "oratory_requests_in_flight", "gauge", "Requests under way.");
        let _ = writeln!(page, "oratory_requests_in_flight {}", read(&self.in_flight));
        head(&mut page, "oratory_tokens_total", "counter", "Tokens of answered requests.");
        for (kind, count) in
            [("input", &self.input), ("cached", &self.cached), ("output", &self.output)]
        {
            let _ = writeln!(page, "oratory_tokens_total{{kind=\"{kind}\"}} {}", read(count));
        }
        self.histogram(&mut page);
        for Meter { name, kind, help, value } in others {
            let kind = if *kind == MeterKind::Counter { "counter" } else { "gauge" };
            head(&mut page, name, kind, help);
            let _ = writeln!(page, "{name} {value}");
        }
        page
    }

    fn histogram(&self, page: &mut String) {
        let name = "oratory_first_chunk_seconds";
        head(page, name, "histogram", "Time from request to first chunk.");
        let mut sum = 0;
        for (bound, count) in BOUNDS.iter().zip(&self.first) {
            sum += read(count);
            let _ = writeln!(page, "{name}_bucket{{le=\"{bound}\"}} {sum}");
        }
        sum += read(&self.first[BOUNDS.len()]);
        let seconds = Duration::from_micros(read(&self.first_us)).as_secs_f64();
        let _ = writeln!(page, "{name}_bucket{{le=\"+Inf\"}} {sum}");
        let _ = writeln!(page, "{name}_sum {seconds}\n{name}_count {sum}");
    }
}

fn head(page: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
