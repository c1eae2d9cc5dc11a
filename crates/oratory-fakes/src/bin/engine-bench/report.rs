//! What was measured, as a table and as JSON.
//!
//! Ratios are turned so that above one is always in Oratory's favour.

use serde_json::{Value, json};

use crate::Kind;

/// Which figures are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    /// Tokens a second.
    Higher,
    /// Milliseconds.
    Lower,
}

/// All that was measured.
pub(crate) struct Report {
    pub(crate) threads: usize,
    pub(crate) trials: usize,
    pub(crate) rows: Vec<Row>,
    /// Answers with guessing and without, and how many of these pairs were the same.
    pub(crate) answers: usize,
    pub(crate) same: usize,
}

/// One measurement, pair by pair.
pub(crate) struct Row {
    name: &'static str,
    better: Better,
    ours: Vec<f64>,
    peer: Vec<f64>,
}

impl Row {
    pub(crate) fn new(name: &'static str, better: Better) -> Self {
        Self { name, better, ours: Vec::new(), peer: Vec::new() }
    }

    pub(crate) fn add(&mut self, kind: Kind, figure: f64) {
        match kind {
            Kind::Oratory => self.ours.push(figure),
            Kind::Peer | Kind::Plain => self.peer.push(figure),
        }
    }

    /// Returns the middle, the least and the greatest ratio of a pair.
    fn ratio(&self) -> [f64; 3] {
        let ratios: Vec<f64> = self
            .ours
            .iter()
            .zip(&self.peer)
            .map(|(ours, peer)| match self.better {
                Better::Higher => ours / peer,
                Better::Lower => peer / ours,
            })
            .collect();
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = ratios.iter().copied().fold(0.0, f64::max);
        [median(&ratios), least, greatest]
    }

    fn unit(&self) -> &'static str {
        match self.better {
            Better::Higher => "tokens/s",
            Better::Lower => "ms",
        }
    }
}

impl Report {
    pub(crate) fn new(threads: usize, trials: usize) -> Self {
        Self { threads, trials, rows: Vec::new(), answers: 0, same: 0 }
    }

    pub(crate) fn table(&self) -> String {
        let mut text = format!(
            "{} threads each, {} pairs, medians; above 1 is in Oratory's favour\n\n{:<40} {:>10} {:>10}  {:<8}  ratio\n",
            self.threads, self.trials, "", "Oratory", "peer", ""
        );
        for row in &self.rows {
            let [middle, least, greatest] = row.ratio();
            text.push_str(&format!(
                "{:<40} {:>10.1} {:>10.1}  {:<8}  {middle:.2} ({least:.2}-{greatest:.2})\n",
                row.name,
                median(&row.ours),
                median(&row.peer),
                row.unit(),
            ));
        }
        text.push_str("\nThe peer is llama-cpp-python's server with its own settings.");
        if self.answers > 0 {
            text.push_str(&format!(
                " Of guessing it is Oratory that does not guess; {} of {} answers were the same.",
                self.same, self.answers
            ));
        }
        text
    }

    pub(crate) fn json(&self) -> String {
        let rows: Vec<Value> = self.rows.iter().map(row).collect();
        let document = json!({ "threads": self.threads, "trials": self.trials, "rows": rows,
            "guess": { "answers": self.answers, "same": self.same } });
        format!("{document:#}")
    }
}

fn row(row: &Row) -> Value {
    let [middle, least, greatest] = row.ratio();
    json!({
        "name": row.name,
        "unit": row.unit(),
        "oratory": { "median": median(&row.ours), "all": row.ours },
        "peer": { "median": median(&row.peer), "all": row.peer },
        "ratio": { "median": middle, "min": least, "max": greatest },
    })
}

/// Returns the middle one, or what lies between the middle two.
fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = |at: usize| sorted.get(at).copied().unwrap_or(f64::NAN);
    middle(sorted.len() / 2).midpoint(middle(sorted.len().saturating_sub(1) / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_of_pairs_and_turned_in_our_favour() {
        let mut faster = Row::new("a", Better::Higher);
        let mut sooner = Row::new("b", Better::Lower);
        for (ours, peer) in [(20.0, 10.0), (30.0, 10.0), (9.0, 10.0)] {
            faster.add(Kind::Oratory, ours);
            faster.add(Kind::Peer, peer);
            sooner.add(Kind::Oratory, peer);
            sooner.add(Kind::Peer, ours);
        }
        assert_eq!(faster.ratio(), [2.0, 0.9, 3.0]);
        assert_eq!(sooner.ratio(), [2.0, 0.9, 3.0]);
        assert_eq!(median(&[1.0, 4.0]), 2.5);
        let report = Report { rows: vec![faster, sooner], ..Report::new(2, 3) };
        assert!(report.table().contains("2.00 (0.90-3.00)"), "{}", report.table());
        assert!(report.json().contains("\"min\": 0.9"));
    }
}
