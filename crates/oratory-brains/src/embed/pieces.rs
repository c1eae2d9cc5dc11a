//! Cuts text into the pieces of a vocabulary: whole words where it knows them, else the longest
//! beginnings and continuations. Time grows with the text's length and nothing else.
//!
//! Knows no vectors. Numbers are the places of the pieces in the vocabulary as it was given.

use super::fold::{Kind, fold, kind};

/// What a piece that continues a word begins with in a vocabulary.
const CONTINUES: &str = "##";
/// What stands for a word of which no piece is known.
const UNKNOWN: &str = "[UNK]";
/// A longer word is a key or a dump; nothing would be learnt from its pieces.
const LONGEST_WORD: usize = 100;
const LONGEST_WORD_BYTES: usize = LONGEST_WORD * 4;
/// The slot of nothing.
const EMPTY: u32 = u32::MAX;

/// A vocabulary, ready to cut text.
#[derive(Clone)]
pub struct Pieces<'a> {
    texts: Vec<&'a str>,
    /// An open hash table of places in `texts`; its size is a power of two.
    slots: Vec<u32>,
    longest: usize,
    unknown: Option<u32>,
}

impl<'a> Pieces<'a> {
    /// Returns a vocabulary of these pieces.
    pub fn new(texts: Vec<&'a str>) -> Self {
        let slots = vec![EMPTY; (texts.len() * 2).next_power_of_two().max(2)];
        let unknown = texts.iter().position(|text| *text == UNKNOWN);
        let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
        let unknown = unknown.and_then(|at| u32::try_from(at).ok());
        let mut pieces = Self { texts, slots, longest, unknown };
        for number in 0..u32::try_from(pieces.texts.len()).unwrap_or(EMPTY) {
            pieces.place(number);
        }
        pieces
    }

    /// Returns how many pieces there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Says whether there are no pieces.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Returns the pieces' texts, in their order.
    pub fn texts(&self) -> &[&'a str] {
        &self.texts
    }

    /// Tells `each` the number of every piece of `text`, first to last, until it has had enough.
    pub fn cut(&self, text: &str, most: usize, mut each: impl FnMut(u32)) {
        let mut word = String::with_capacity(64);
        let mut left = most;
        let mut told = |number| {
            if left > 0 {
                left -= 1;
                each(number);
            }
            left > 0
        };
        for letter in text.chars() {
            let kind = kind(letter);
            if kind == Kind::Letter {
                // Past this it is unknown already, and need not be kept whole.
                if word.len() <= LONGEST_WORD_BYTES {
                    fold(letter, &mut word);
                }
                continue;
            }
            if kind == Kind::Nothing {
                continue;
            }
            if !self.end(&mut word, &mut told) {
                return;
            }
            if kind == Kind::Alone {
                word.push(letter);
                if !self.end(&mut word, &mut told) {
                    return;
                }
            }
        }
        self.end(&mut word, &mut told);
    }

    /// Tells the pieces of a finished word and clears it; says whether more are wanted.
    fn end(&self, word: &mut String, told: &mut impl FnMut(u32) -> bool) -> bool {
        let mut more = true;
        if !word.is_empty() {
            let mut found = [0; LONGEST_WORD];
            match self.of_word(word, &mut found) {
                Some(count) => more = found[..count].iter().all(|number| told(*number)),
                None => more = self.unknown.is_none_or(&mut *told),
            }
            word.clear();
        }
        more
    }

    /// Fills `found` with a word's pieces and returns how many they are, if all of it is known.
    fn of_word(&self, word: &str, found: &mut [u32; LONGEST_WORD]) -> Option<usize> {
        if word.len() > LONGEST_WORD_BYTES || word.chars().nth(LONGEST_WORD).is_some() {
            return None;
        }
        let (mut from, mut count) = (0, 0);
        while from < word.len() {
            let (number, length) = self.longest_at(&word[from..], from > 0)?;
            *found.get_mut(count)? = number;
            count += 1;
            from += length;
        }
        Some(count)
    }

    /// Returns the longest piece that `rest` begins with, and its length there.
    fn longest_at(&self, rest: &str, continues: bool) -> Option<(u32, usize)> {
        let mut hash = beginning(continues);
        let mut best = None;
        for (at, byte) in rest.bytes().enumerate().take(self.longest) {
            hash = stirred(hash, byte);
            if rest.is_char_boundary(at + 1) {
                let found = self.find(hash, &rest[..=at], continues);
                best = found.map(|number| (number, at + 1)).or(best);
            }
        }
        best
    }

    fn find(&self, hash: u64, text: &str, continues: bool) -> Option<u32> {
        let mut slot = self.first_slot(hash);
        loop {
            let number = self.slots[slot];
            if number == EMPTY {
                return None;
            }
            if parted(self.texts[number as usize]) == (text, continues) {
                return Some(number);
            }
            slot = (slot + 1) % self.slots.len();
        }
    }

    /// Places a piece in the table; of two that are alike the first is kept.
    fn place(&mut self, number: u32) {
        let (text, continues) = parted(self.texts[number as usize]);
        let hash = text.bytes().fold(beginning(continues), stirred);
        if self.find(hash, text, continues).is_some() {
            return;
        }
        let mut slot = self.first_slot(hash);
        // Ends, because half of the slots stay empty.
        while self.slots[slot] != EMPTY {
            slot = (slot + 1) % self.slots.len();
        }
        self.slots[slot] = number;
    }

    fn first_slot(&self, hash: u64) -> usize {
        // The high bits are the well mixed ones.
        usize::try_from(hash >> 32).unwrap_or(0) & (self.slots.len() - 1)
    }
}

/// Returns a piece's letters, and whether it continues a word.
fn parted(text: &str) -> (&str, bool) {
    match text.strip_prefix(CONTINUES) {
        Some(rest) if !rest.is_empty() => (rest, true),
        _ => (text, false),
    }
}

fn beginning(continues: bool) -> u64 {
    if continues { 0x9e37_79b9_7f4a_7c15 } else { 0xcbf2_9ce4_8422_2325 }
}

/// Returns the hash of what came so far and one byte more (FNV-1a's step, spread upward).
fn stirred(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x2545_f491_4f6c_dd1d).rotate_left(5)
}
