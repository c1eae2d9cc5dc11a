//! Chooses the likeliest run of labels in which no span goes on that has not begun.
//!
//! Time is linear in tokens and labels: only the same kind may go on, so one best suffices.

use super::network::LABELS;

/// The label of a token that is part of nothing.
pub(super) const NOTHING: u8 = 0;

/// The scores of a token that need not be looked at: so far apart that nothing else is chosen.
pub(super) const SURELY_NOTHING: [f32; LABELS] = {
    let mut scores = [-30.0; LABELS];
    scores[0] = 0.0;
    scores
};

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
    let mut top = 0;
    for (scores, back) in scores.iter().zip(&mut back) {
        step(&mut totals, top, scores, back);
        // What is surely nothing follows everything; most tokens are, and it spares the search.
        if *scores != SURELY_NOTHING {
            top = highest(&totals);
        } else {
            top = usize::from(NOTHING);
        }
        settle(&mut totals, top);
    }
    let mut labels = vec![NOTHING; scores.len()];
    let mut label = top as u8;
    for (slot, back) in labels.iter_mut().zip(&back).rev() {
        *slot = label;
        label = back[usize::from(label)];
    }
    labels
}

/// Adds a token's scores to the best totals that lead to each label, and notes where they come from.
fn step(totals: &mut [f32; LABELS], top: usize, scores: &[f32; LABELS], back: &mut [u8; LABELS]) {
    let from_top = totals[top];
    (totals[0], back[0]) = (from_top + scores[0], top as u8);
    for label in (1..LABELS).step_by(2) {
        let goes_on = totals[label + 1] > totals[label];
        back[label + 1] = if goes_on { label + 1 } else { label } as u8;
        let before = if goes_on { totals[label + 1] } else { totals[label] };
        totals[label + 1] = before + scores[label + 1];
        (totals[label], back[label]) = (from_top + scores[label], top as u8);
    }
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
fn settle(totals: &mut [f32; LABELS], top: usize) {
    let top = totals[top];
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
        // What is surely nothing ends whatever was there, and something new may begin behind it.
        let scores = [scored(&[(1, 4.0)]), SURELY_NOTHING, scored(&[(1, 4.0), (2, 5.0)])];
        assert_eq!(best(&scores), [1, 0, 1]);
        // A later part of one kind does not follow another kind.
        let scores = [scored(&[(3, 5.0)]), scored(&[(2, 3.0), (4, 2.0)])];
        assert_eq!(best(&scores), [3, 4]);
    }
}
