//! Chooses the likeliest run of labels in which no span goes on that has not begun.
//!
//! Time is linear in tokens and labels: only the same kind may go on, so one best suffices.

use super::network::LABELS;

/// The label of a token that is part of nothing.
pub(super) const NOTHING: u8 = 0;

/// Returns the kind a label belongs to, from 0.
pub(super) fn kind(label: u8) -> Option<usize> {
    (label != NOTHING).then(|| usize::from(label - 1) / 2)
}

/// Says whether a label begins a span.
pub(super) fn begins(label: u8) -> bool {
    label % 2 == 1
}

/// Returns the best label of each token.
pub(super) fn best(scores: &[[f32; LABELS]]) -> Vec<u8> {
    let mut back = vec![[0_u8; LABELS]; scores.len()];
    // Before the first token there was nothing.
    let mut totals = [f32::NEG_INFINITY; LABELS];
    totals[0] = 0.0;
    for (scores, back) in scores.iter().zip(&mut back) {
        let top = highest(&totals);
        let mut next = [0.0; LABELS];
        for (label, next) in next.iter_mut().enumerate() {
            let from = if label > 0 && label % 2 == 0 {
                if totals[label] > totals[label - 1] { label } else { label - 1 }
            } else {
                top
            };
            back[label] = from as u8;
            *next = totals[from] + scores[label];
        }
        totals = next;
        settle(&mut totals);
    }
    let mut labels = vec![NOTHING; scores.len()];
    let mut label = highest(&totals) as u8;
    for (slot, back) in labels.iter_mut().zip(&back).rev() {
        *slot = label;
        label = back[usize::from(label)];
    }
    labels
}

/// Returns how probable it is that a token is part of something.
pub(super) fn surely_something(scores: &[f32; LABELS]) -> f32 {
    let top = scores[highest(scores)];
    let weights = scores.map(|score| (score - top).exp());
    1.0 - weights[0] / weights.iter().sum::<f32>()
}

fn highest(totals: &[f32; LABELS]) -> usize {
    let first = (0, totals[0]);
    totals
        .iter()
        .enumerate()
        .fold(first, |best, (label, total)| if *total > best.1 { (label, *total) } else { best })
        .0
}

/// Keeps totals near zero, so that a long text loses no precision.
fn settle(totals: &mut [f32; LABELS]) {
    let top = totals[highest(totals)];
    for total in totals {
        *total -= top;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(pairs: &[(usize, f32)]) -> [f32; LABELS] {
        let mut scores = [0.0; LABELS];
        for (label, score) in pairs {
            scores[*label] = *score;
        }
        scores
    }

    #[test]
    fn a_span_goes_on_only_after_it_has_begun() {
        // The second token looks most like a later part of kind 0, and something must begin it.
        let scores = [scored(&[(0, 2.0), (1, 1.5)]), scored(&[(2, 3.0), (0, 1.0)])];
        assert_eq!(best(&scores), [1, 2]);
        // Not if beginning it costs more than it gains.
        let scores = [scored(&[(0, 9.0)]), scored(&[(2, 3.0), (0, 1.0)])];
        assert_eq!(best(&scores), [0, 0]);
        // A later part of one kind does not follow another kind.
        let scores = [scored(&[(3, 5.0)]), scored(&[(2, 3.0), (4, 2.0)])];
        assert_eq!(best(&scores), [3, 4]);
    }
}
