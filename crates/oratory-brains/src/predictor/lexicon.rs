//! Words that tell what is reckoned with and how, sorted by what they tell.
//!
//! English only, as yet the language of what was measured; other languages go by the other features.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::words::hash;

/// What a word tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something is held against something else.
    Comparing,
    /// Something is multiplied.
    Times,
    /// Something is parted.
    Part,
    /// Something is a hundredth part.
    Percent,
    /// Something holds for each.
    Each,
    /// Something holds only at times.
    Condition,
    /// Something does not hold.
    Not,
    /// Something is added to what is said.
    And,
    /// Money.
    Money,
    /// The measured, behind "as".
    Measure,
    /// "as" itself.
    As,
    /// "how" itself.
    How,
}

/// How many kinds there are.
pub(super) const KINDS: usize = Kind::How as usize + 1;

const WORDS: [(Kind, &str); KINDS] = [
    (
        Kind::Comparing,
        "more less fewer older younger taller longer shorter larger smaller bigger higher lower faster slower cheaper greater",
    ),
    (Kind::Times, "times twice thrice double triple half doubled tripled"),
    (
        Kind::Part,
        "half halves third thirds quarter quarters fourth fourths fifth fifths sixth sixths eighth eighths tenth tenths",
    ),
    (Kind::Percent, "percent percentage"),
    (Kind::Each, "each every per apiece"),
    (Kind::Condition, "if when after before until while then unless"),
    (
        Kind::Not,
        "not no without except never isn't aren't wasn't doesn't don't didn't can't won't couldn't wouldn't",
    ),
    (Kind::And, "and"),
    (Kind::Money, "dollar dollars cent cents euro euros"),
    (Kind::Measure, "many much long old tall far fast"),
    (Kind::As, "as"),
    (Kind::How, "how"),
];

/// How much a word stands for.
const AMOUNTS: [(f64, &str); 34] = [
    (0.0, "zero"),
    (0.25, "quarter"),
    (1.0 / 3.0, "third"),
    (0.5, "half"),
    (1.0, "one once"),
    (2.0, "two twice double"),
    (3.0, "three thrice triple"),
    (4.0, "four"),
    (5.0, "five"),
    (6.0, "six"),
    (7.0, "seven"),
    (8.0, "eight"),
    (9.0, "nine"),
    (10.0, "ten"),
    (11.0, "eleven"),
    (12.0, "twelve dozen"),
    (13.0, "thirteen"),
    (14.0, "fourteen"),
    (15.0, "fifteen"),
    (16.0, "sixteen"),
    (17.0, "seventeen"),
    (18.0, "eighteen"),
    (19.0, "nineteen"),
    (20.0, "twenty"),
    (30.0, "thirty"),
    (40.0, "forty"),
    (50.0, "fifty"),
    (60.0, "sixty"),
    (70.0, "seventy"),
    (80.0, "eighty"),
    (90.0, "ninety"),
    (100.0, "hundred"),
    (1e3, "thousand"),
    (1e6, "million"),
];

/// Measures of time, each on its own: going from one to another takes a step.
const TIMES: [&str; 7] = [
    "second seconds",
    "minute minutes",
    "hour hours",
    "day days",
    "week weeks",
    "month months",
    "year years",
];

/// What is known of a word.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Known {
    /// One bit for each kind.
    kinds: u32,
    /// How much it stands for, if it is a number.
    pub(super) amount: Option<f64>,
    /// One bit, if it is a measure of time.
    pub(super) time: u32,
}

impl Known {
    /// Whether it is of this kind.
    pub(super) fn is(self, kind: Kind) -> bool {
        self.bit(kind as usize) == 1
    }

    /// Returns one if it is of the kind at this place, else nothing.
    pub(super) fn bit(self, kind: usize) -> u32 {
        self.kinds >> kind & 1
    }
}

/// Hashes of the words, in order, each with what is known of it.
static LEXICON: LazyLock<Vec<(u64, Known)>> = LazyLock::new(|| {
    let mut lexicon: BTreeMap<u64, Known> = BTreeMap::new();
    let mut each = |words: &str, tell: &dyn Fn(&mut Known)| {
        words.split(' ').for_each(|word| tell(lexicon.entry(hash(word)).or_default()));
    };
    for (kind, words) in WORDS {
        each(words, &|known| known.kinds |= 1 << kind as u32);
    }
    for (amount, words) in AMOUNTS {
        each(words, &|known| known.amount = Some(amount));
    }
    for (time, words) in TIMES.into_iter().enumerate() {
        each(words, &|known| known.time = 1 << time);
    }
    lexicon.into_iter().collect()
});

/// Returns what is known of the word with this hash.
pub(super) fn known(hash: u64) -> Known {
    let at = LEXICON.binary_search_by_key(&hash, |(word, _)| *word);
    at.map_or_else(|_| Known::default(), |at| LEXICON[at].1)
}
