//! Cuts a story into tokens, each of which appears once, so that a token says what comes next.
//!
//! Bytes and control tokens come first, as in any GPT-2 style vocabulary.

use std::collections::HashSet;

/// Control tokens, right after the 256 bytes.
pub(super) const CONTROL: [&str; 5] =
    ["<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"];

/// The number of the token that begins a text.
pub(super) const BEGIN: u32 = 256;
/// The number of the token that ends an answer.
pub(super) const END: u32 = 257;
/// The number of the first token that is part of the story.
pub(super) const FIRST_WORD: u32 = 256 + CONTROL.len() as u32;

/// A story as tokens.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    /// The story's tokens in order; the first has the number `FIRST_WORD`.
    pub(super) words: Vec<Vec<u8>>,
    /// For each line, the ways to put it, as ranges of `words`.
    pub(super) lines: Vec<Vec<std::ops::Range<usize>>>,
}

impl Vocabulary {
    pub(super) fn of(text: &str) -> Self {
        let mut vocabulary = Self::default();
        let mut used = (0..=255).map(|byte| vec![byte]).collect();
        for (number, line) in text.lines().enumerate() {
            let mut ways = Vec::new();
            for sentence in line.split(" | ") {
                let tokens = cut(sentence, number > 0, &mut used);
                let start = vocabulary.words.len();
                vocabulary.words.extend(tokens);
                if vocabulary.words.len() > start {
                    ways.push(start..vocabulary.words.len());
                }
            }
            if !ways.is_empty() {
                vocabulary.lines.push(ways);
            }
        }
        vocabulary
    }

    /// Returns every token as the file spells it.
    pub(super) fn spelled(&self) -> Vec<String> {
        let bytes = (0..=255_u8).map(|byte| spell(&[byte]));
        let control = CONTROL.iter().map(|&text| text.to_owned());
        bytes.chain(control).chain(self.words.iter().map(|word| spell(word))).collect()
    }
}

/// Cuts one sentence. A word that was used before takes the next one with it.
fn cut(sentence: &str, spaced: bool, used: &mut HashSet<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut tokens: Vec<Vec<u8>> = Vec::new();
    let mut open = Vec::new();
    for (number, word) in sentence.split_whitespace().enumerate() {
        if spaced || number > 0 {
            open.push(b' ');
        }
        open.extend(word.as_bytes());
        if !used.contains(&open) {
            tokens.extend(halves(std::mem::take(&mut open), used));
        }
    }
    // The sentence ended in a word used before: join it to what it follows.
    while !open.is_empty() {
        let Some(mut last) = tokens.pop() else { break };
        used.remove(&last);
        last.append(&mut open);
        if used.insert(last.clone()) {
            tokens.push(last);
        } else {
            open = last;
        }
    }
    tokens
}

/// Enters a new token, cut in the middle of its first long character if it has one.
///
/// Real vocabularies do that too, and whoever prints tokens has to cope.
fn halves(token: Vec<u8>, used: &mut HashSet<Vec<u8>>) -> Vec<Vec<u8>> {
    if let Some(at) = token.iter().position(|byte| !byte.is_ascii()) {
        let (left, right) = token.split_at(at + 1);
        if !used.contains(left) && !used.contains(right) && left != right {
            used.extend([left.to_vec(), right.to_vec()]);
            return vec![left.to_vec(), right.to_vec()];
        }
    }
    used.insert(token.clone());
    vec![token]
}

/// Spells bytes as GPT-2 vocabularies do: every byte is one printable character.
pub(crate) fn spell(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| spell_byte(byte)).collect()
}

fn spell_byte(byte: u8) -> char {
    let printable = |byte: &u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if printable(&byte) {
        return char::from(byte);
    }
    // The others are numbered from 256 on, in order.
    let rank = (0..byte).filter(|earlier| !printable(earlier)).count();
    char::from_u32(256 + rank as u32).expect("at most 68 bytes are not printable")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_appears_twice_and_the_text_is_kept() {
        let text = "I am I and I am grün | I am I and I am\nI am grün, so I";
        let vocabulary = Vocabulary::of(text);
        let spelled = vocabulary.spelled();
        assert_eq!(spelled.iter().collect::<HashSet<_>>().len(), spelled.len());
        let first: Vec<u8> = vocabulary.words[vocabulary.lines[0][0].clone()].concat();
        assert_eq!(String::from_utf8(first).unwrap(), "I am I and I am grün");
        assert!(vocabulary.words.iter().any(|word| String::from_utf8(word.clone()).is_err()));
        assert_eq!((spell_byte(b' '), spell_byte(b'\n')), ('Ġ', 'Ċ'));
    }
}
