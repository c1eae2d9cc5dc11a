//! What was measured, as a table for people and as JSON for programs.
//!
//! Targets stand beside the figures; missing one is news, not an error.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::figures::Times;
use crate::gateway::After;
use crate::measure::{CROWDS, Measured};

/// Everything there is to tell.
pub(crate) struct Report {
    pub(crate) cores: String,
    pub(crate) ways: Vec<&'static str>,
    pub(crate) measured: Measured,
    pub(crate) after: After,
}

/// One line of figures: a value per way, and what Oratory's should be.
struct Line {
    what: String,
    unit: &'static str,
    figures: Vec<f64>,
    target: Target,
}

/// What a figure of Oratory should be.
enum Target {
    /// At most this much more than the direct way.
    Added(f64),
    /// At least this much.
    AtLeast(f64),
}

/// Where Oratory stands among the ways; the direct way is the first.
const ORATORY: usize = 1;

impl Report {
    fn lines(&self) -> Vec<Line> {
        let Measured { latency, first_token, throughput, .. } = &self.measured;
        let times = |what: &str, times: &[Times], share: f64, target: f64| Line {
            what: what.to_owned(),
            unit: "µs",
            figures: times.iter().map(|times| times.percentile(share)).collect(),
            target: Target::Added(target),
        };
        let mut lines = vec![
            times("whole answer, p50", latency, 0.5, 130.0),
            times("whole answer, p99", latency, 0.99, 220.0),
            times("first token, p50", first_token, 0.5, 1000.0),
            times("first token, p99", first_token, 0.99, 1000.0),
        ];
        for (callers, rates) in CROWDS.iter().zip(throughput) {
            lines.push(Line {
                what: format!("{callers} callers"),
                unit: "/s",
                figures: rates.clone(),
                target: Target::AtLeast(12_000.0),
            });
        }
        lines
    }

    /// Returns the table.
    pub(crate) fn table(&self) -> String {
        let mut table = format!("{:<20}", "");
        for way in &self.ways {
            let _ = write!(table, "{way:>12}");
        }
        table.push_str("       oratory against its target\n");
        for line in self.lines() {
            line.write(&mut table);
        }
        let After { answered, failed, lost, resident } = &self.after;
        let asked = self.measured.sent[ORATORY];
        let _ = writeln!(
            table,
            "\noratory: {answered} of {asked} requests answered, {failed} failed, {lost} records lost"
        );
        if let Some(resident) = resident {
            let _ = writeln!(table, "oratory: {resident:.1} MiB resident after all of it");
        }
        let times = [&self.measured.latency, &self.measured.first_token];
        let [whole, streamed] = times.map(|times| times[ORATORY].count());
        let _ = write!(table, "timed through oratory: {whole} whole answers, {streamed} streams");
        table
    }

    /// Returns the JSON document.
    pub(crate) fn json(&self) -> String {
        let figures = |line: &Line| -> Map<String, Value> {
            let ways = self.ways.iter().zip(&line.figures);
            ways.map(|(way, figure)| ((*way).to_owned(), json!(rounded(*figure)))).collect()
        };
        let lines: Vec<Value> = self
            .lines()
            .iter()
            .map(|line| {
                let judged = line.judged();
                json!({
                    "what": line.what, "unit": line.unit, "figures": figures(line),
                    "added": judged.added.map(rounded), "target": judged.target, "met": judged.met,
                })
            })
            .collect();
        let After { answered, failed, lost, resident } = &self.after;
        json!({
            "cores": self.cores,
            "measured": lines,
            "oratory": {
                "asked": self.measured.sent[ORATORY], "answered": answered, "failed": failed,
                "records_lost": lost, "resident_mib": resident.map(rounded),
            },
        })
        .to_string()
    }
}

/// How a line compares with its target.
struct Judged {
    /// What the detour adds, where that is the question.
    added: Option<f64>,
    target: f64,
    met: bool,
}

impl Line {
    fn judged(&self) -> Judged {
        let figure = self.figures[ORATORY];
        match self.target {
            Target::Added(target) => {
                let added = figure - self.figures[0];
                Judged { added: Some(added), target, met: added <= target }
            }
            Target::AtLeast(target) => Judged { added: None, target, met: figure >= target },
        }
    }

    fn write(&self, table: &mut String) {
        let _ = write!(table, "{:<20}", self.what);
        for figure in &self.figures {
            let _ = write!(table, "{figure:>9.0} {:<2}", self.unit);
        }
        let Judged { added, target, met } = self.judged();
        let verdict = if met { "met" } else { "missed" };
        let _ = match added {
            Some(added) => {
                writeln!(table, "   adds {added:.0} µs, at most {target:.0} wanted: {verdict}")
            }
            None => writeln!(table, "   at least {target:.0} wanted: {verdict}"),
        };
    }
}

fn rounded(figure: f64) -> f64 {
    (figure * 10.0).round() / 10.0
}
