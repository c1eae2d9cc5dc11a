//! Words and pairs of words as terms: which ones are in a text, how much each says, and which
//! lessons share them.
//!
//! Terms are places in a table. Two that fall on one place are one to us; it happens seldom.

use super::words::Token;

/// How many places there are.
pub(super) const PLACES: usize = 1 << 16;

/// A term and how much of it there is.
pub(super) type Term = (u16, f32);

/// Returns the terms of a text in order of their places.
pub(super) fn terms(tokens: &[Token<'_>]) -> Vec<Term> {
    let mut places: Vec<u16> = Vec::with_capacity(2 * tokens.len());
    places.extend(tokens.iter().map(|token| place(token.hash)));
    let pairs = tokens.array_windows().map(|[first, second]| {
        place(first.hash.rotate_left(21).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ second.hash)
    });
    places.extend(pairs);
    places.sort_unstable();
    let same = places.chunk_by(|one, other| one == other);
    same.map(|same| (same[0], 1.0 + (same.len() as f32).ln())).collect()
}

/// The lower bits of the hash are stirred least.
fn place(hash: u64) -> u16 {
    (hash >> 40) as u16
}

/// Returns how much each term says: nothing if fewer than two of the texts have it.
pub(super) fn weights<'a>(texts: impl Iterator<Item = &'a [Term]>) -> Vec<f32> {
    let (mut seen, mut count) = (vec![0_u32; PLACES], 0_u32);
    for terms in texts {
        count += 1;
        terms.iter().for_each(|(place, _)| seen[usize::from(*place)] += 1);
    }
    let all = (count + 1) as f32;
    let weight = |seen| if seen < 2 { 0.0 } else { (all / (seen + 1) as f32).ln() + 1.0 };
    seen.into_iter().map(weight).collect()
}

/// Returns the terms weighed, as a vector of length one.
pub(super) fn weighed(terms: &[Term], weights: &[f32]) -> Vec<Term> {
    let known = terms.iter().filter(|(place, _)| weights[usize::from(*place)] > 0.0);
    let mut terms: Vec<Term> =
        known.map(|(place, amount)| (*place, amount * weights[usize::from(*place)])).collect();
    let length = terms.iter().map(|(_, amount)| amount * amount).sum::<f32>().sqrt();
    terms.iter_mut().for_each(|(_, amount)| *amount /= length.max(f32::MIN_POSITIVE));
    terms
}
