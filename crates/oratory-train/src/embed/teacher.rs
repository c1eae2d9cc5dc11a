//! The teacher: a small BERT whose mean of last states is a sentence's vector.
//!
//! Runs forward only. Texts of one length go through together, so nothing is ever padded.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use candle_core::{Device, Tensor};
use oratory_brains::embed::pieces::Pieces;

use super::fast::{gelu, normalise, softmax};

/// How many numbers a vector of the teacher has.
pub(super) const WIDTH: usize = 384;
const HEADS: usize = 12;
const LAYERS: usize = 6;
const EPSILON: f32 = 1e-12;
const FIRST: u32 = 101;
const LAST: u32 = 102;
/// It was trained on texts of at most this many pieces; longer ones are cut, as its makers do.
const LONGEST: usize = 256;
/// Pieces that go through together: enough to fill a core's caches and no more.
const TOGETHER: usize = 2048;

/// A linear step: its weights turned for multiplying from the right, and its offsets.
struct Linear {
    weight: Tensor,
    bias: Vec<f32>,
}

/// A layer norm's factors and offsets.
struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    out: Linear,
    after_attention: Norm,
    wide: Linear,
    narrow: Linear,
    after_feed: Norm,
}

/// The teacher, in memory.
pub(super) struct Teacher {
    words: Vec<f32>,
    positions: Vec<f32>,
    kind: Vec<f32>,
    first: Norm,
    layers: Vec<Layer>,
    vocabulary: Pieces<'static>,
}

/// Tensors by name.
struct Named(HashMap<String, Tensor>);

impl Named {
    fn flat(&self, name: &str) -> Result<Vec<f32>> {
        let tensor = self.0.get(name).with_context(|| format!("the teacher lacks {name}"))?;
        Ok(tensor.flatten_all()?.to_vec1()?)
    }

    fn linear(&self, name: &str) -> Result<Linear> {
        let weight = format!("{name}.weight");
        let tensor = self.0.get(&weight).with_context(|| format!("the teacher lacks {weight}"))?;
        Ok(Linear { weight: tensor.t()?.contiguous()?, bias: self.flat(&format!("{name}.bias"))? })
    }

    fn norm(&self, name: &str) -> Result<Norm> {
        let weight = self.flat(&format!("{name}.weight"))?;
        Ok(Norm { weight, bias: self.flat(&format!("{name}.bias"))? })
    }

    fn layer(&self, number: usize) -> Result<Layer> {
        let at = |part: &str| format!("encoder.layer.{number}.{part}");
        Ok(Layer {
            query: self.linear(&at("attention.self.query"))?,
            key: self.linear(&at("attention.self.key"))?,
            value: self.linear(&at("attention.self.value"))?,
            out: self.linear(&at("attention.output.dense"))?,
            after_attention: self.norm(&at("attention.output.LayerNorm"))?,
            wide: self.linear(&at("intermediate.dense"))?,
            narrow: self.linear(&at("output.dense"))?,
            after_feed: self.norm(&at("output.LayerNorm"))?,
        })
    }
}

impl Linear {
    /// Returns `rows` through this step.
    fn of(&self, rows: &[f32]) -> Result<Vec<f32>> {
        let (from, to) = self.weight.dims2()?;
        let rows = Tensor::from_slice(rows, (rows.len() / from, from), &Device::Cpu)?;
        let mut out: Vec<f32> = rows.matmul(&self.weight)?.flatten_all()?.to_vec1()?;
        for row in out.chunks_exact_mut(to) {
            row.iter_mut().zip(&self.bias).for_each(|(number, bias)| *number += bias);
        }
        Ok(out)
    }
}

impl Norm {
    fn apply(&self, rows: &mut [f32]) {
        for row in rows.chunks_exact_mut(WIDTH) {
            let mean = row.iter().sum::<f32>() / WIDTH as f32;
            let spread = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / WIDTH as f32;
            let scale = 1.0 / (spread + EPSILON).sqrt();
            for ((x, weight), bias) in row.iter_mut().zip(&self.weight).zip(&self.bias) {
                *x = (*x - mean) * scale * weight + bias;
            }
        }
    }
}

impl Layer {
    /// Returns the states after this layer, for texts of `length` pieces each.
    fn of(&self, states: Vec<f32>, length: usize) -> Result<Vec<f32>> {
        let attended = self.attend(&states, length)?;
        let mut states = added(states, &self.out.of(&attended)?);
        self.after_attention.apply(&mut states);
        let mut wide = self.wide.of(&states)?;
        gelu(&mut wide);
        let mut states = added(states, &self.narrow.of(&wide)?);
        self.after_feed.apply(&mut states);
        Ok(states)
    }

