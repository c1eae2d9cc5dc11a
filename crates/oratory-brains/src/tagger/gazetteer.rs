//! Says which lists a word or a run of words stands in: names, towns, titles, illnesses.
//!
//! A table of fingerprints, not of words: nothing in it can be read back as a list of names.

/// Bits of a mask: which lists an entry stands in.
pub mod list {
    /// A first name.
    pub const FIRST: u32 = 1;
    /// A first name that many bear.
    pub const FIRST_COMMON: u32 = 1 << 1;
    /// A family name.
    pub const LAST: u32 = 1 << 2;
    /// A family name that many bear.
    pub const LAST_COMMON: u32 = 1 << 3;
    /// A town of some size.
    pub const TOWN: u32 = 1 << 4;
    /// A small town.
    pub const VILLAGE: u32 = 1 << 5;
    /// A country, a state or a region.
    pub const LAND: u32 = 1 << 6;
    /// A word that street names are made with.
    pub const STREET: u32 = 1 << 7;
    /// A legal form: Ltd, GmbH.
    pub const FORM: u32 = 1 << 8;
    /// A word that names of organisations are made with, or a known organisation.
    pub const ORGANISATION: u32 = 1 << 9;
    /// An illness, a complaint, a drug, a treatment.
    pub const HEALTH: u32 = 1 << 10;
    /// A job.
    pub const JOB: u32 = 1 << 11;
    /// A form of address: Mrs, Dr.
    pub const TITLE: u32 = 1 << 12;
    /// A month or a weekday.
    pub const CALENDAR: u32 = 1 << 13;
    /// An everyday word.
    pub const EVERYDAY: u32 = 1 << 14;
    /// A less frequent word of a dictionary.
    pub const DICTIONARY: u32 = 1 << 15;
    /// Not a list: longer entries begin with this word.
    pub const BEGINS: u32 = 1 << 16;
}

const MASK_BITS: u32 = 17;

/// The most words an entry has.
pub const LONGEST_ENTRY: usize = 4;

/// A table of fingerprints with a mask each, looked through from a hash on.
pub struct Gazetteer<'a> {
    slots: &'a [[u8; 4]],
}

impl<'a> Gazetteer<'a> {
    /// Returns the gazetteer in `bytes`, or nothing where their number is no power of two.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (slots, rest) = bytes.as_chunks::<4>();
        (rest.is_empty() && slots.len().is_power_of_two()).then_some(Self { slots })
    }

    /// Returns the mask of the entry with this key, 0 where there is none.
    pub fn mask(&self, key: u64) -> u32 {
        let last = self.slots.len() - 1;
        let mut at = key as usize & last;
        // A table that is full everywhere must not be looked through for ever.
        for _ in 0..64 {
            let slot = u32::from_le_bytes(self.slots[at]);
            if slot == 0 {
                return 0;
            }
            if slot >> MASK_BITS == fingerprint(key) {
                return slot & ((1 << MASK_BITS) - 1);
            }
            at = (at + 1) & last;
        }
        0
    }
}

fn fingerprint(key: u64) -> u32 {
    (key >> 49) as u32
}

/// Returns the key of an entry made of several words' keys.
pub fn joined(keys: &[u64]) -> u64 {
    keys.iter().fold(keys.len() as u64, |state, key| super::word::mix(state.rotate_left(17), *key))
}

/// Returns the bytes of a gazetteer with these entries; what has the same key is joined.
pub fn build(entries: impl Iterator<Item = (u64, u32)>, slots: usize) -> Vec<u8> {
    let last = slots.next_power_of_two() - 1;
    let mut table = vec![0_u32; last + 1];
    for (key, mask) in entries {
        let mut at = key as usize & last;
        while table[at] != 0 && table[at] >> MASK_BITS != fingerprint(key) {
            at = (at + 1) & last;
        }
        table[at] |= fingerprint(key) << MASK_BITS | mask;
    }
    table.iter().flat_map(|slot| slot.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tagger::word::Folded;

    fn key(word: &str) -> u64 {
        let mut folded = Folded::default();
        folded.set(word);
        folded.key()
    }

    #[test]
    fn what_was_put_in_is_found_whatever_its_case_and_accents() {
        let entries = [("anna", list::FIRST), ("müller", list::LAST), ("anna", list::TOWN)];
        let long = (joined(&[key("new"), key("york")]), list::TOWN);
        let entries = entries.iter().map(|(word, mask)| (key(word), *mask)).chain([long]);
        let bytes = build(entries, 8);
        let gazetteer = Gazetteer::new(&bytes).expect("a power of two");
        assert_eq!(gazetteer.mask(key("ANNA")), list::FIRST | list::TOWN);
        assert_eq!(gazetteer.mask(key("Muller")), list::LAST);
        assert_eq!(gazetteer.mask(joined(&[key("New"), key("York")])), list::TOWN);
        assert_eq!(gazetteer.mask(joined(&[key("York"), key("New")])), 0);
        assert_eq!(gazetteer.mask(key("bertha")), 0);
    }

    #[test]
    fn a_table_without_an_empty_slot_ends_the_search() {
        let full = [0xff; 256];
        let gazetteer = Gazetteer::new(&full).expect("a power of two");
        assert_eq!(gazetteer.mask(key("anyone")), 0);
        assert!(Gazetteer::new(&full[..12]).is_none());
    }
}
