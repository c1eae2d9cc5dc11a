//! Lists of words to draw from, each word in one split only.
//!
//! Words that no list has are made of syllables, so that copying cannot be learnt by heart.

use std::sync::OnceLock;

use super::Split;
use super::dice::{Dice, belongs};

/// A list of words, read once and parted by split.
pub(super) struct List {
    text: &'static str,
    parted: OnceLock<[Vec<&'static str>; 2]>,
}

impl List {
    const fn new(text: &'static str) -> Self {
        Self { text, parted: OnceLock::new() }
    }

    pub(super) fn of(&self, split: Split) -> &[&'static str] {
        let [train, held] = self.parted.get_or_init(|| part(self.text));
        if split == Split::Held { held } else { train }
    }
}

fn part(text: &'static str) -> [Vec<&'static str>; 2] {
    let words = text.split([',', '\n']).map(str::trim).filter(|word| !word.is_empty());
    let (held, train) = words.partition(|word| belongs(word, Split::Held));
    [train, held]
}

pub(super) static NAMES: List = List::new(include_str!("words/names.txt"));
pub(super) static FAMILIES: List = List::new(include_str!("words/families.txt"));
pub(super) static CITIES: List = List::new(include_str!("words/cities.txt"));
pub(super) static THINGS: List = List::new(include_str!("words/things.txt"));
pub(super) static FOODS: List = List::new(include_str!("words/foods.txt"));
pub(super) static ANIMALS: List = List::new(include_str!("words/animals.txt"));
pub(super) static JOBS: List = List::new(include_str!("words/jobs.txt"));
pub(super) static TRAITS: List = List::new(include_str!("words/traits.txt"));
pub(super) static DEEDS: List = List::new(include_str!("words/deeds.txt"));
pub(super) static PASTIMES: List = List::new(include_str!("words/pastimes.txt"));
pub(super) static TOPICS: List = List::new(include_str!("words/topics.txt"));

const STARTS: &str = "b br c ch d dr f fl g gr h j k kl l m n p pr r s sh st t tr v w z";
const MIDDLES: &str = "a e i o u ai ea ee ou oo";
const ENDS: &str = "l n r s t m d k x nd rt st ck";

/// Returns a word that means nothing, of two or three syllables.
pub(super) fn made(dice: &mut Dice) -> String {
    dice.ours(|dice| {
        let syllables = dice.between(2, 3);
        let mut word: String = (0..syllables).map(|_| syllable(dice)).collect();
        if dice.one_in(2) {
            word.push_str(part_of(dice, ENDS));
        }
        word
    })
}

fn syllable(dice: &mut Dice) -> String {
    let start = part_of(dice, STARTS);
    format!("{start}{}", part_of(dice, MIDDLES))
}

fn part_of(dice: &mut Dice, parts: &'static str) -> &'static str {
    let at = dice.below(parts.split(' ').count());
    parts.split(' ').nth(at).unwrap_or_default()
}

/// Returns the word with its first letter as a capital.
pub(super) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Returns the word with its first letter small.
pub(super) fn small(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Returns "a" or "an", whichever the word takes.
pub(super) fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// Returns the plural of a noun, as regular nouns make it.
pub(super) fn plural(noun: &str) -> String {
    let vowel_before = |start: &str| start.ends_with(['a', 'e', 'o', 'u']);
    match noun {
        _ if noun.ends_with("fe") => format!("{}ves", &noun[..noun.len() - 2]),
        _ if noun.ends_with("shelf") => format!("{}ves", &noun[..noun.len() - 1]),
        _ if ["s", "x", "z", "ch", "sh"].iter().any(|end| noun.ends_with(end)) => {
            format!("{noun}es")
        }
        _ => match noun.strip_suffix('y') {
            Some(start) if !vowel_before(start) => format!("{start}ies"),
            _ => format!("{noun}s"),
        },
    }
}

/// Returns the items as people list them: with commas, and "and" before the last.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}
