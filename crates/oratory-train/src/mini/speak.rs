//! Lets a network answer many prompts at once, remembering keys and values of what was read.
//!
//! Exact 32-bit floats throughout: this is what scores are measured with.

use crate::mini::chance::Chance;
use crate::mini::matrix::Onto;
use crate::mini::network::{Network, exponential};
use crate::mini::shape::{CONTEXT, LayerLayout};

/// How answers are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Manner {
    /// Zero always takes the likeliest token.
    pub temperature: f32,
    /// Draws where the temperature is not zero.
    pub seed: u64,
    /// The longest answer, in tokens.
    pub longest: usize,
}

/// What was read of one text: keys and values of each layer.
#[derive(Debug, Default)]
struct Read {
    layers: Vec<(Vec<f32>, Vec<f32>)>,
    length: usize,
}

/// Prompts that are answered at the same time.
const TOGETHER: usize = 64;

impl Network {
    /// Returns an answer to each prompt, without the token that ends it.
    pub(crate) fn answers(
        &mut self,
        prompts: &[Vec<u32>],
        end: u32,
        manner: Manner,
    ) -> Vec<Vec<u32>> {
        let numbered: Vec<(usize, &Vec<u32>)> = prompts.iter().enumerate().collect();
        let mut answers = Vec::with_capacity(prompts.len());
        for some in numbered.chunks(TOGETHER) {
            answers.extend(self.answer_some(some, end, manner));
        }
        answers
    }

    fn answer_some(
        &mut self,
        prompts: &[(usize, &Vec<u32>)],
        end: u32,
        manner: Manner,
    ) -> Vec<Vec<u32>> {
        let mut reads: Vec<Read> = prompts.iter().map(|_| Read::default()).collect();
        let mut draws: Vec<Chance> =
            prompts.iter().map(|(number, _)| Chance::of(&[manner.seed, *number as u64])).collect();
        let mut answers = vec![Vec::new(); prompts.len()];
        let mut feed: Vec<(usize, Vec<u32>)> =
            prompts.iter().map(|(_, prompt)| (*prompt).clone()).enumerate().collect();
        while !feed.is_empty() {
            let scores = self.advance(&mut reads, &feed);
            let mut next = Vec::new();
            for ((at, _), line) in feed.iter().zip(scores.chunks_exact(self.shape.vocabulary)) {
                let token = choose(line, manner.temperature, &mut draws[*at]);
                let longest = manner.longest.min(CONTEXT.saturating_sub(prompts[*at].1.len()));
                if token != end && answers[*at].len() < longest {
                    answers[*at].push(token);
                    next.push((*at, vec![token]));
                }
            }
            feed = next;
        }
        answers
    }

    /// Reads more of some texts and returns the scores behind the last token of each.
    fn advance(&mut self, reads: &mut [Read], feed: &[(usize, Vec<u32>)]) -> Vec<f32> {
        let tokens: Vec<u32> = feed.iter().flat_map(|(_, tokens)| tokens).copied().collect();
        let mut stream = vec![0.0; tokens.len() * self.shape.width];
        self.look_up(&tokens, &mut stream);
        for at in 0..self.shape.layers {
            self.read_layer(at, reads, feed, &mut stream);
        }
        let width = self.shape.width;
        let (mut row, mut last) = (0, Vec::with_capacity(feed.len() * width));
        for (text, tokens) in feed {
            row += tokens.len();
            reads[*text].length += tokens.len();
            last.extend(&stream[(row - 1) * width..row * width]);
        }
        self.scored(&last)
    }

    /// Returns the scores of every token behind rows of the last layer.
    pub(crate) fn scored(&mut self, last: &[f32]) -> Vec<f32> {
        let rows = self.after_norm(last, self.layout.norm);
        let count = rows.len() / self.shape.width;
        let mut scores = vec![0.0; count * self.shape.vocabulary];
        self.apply(&rows, self.layout.embedding, &mut scores, Onto::Replace);
        scores
    }

