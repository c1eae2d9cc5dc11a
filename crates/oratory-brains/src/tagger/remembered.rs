//! What everyday words and marks say, worked out once for all texts.
//!
//! Only what stands in a dictionary, or is a mark or the end of a line, is remembered beyond the
//! text it came in: names and numbers are forgotten with it. Of words that want the same place
//! the first stays, so that reading takes no lock.

use std::sync::OnceLock;

use super::examine::Known;
use super::gazetteer::list;
use super::network::Says;
use super::tokens::Sort;

/// Words that are remembered, which take three megabytes once all are met.
const SLOTS: usize = 4096;
/// How many places a word may have.
const TRIES: usize = 4;
/// No longer word is remembered.
const LONGEST: usize = 20;

/// A word met before, and what it says.
#[derive(Clone)]
pub(super) struct Met {
    pub(super) raw: u64,
    pub(super) known: Known,
    pub(super) says: Says,
}

/// A word as it is written.
#[derive(PartialEq, Eq)]
struct Written {
    sort: Sort,
    length: usize,
    bytes: [u8; LONGEST],
}

impl Written {
    fn of(sort: Sort, text: &str) -> Option<Self> {
        let mut bytes = [0; LONGEST];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { sort, length: text.len(), bytes })
    }
}

struct Slot {
    written: Written,
    met: Met,
}

/// Words of many texts.
pub(super) struct Remembered {
    slots: Box<[OnceLock<Box<Slot>>]>,
}

impl Remembered {
    pub(super) fn new() -> Self {
        Self { slots: (0..SLOTS).map(|_| OnceLock::new()).collect() }
    }

    /// Returns what a word says, if that is remembered.
    ///
    /// Not by its hash alone: somebody could make two words with the same, one of them a name.
    pub(super) fn find(&self, raw: u64, sort: Sort, text: &str) -> Option<&Met> {
        let slots = places(raw).map_while(|place| self.slots[place].get());
        let mut same = slots.filter(|slot| slot.met.raw == raw);
        same.find(|slot| slot.has(sort, text)).map(|slot| &slot.met)
    }

    /// Remembers what a word says, if it is an everyday one and there is a place for it.
    pub(super) fn keep(&self, sort: Sort, text: &str, met: &Met) -> Option<&Met> {
        let everyday = met.known.mask & (list::EVERYDAY | list::DICTIONARY) != 0;
        let written = Written::of(sort, text).filter(|_| sort != Sort::Word || everyday)?;
        let place = places(met.raw).find(|place| self.slots[*place].get().is_none())?;
        let slot = self.slots[place].get_or_init(|| Box::new(Slot { written, met: met.clone() }));
        // Another thread may have taken the place for another word.
        slot.has(sort, text).then_some(&slot.met)
    }
}

impl Slot {
    fn has(&self, sort: Sort, text: &str) -> bool {
        let Written { sort: own, length, bytes } = &self.written;
        *own == sort && &bytes[..*length] == text.as_bytes()
    }
}

/// Returns the places a word may have.
fn places(raw: u64) -> impl Iterator<Item = usize> {
    (0..TRIES).map(move |further| (raw as usize + further) % SLOTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tagger::network::{HIDDEN, TAPS};

    fn met(raw: u64, mask: u32) -> Met {
        Met { raw, known: Known { key: 1, mask }, says: [[0; HIDDEN]; TAPS] }
    }

    #[test]
    fn everyday_words_and_marks_are_remembered_and_names_are_not() {
        let remembered = Remembered::new();
        assert!(remembered.keep(Sort::Word, "house", &met(1, list::EVERYDAY)).is_some());
        assert!(remembered.keep(Sort::Mark, "--", &met(2, 0)).is_some());
        assert!(remembered.keep(Sort::Word, "Okonkwo", &met(3, list::LAST)).is_none());
        assert!(remembered.keep(Sort::Word, "48813297", &met(4, 0)).is_none());
        let endless = "x".repeat(LONGEST + 1);
        assert!(remembered.keep(Sort::Word, &endless, &met(5, list::EVERYDAY)).is_none());
        assert!(remembered.find(1, Sort::Word, "house").is_some());
        assert!(remembered.find(3, Sort::Word, "Okonkwo").is_none());
    }

    #[test]
    fn words_with_the_same_hash_are_told_apart() {
        let remembered = Remembered::new();
        remembered.keep(Sort::Word, "house", &met(7, list::EVERYDAY));
        assert!(remembered.find(7, Sort::Word, "Okonkwo").is_none());
        assert!(remembered.find(7, Sort::Mark, "house").is_none());
        remembered.keep(Sort::Word, "home", &met(7, list::DICTIONARY));
        let mask = |text: &str| remembered.find(7, Sort::Word, text).map(|met| met.known.mask);
        assert_eq!((mask("house"), mask("home")), (Some(list::EVERYDAY), Some(list::DICTIONARY)));
    }

    #[test]
    fn where_every_place_is_taken_the_first_words_stay() {
        let remembered = Remembered::new();
        let words: Vec<String> = (0..TRIES + 1).map(|number| format!("word{number}")).collect();
        let kept = words
            .iter()
            .filter(|word| remembered.keep(Sort::Word, word, &met(9, list::EVERYDAY)).is_some());
        assert_eq!(kept.count(), TRIES);
        assert!(remembered.find(9, Sort::Word, &words[0]).is_some());
    }
}