    fn attend(&self, states: &[f32], length: usize) -> Result<Vec<f32>> {
        let query = heads(self.query.of(states)?, length)?;
        let key = heads(self.key.of(states)?, length)?;
        let value = heads(self.value.of(states)?, length)?;
        let scores = query.matmul(&key.transpose(2, 3)?.contiguous()?)?;
        let shape = scores.shape().clone();
        let mut scores: Vec<f32> = scores.flatten_all()?.to_vec1()?;
        softmax(&mut scores, length, 1.0 / ((WIDTH / HEADS) as f32).sqrt());
        let scores = Tensor::from_vec(scores, shape, &Device::Cpu)?;
        let mixed = scores.matmul(&value)?.transpose(1, 2)?.contiguous()?;
        Ok(mixed.flatten_all()?.to_vec1()?)
    }
}

/// Returns rows as a tensor of texts, heads, pieces and numbers.
fn heads(rows: Vec<f32>, length: usize) -> Result<Tensor> {
    let texts = rows.len() / length / WIDTH;
    let rows = Tensor::from_vec(rows, (texts, length, HEADS, WIDTH / HEADS), &Device::Cpu)?;
    Ok(rows.transpose(1, 2)?.contiguous()?)
}

fn added(mut sum: Vec<f32>, more: &[f32]) -> Vec<f32> {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    sum
}

impl Teacher {
    /// Reads the teacher from the folder of its files.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let file = folder.join("model.safetensors");
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {file:?}"))?;
        let named = Named(candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)?);
        let vocabulary = std::fs::read_to_string(folder.join("vocab.txt"))
            .context("cannot read the teacher's vocab.txt")?;
        // Lives as long as the program, which does nothing but this.
        let vocabulary: &'static str = vocabulary.leak();
        let words = named.flat("embeddings.word_embeddings.weight")?;
        let vocabulary = Pieces::new(vocabulary.lines().collect());
        ensure!(words.len() == vocabulary.len() * WIDTH, "the vocabulary does not fit the teacher");
        Ok(Self {
            words,
            positions: named.flat("embeddings.position_embeddings.weight")?,
            kind: named.flat("embeddings.token_type_embeddings.weight")?,
            first: named.norm("embeddings.LayerNorm")?,
            layers: (0..LAYERS).map(|number| named.layer(number)).collect::<Result<_>>()?,
            vocabulary,
        })
    }

    /// Returns the vocabulary.
    pub(super) fn vocabulary(&self) -> &Pieces<'static> {
        &self.vocabulary
    }

    /// Returns the numbers of a text's pieces, without the marks at its ends.
    pub(super) fn cut(&self, text: &str) -> Vec<u32> {
        let mut pieces = Vec::new();
        self.vocabulary.cut(text, LONGEST - 2, |piece| pieces.push(piece));
        pieces
    }

    /// Returns a normalised vector for each run of pieces; `told` hears how many are done.
    pub(super) fn vectors(
        &self,
        texts: &[Vec<u32>],
        mut told: impl FnMut(usize),
    ) -> Result<Vec<f32>> {
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|text| texts[*text].len());
        let mut vectors = vec![0.0; texts.len() * WIDTH];
        let mut done = 0;
        for alike in order.chunk_by(|a, b| texts[*a].len() == texts[*b].len()) {
            let length = texts[alike[0]].len() + 2;
            for batch in alike.chunks((TOGETHER / length).max(1)) {
                let states = self.states(texts, batch, length)?;
                for (text, states) in batch.iter().zip(states.chunks_exact(length * WIDTH)) {
                    mean(states, &mut vectors[text * WIDTH..][..WIDTH]);
                }
                done += batch.len();
                told(done);
            }
        }
        Ok(vectors)
    }

    fn states(&self, texts: &[Vec<u32>], batch: &[usize], length: usize) -> Result<Vec<f32>> {
        let mut states = Vec::with_capacity(batch.len() * length * WIDTH);
        for text in batch {
            let ends = [FIRST].into_iter().chain(texts[*text].iter().copied()).chain([LAST]);
            for (position, piece) in ends.enumerate() {
                let word = &self.words[piece as usize * WIDTH..][..WIDTH];
                let place = &self.positions[position * WIDTH..][..WIDTH];
                states.extend((0..WIDTH).map(|at| word[at] + place[at] + self.kind[at]));
            }
        }
        self.first.apply(&mut states);
        self.layers.iter().try_fold(states, |states, layer| layer.of(states, length))
    }
}

fn mean(states: &[f32], vector: &mut [f32]) {
    for state in states.chunks_exact(WIDTH) {
        vector.iter_mut().zip(state).for_each(|(sum, number)| *sum += number);
    }
    normalise(vector);
}
