//! JSONL: a text in every line, with a name of its own.
//!
//! A line that is none says which one it is; what came before it has been told.

use std::io::{BufRead, Read};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

/// The longest line that is held.
const LONGEST: u64 = 256 << 20;

/// One line.
#[derive(Deserialize)]
pub(super) struct Line {
    /// What tells it from the others: its number where it has no name.
    #[serde(default)]
    pub(super) id: Value,
    pub(super) text: String,
}

/// Says whether a file begins as JSONL does: with an object that has a text in it.
pub(super) fn begins(head: &[u8]) -> bool {
    let first = head.trim_ascii_start();
    let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // A first line longer than what was read so far cannot be parsed yet.
    let whole = line.len() < first.len();
    let parsed = serde_json::from_slice::<Line>(line).is_ok();
    let looks = line.starts_with(b"{") && names_a_text(line);
    if whole { parsed } else { parsed || looks }
}

fn names_a_text(line: &[u8]) -> bool {
    line.windows(6).take(4096).any(|six| six == b"\"text\"")
}

/// Hands every line of `source` over, with its number.
pub(super) fn each(
    name: &str,
    mut source: impl BufRead,
    mut work: impl FnMut(u64, Line) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let read = source.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        if read.with_context(|| format!("{name} cannot be read"))? == 0 {
            return Ok(());
        }
        if line.len() as u64 == LONGEST {
            bail!("line {number} of {name} is longer than 256 MiB; give it as a text of its own");
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let mut parsed: Line = serde_json::from_slice(&line).map_err(|error| {
            // The line itself may be private; its place says enough.
            let what = "is no JSON object with a \"text\"";
            anyhow::anyhow!("line {number} of {name} {what}: {error}")
        })?;
        if parsed.id.is_null() {
            parsed.id = Value::from(number);
        }
        work(number, parsed)?;
    }
    Ok(())
}