    fn read_layer(
        &mut self,
        at: usize,
        reads: &mut [Read],
        feed: &[(usize, Vec<u32>)],
        stream: &mut [f32],
    ) {
        let layer = self.layout.layers[at];
        let count = stream.len() / self.shape.width;
        let rows = self.after_norm(stream, layer.norm);
        let mut raw = vec![0.0; count * self.shape.mixed()];
        self.apply(&rows, layer.mixed(), &mut raw, Onto::Replace);
        let mut mixed = vec![0.0; count * self.shape.asking()];
        let mut lines =
            raw.chunks_exact(self.shape.mixed()).zip(mixed.chunks_exact_mut(self.shape.asking()));
        for (text, tokens) in feed {
            let read = &mut reads[*text];
            read.layers.resize_with(self.shape.layers, Default::default);
            for place in read.length..read.length + tokens.len() {
                let (raw, out) = lines.next().expect("there is a row for each token");
                self.attend_one(layer, raw, place, &mut read.layers[at], out);
            }
        }
        self.apply(&mixed, layer.out, stream, Onto::Add);
        let rows = self.after_norm(stream, layer.inner_norm);
        let mut opened = vec![0.0; count * 2 * self.shape.inner];
        self.apply(&rows, layer.opened(), &mut opened, Onto::Replace);
        let inner = self.gated(&opened);
        self.apply(&inner, layer.down, stream, Onto::Add);
    }

    /// Remembers the key and value of one token and lets its query look at all so far.
    fn attend_one(
        &self,
        layer: LayerLayout,
        raw: &[f32],
        place: usize,
        (keys, values): &mut (Vec<f32>, Vec<f32>),
        out: &mut [f32],
    ) {
        let (asking, asked, head) = (self.shape.asking(), self.shape.asked(), self.shape.head);
        let mut query = vec![0.0; asking];
        self.place(&raw[..asking], layer.query_norm, place, &mut query);
        let mut key = vec![0.0; asked];
        self.place(&raw[asking..asking + asked], layer.key_norm, place, &mut key);
        keys.extend(key);
        values.extend(&raw[asking + asked..]);
        let group = self.shape.heads / self.shape.key_heads;
        for (number, (query, out)) in
            query.chunks_exact(head).zip(out.chunks_exact_mut(head)).enumerate()
        {
            let from = number / group * head;
            let seen = |rows: &'_ [f32], at: usize| {
                at * asked + from..at * asked + from + rows.len().min(head)
            };
            let likeness = (0..=place).map(|at| dot(query, &keys[seen(keys, at)]));
            let mut shares: Vec<f32> = likeness.map(|sum| sum / (head as f32).sqrt()).collect();
            soften(&mut shares);
            for (at, share) in shares.iter().enumerate() {
                let value = &values[seen(values, at)];
                out.iter_mut().zip(value).for_each(|(out, value)| *out += share * value);
            }
        }
    }
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (left, right) in left.as_chunks::<8>().0.iter().zip(right.as_chunks::<8>().0) {
        (0..8).for_each(|lane| sums[lane] += left[lane] * right[lane]);
    }
    sums.iter().sum()
}

/// Turns scores into shares that sum to one.
fn soften(line: &mut [f32]) {
    let most = line.iter().copied().fold(f32::MIN, f32::max);
    line.iter_mut().for_each(|number| *number = exponential(*number - most));
    let sum: f32 = line.iter().sum();
    line.iter_mut().for_each(|number| *number /= sum);
}

fn choose(line: &[f32], temperature: f32, chance: &mut Chance) -> u32 {
    if temperature == 0.0 {
        let best = line.iter().enumerate().max_by(|left, right| left.1.total_cmp(right.1));
        return best.expect("a vocabulary is not empty").0 as u32;
    }
    let mut shares: Vec<f32> = line.iter().map(|score| score / temperature).collect();
    soften(&mut shares);
    chance.weighted(&shares) as u32
}
