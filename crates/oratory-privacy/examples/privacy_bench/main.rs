//! Measures what the patterns find and how fast: `cargo run --release -p oratory-privacy --example privacy_bench [FILE.jsonl…]`.
//!
//! Documents are made from a seed with values, formats and sentences that stand nowhere else. Files
//! named behind it are prose without secrets: each line's `prompt` or `question` is one text.
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

mod documents;
mod draw;
mod secrets;
mod speed;
mod values;

use std::collections::BTreeMap;

use documents::Document;
use oratory_contract::Sensitivity;
use oratory_privacy::{Finding, Kind, shaped};

const DOCUMENTS: usize = 6_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    patterns();
    secrets::measure();
    let prose = prose(&files)?;
    flagged(&prose);
    speed::measure(&prose);
    Ok(())
}

/// What was found of one kind.
#[derive(Default)]
struct Score {
    there: usize,
    found: usize,
    false_alarms: usize,
}

impl Score {
    fn told(&self, name: &str) {
        let share = |part: usize, of: usize| if of == 0 { 1.0 } else { part as f64 / of as f64 };
        let recall = share(self.found, self.there);
        let precision = share(self.found, self.found + self.false_alarms);
        let f2 = 5.0 * precision * recall / (4.0 * precision + recall).max(1e-9);
        println!("{name:<18} {:>6} {:>8.3} {:>10.3} {:>6.3}", self.there, recall, precision, f2);
    }
}

fn patterns() {
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let mut missed: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut draw = draw::Draw::new(20_261_121);
    for _ in 0..DOCUMENTS {
        let document = documents::made(&mut draw);
        judge(&document, &mut scores, &mut missed);
    }
    println!("patterns, on {DOCUMENTS} made documents");
    println!("{:<18} {:>6} {:>8} {:>10} {:>6}", "kind", "there", "recall", "precision", "F2");
    let mut all = Score::default();
    for (name, score) in &scores {
        score.told(name);
        all.there += score.there;
        all.found += score.found;
        all.false_alarms += score.false_alarms;
    }
    all.told("all");
    let mut worst: Vec<_> = missed.into_iter().collect();
    worst.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for ((kind, format), count) in worst.into_iter().take(14) {
        println!("  {kind}: {format}: {count}");
    }
}

fn judge(
    document: &Document,
    scores: &mut BTreeMap<&'static str, Score>,
    missed: &mut BTreeMap<(&'static str, &'static str), usize>,
) {
    let found: Vec<Finding> = shaped(document.text.as_bytes()).collect();
    let meets = |finding: &Finding, span: &std::ops::Range<usize>| {
        finding.span.start < span.end && finding.span.end > span.start
    };
    for value in &document.values {
        let score = scores.entry(value.kind.as_str()).or_default();
        score.there += 1;
        let right = found.iter().any(|finding| {
            finding.kind == value.kind
                && finding.span.start <= value.span.start + 1
                && finding.span.end + 1 >= value.span.end
                && finding.span.len() <= value.span.len() + 2
        });
        if right {
            score.found += 1;
        } else {
            *missed.entry((value.kind.as_str(), value.format)).or_default() += 1;
            shows(format_args!("  lost {}: {:?}", value.format, document.text));
        }
    }
    for finding in &found {
        let meant = document.values.iter().any(|value| meets(finding, &value.span));
        if !meant {
            scores.entry(finding.kind.as_str()).or_default().false_alarms += 1;
            *missed.entry((finding.kind.as_str(), "false alarm")).or_default() += 1;
            let (part, why) = (&document.text[finding.span.clone()], finding.why);
            shows(format_args!("  alarm {part:?}, {why}: {:?}", document.text));
        }
    }
}

/// Shows what went wrong to somebody who asks for it.
fn shows(what: std::fmt::Arguments<'_>) {
    if std::env::args().any(|argument| argument == "--show") {
        println!("{what}");
    }
}

/// Reads the prose that was named, or makes some.
fn prose(files: &[String]) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut prose = Vec::new();
    for file in files {
        for line in std::fs::read_to_string(file)?.lines() {
            let value: serde_json::Value = serde_json::from_str(line)?;
            let text = value
                .get("prompt")
                .or_else(|| value.get("question"))
                .and_then(|text| text.as_str());
            prose.extend(text.map(str::to_owned));
        }
    }
    if prose.is_empty() {
        let mut draw = draw::Draw::new(5);
        prose.extend((0..900).map(|_| documents::plain(&mut draw)));
    }
    Ok(prose)
}

fn flagged(prose: &[String]) {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut secret, mut private) = (0, 0);
    for text in prose {
        let found: Vec<Finding> =
            shaped(text.as_bytes()).filter(|one| one.kind.is_private_alone()).collect();
        let is_secret = |one: &Finding| one.kind.sensitivity() == Sensitivity::Secret;
        secret += usize::from(found.iter().any(is_secret));
        private += usize::from(!found.is_empty());
        for finding in &found {
            *kinds.entry(finding.kind.as_str()).or_default() += 1;
            if std::env::args().any(|argument| argument == "--show") {
                println!(
                    "  {}: {:?} ({})",
                    finding.kind.as_str(),
                    &text[finding.span.clone()],
                    finding.why
                );
            }
        }
    }
    println!(
        "\nprose: {} texts, {secret} flagged for secrets, {private} for anything: {kinds:?}",
        prose.len()
    );
}

/// Returns whether a finding is of a kind that never leaves.
pub(crate) fn is_secret(kind: Kind) -> bool {
    kind.sensitivity() == Sensitivity::Secret
}
