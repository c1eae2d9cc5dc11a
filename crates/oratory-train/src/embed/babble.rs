//! Runs of words that belong together, for what no prose at hand speaks of.
//!
//! Not language: the teacher says what such a run means, and so every word of the vocabulary is
//! seen beside others, in company that a reader would expect.

use anyhow::Result;
use candle_core::{Device, Tensor};

use super::random::Random;
use super::teacher::WIDTH;

/// How many neighbours a word may draw its company from.
const NEAR: usize = 24;
const SMALL: [&str; 40] = [
    "the", "a", "of", "in", "to", "and", "for", "with", "on", "is", "are", "was", "what", "how",
    "why", "do", "my", "your", "their", "this", "that", "not", "it", "from", "by", "at", "or",
    "can", "we", "they", "he", "she", "about", "between", "when", "more", "all", "who", "will",
    "?",
];

/// Returns `count` runs of words, each about a few words that the teacher finds near each other.
pub(super) fn runs(
    vocabulary: &[&str],
    vectors: &[f32],
    count: usize,
    random: &mut Random,
) -> Result<Vec<String>> {
    let words: Vec<usize> = (0..vocabulary.len()).filter(|at| is_word(vocabulary[*at])).collect();
    let rows: Vec<f32> =
        words.iter().flat_map(|word| &vectors[word * WIDTH..][..WIDTH]).copied().collect();
    let across = Tensor::from_slice(&rows, (words.len(), WIDTH), &Device::Cpu)?.t()?;
    let across = across.contiguous()?;
    let mut runs = Vec::with_capacity(count);
    let mut order: Vec<usize> = (0..words.len()).collect();
    while runs.len() < count {
        random.shuffle(&mut order);
        for some in order.chunks(256).take((count - runs.len()).div_ceil(256)) {
            let anchors: Vec<f32> =
                some.iter().flat_map(|at| &rows[at * WIDTH..][..WIDTH]).copied().collect();
            let anchors = Tensor::from_vec(anchors, (some.len(), WIDTH), &Device::Cpu)?;
            for (anchor, likeness) in some.iter().zip(anchors.matmul(&across)?.to_vec2::<f32>()?) {
                let near = nearest(&likeness);
                runs.push(run(vocabulary, &words, *anchor, &near, random));
            }
        }
    }
    runs.truncate(count);
    Ok(runs)
}

fn is_word(text: &str) -> bool {
    text.len() > 2 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn nearest(likeness: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..likeness.len()).collect();
    order.select_nth_unstable_by(NEAR, |a, b| likeness[*b].total_cmp(&likeness[*a]));
    order.truncate(NEAR);
    // Selecting leaves them in no order that could be relied on.
    order.sort_unstable();
    order
}

fn run(
    vocabulary: &[&str],
    words: &[usize],
    anchor: usize,
    near: &[usize],
    random: &mut Random,
) -> String {
    let mut run = vec![vocabulary[words[anchor]]];
    for _ in 0..2 + random.below(10) {
        run.push(match random.below(20) {
            0..9 => vocabulary[words[*random.of(near)]],
            9..15 => SMALL[random.below(SMALL.len())],
            // Rare words stand late in the vocabulary; the product of two draws prefers the early.
            15..18 => {
                let share = random.below(1000) * random.below(1000);
                vocabulary[words[words.len() * share / 1_000_000]]
            }
            _ => vocabulary[words[random.below(words.len())]],
        });
    }
    random.shuffle(&mut run);
    run.join(" ")
}
