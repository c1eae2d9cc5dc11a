//! Pairs that mean the same in other words, beside pairs that say something else in nearly the
//! same words.

use anyhow::{Context, Result};

const SOURCE: &str = include_str!("../../data/embed/changed.txt");

/// A request, the same in other words, and what only looks like it.
pub(super) struct Changed {
    /// What was changed: a number, a name.
    pub(super) kind: &'static str,
    /// The request, its paraphrase and its false friend.
    pub(super) texts: [&'static str; 3],
}

/// Reads the pairs that come with this program.
pub(super) fn read() -> Result<Vec<Changed>> {
    let mut all = Vec::new();
    let mut kind = "";
    for line in SOURCE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            kind = name.trim_end_matches(']');
            continue;
        }
        let texts: Vec<&str> = line.split('|').map(str::trim).collect();
        let texts = texts.try_into().ok().with_context(|| format!("not three texts: {line}"))?;
        all.push(Changed { kind, texts });
    }
    Ok(all)
}
