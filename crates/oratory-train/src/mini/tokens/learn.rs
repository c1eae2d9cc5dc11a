//! Learns which pairs of tokens to merge: the most frequent, one after the other.

use std::collections::{BTreeMap, HashMap};

use super::{join, pieces};

/// Returns the merges found in texts, at most `count`.
pub(super) fn merges(texts: impl Iterator<Item = String>, count: usize) -> Vec<(u32, u32)> {
    let mut words = words(texts);
    let mut merges = Vec::with_capacity(count);
    while merges.len() < count {
        // Equal counts are settled by the pair itself, so that the result is always the same.
        let best = pairs(&words).into_iter().max_by_key(|(pair, times)| (*times, *pair));
        let Some((pair, times)) = best.filter(|(_, times)| *times > 1) else { break };
        let joined = 256 + merges.len() as u32;
        words.iter_mut().for_each(|(word, _)| join(word, pair, joined));
        words.retain(|(word, _)| word.len() > 1);
        merges.push(pair);
        debug_assert!(times > 1, "a pair that is seen once is not worth a token");
    }
    merges
}

/// Counts the pieces of all texts, marks left out.
fn words(texts: impl Iterator<Item = String>) -> Vec<(Vec<u32>, u64)> {
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for text in texts {
        let mut rest = text.as_str();
        while let Some((at, mark)) = super::first_mark(rest) {
            pieces::each(&rest[..at], |piece| *counted.entry(piece.to_owned()).or_default() += 1);
            rest = &rest[at + mark.len()..];
        }
        pieces::each(rest, |piece| *counted.entry(piece.to_owned()).or_default() += 1);
    }
    let cut = |piece: &str| piece.bytes().map(u32::from).collect();
    counted.iter().map(|(piece, times)| (cut(piece), *times)).collect()
}

fn pairs(words: &[(Vec<u32>, u64)]) -> HashMap<(u32, u32), u64> {
    let mut pairs = HashMap::new();
    for (word, times) in words {
        for pair in word.windows(2) {
            *pairs.entry((pair[0], pair[1])).or_default() += times;
        }
    }
    pairs
}
