//! Cuts text into tokens and puts it together again: byte-level BPE, the same as llama.cpp's.
//!
//! The pieces a text is first cut into are those of `qwen2`: words with what stands before them,
//! single digits, runs of punctuation, runs of space. Merges never cross them.

mod learn;
mod pieces;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::splitmix::mixed;

/// Tokens with a meaning of their own; they stand at the end of the vocabulary.
pub(crate) const MARKS: [&str; 11] = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<think>",
    "</think>",
    "<tools>",
    "</tools>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
];

/// The first of them that a reader of plain text would not miss: the others are control tokens.
pub(crate) const FIRST_PLAIN_MARK: usize = 3;

/// A vocabulary and its merges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tokens {
    /// Pairs of tokens that become one, in the order in which they do; bytes are 0 to 255.
    merges: Vec<(u32, u32)>,
    #[serde(skip)]
    ranks: HashMap<(u32, u32), u32>,
}

/// Merges that are left out of one text, so that rare tokens are seen as well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Loose {
    /// Which ones, as a seed.
    pub(crate) seed: u64,
    /// What share of them.
    pub(crate) share: f32,
}

impl Loose {
    fn drops(self, rank: u32) -> bool {
        let number = mixed(self.seed ^ mixed(u64::from(rank) + 1));
        ((number >> 40) as f32) < self.share * (1_u64 << 24) as f32
    }
}

impl Tokens {
    /// Learns a vocabulary of `size` tokens, marks included, from texts.
    pub fn learn(texts: impl Iterator<Item = String>, size: usize) -> Self {
        Self::of(learn::merges(texts, size - MARKS.len() - 256))
    }

    /// Returns the vocabulary with these merges.
    pub(crate) fn of(merges: Vec<(u32, u32)>) -> Self {
        let ranks = (0..).zip(&merges).map(|(rank, pair)| (*pair, rank)).collect();
        Self { merges, ranks }
    }

    /// Fills in what is not written down; `None` if a merge is of tokens that come later.
    pub(crate) fn ready(self) -> Option<Self> {
        let known = |(rank, pair): (u32, &(u32, u32))| pair.0.max(pair.1) < 256 + rank;
        (0..).zip(&self.merges).all(known).then(|| Self::of(self.merges))
    }

    /// Returns how many tokens there are.
    pub fn size(&self) -> usize {
        256 + self.merges.len() + MARKS.len()
    }

    /// Returns how many tokens stand for plain text; they come first.
    pub(crate) fn plain(&self) -> usize {
        256 + self.merges.len()
    }

    /// Returns the token of a mark.
    pub(crate) fn mark(&self, text: &str) -> u32 {
        let place = MARKS.iter().position(|mark| *mark == text);
        (256 + self.merges.len() + place.expect("only marks of the list are asked for")) as u32
    }

    /// Cuts text in which marks mean what they say.
    pub fn cut(&self, text: &str) -> Vec<u32> {
        self.cut_loosely(text, None)
    }

    /// The same, leaving some merges out.
    pub(crate) fn cut_loosely(&self, text: &str, loose: Option<Loose>) -> Vec<u32> {
        let mut out = Vec::new();
        let mut rest = text;
        while let Some((at, mark)) = first_mark(rest) {
            self.cut_plain(&rest[..at], loose, &mut out);
            out.push(self.mark(mark));
            rest = &rest[at + mark.len()..];
        }
        self.cut_plain(rest, loose, &mut out);
        out
    }

    fn cut_plain(&self, text: &str, loose: Option<Loose>, out: &mut Vec<u32>) {
        pieces::each(text, |piece| self.merge(piece, loose, out));
    }

    fn merge(&self, piece: &str, loose: Option<Loose>, out: &mut Vec<u32>) {
        let mut tokens: Vec<u32> = piece.bytes().map(u32::from).collect();
        let rank = |pair: &[u32]| {
            let rank = *self.ranks.get(&(pair[0], pair[1]))?;
            (!loose.is_some_and(|loose| loose.drops(rank))).then_some(rank)
        };
        while let Some(least) = tokens.windows(2).filter_map(rank).min() {
            join(&mut tokens, self.merges[least as usize], 256 + least);
        }
        out.extend(tokens);
    }

    /// Returns the bytes that tokens stand for; marks are spelled out.
    pub fn bytes(&self, tokens: &[u32]) -> Vec<u8> {
        let mut out = Vec::new();
        tokens.iter().for_each(|token| self.spell(*token as usize, &mut out));
        out
    }

    /// Returns the text that tokens stand for; what is not text is shown as `�`.
    pub fn text(&self, tokens: &[u32]) -> String {
        String::from_utf8_lossy(&self.bytes(tokens)).into_owned()
    }

    fn spell(&self, token: usize, out: &mut Vec<u8>) {
        match token.checked_sub(256) {
            None => out.push(token as u8),
            Some(merge) => match self.merges.get(merge) {
                Some((left, right)) => {
                    self.spell(*left as usize, out);
                    self.spell(*right as usize, out);
                }
                None => out.extend(MARKS[merge - self.merges.len()].bytes()),
            },
        }
    }

    /// Returns every token as model files spell it: each byte is one printable character.
    pub(crate) fn spelled(&self) -> Vec<String> {
        let plain = 256 + self.merges.len();
        let tokens = (0..plain as u32).map(|token| spelling(&self.bytes(&[token])));
        tokens.chain(MARKS.map(str::to_owned)).collect()
    }

    /// Returns the merges as model files spell them.
    pub(crate) fn spelled_merges(&self) -> Vec<String> {
        let spell = |token: u32| spelling(&self.bytes(&[token]));
        let pairs = self.merges.iter();
        pairs.map(|&(left, right)| format!("{} {}", spell(left), spell(right))).collect()
    }
}

/// Replaces each neighbouring pair by one token.
fn join(tokens: &mut Vec<u32>, (left, right): (u32, u32), joined: u32) {
    let mut write = 0;
    let mut read = 0;
    while read < tokens.len() {
        let pair = tokens[read] == left && tokens.get(read + 1) == Some(&right);
        tokens[write] = if pair { joined } else { tokens[read] };
        read += if pair { 2 } else { 1 };
        write += 1;
    }
    tokens.truncate(write);
}

fn first_mark(text: &str) -> Option<(usize, &'static str)> {
    text.match_indices('<').find_map(|(at, _)| {
        let mark = MARKS.iter().find(|mark| text[at..].starts_with(**mark))?;
        Some((at, *mark))
    })
}

fn spelling(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| spelled_byte(byte)).collect()
}

/// Spells a byte as GPT-2 vocabularies do.
fn spelled_byte(byte: u8) -> char {
    let printable = |byte: &u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if printable(&byte) {
        return char::from(byte);
    }
    // The others are numbered from 256 on, in order.
    let rank = (0..byte).filter(|earlier| !printable(earlier)).count();
    char::from_u32(256 + rank as u32).expect("at most 68 bytes are not printable")
}
