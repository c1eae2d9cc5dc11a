//! Measures how well vectors follow the teacher's on texts that nobody was trained on.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::fast::dot;
use super::figures::{Figure, mean, resampled};
use super::random::Random;

/// How many others each text is compared with.
const OTHERS: usize = 4;

/// Something that says how alike two texts are, by their numbers.
pub(super) trait Likeness {
    /// Returns how alike two texts are.
    fn of(&self, a: usize, b: usize) -> f32;
}

/// Normalised vectors, one after the other.
pub(super) struct Vectors {
    /// The numbers.
    pub(super) numbers: Vec<f32>,
    /// How many a vector has.
    pub(super) width: usize,
}

impl Likeness for Vectors {
    fn of(&self, a: usize, b: usize) -> f32 {
        let row = |at: usize| &self.numbers[at * self.width..][..self.width];
        dot(row(a), row(b))
    }
}

/// Exact word overlap: the words that two texts share, of all the words they have.
pub(super) struct Overlap(Vec<Vec<u64>>);

impl Overlap {
    /// Reads the words of these texts.
    pub(super) fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let words = |text: &str| {
            let words = text.split(|letter: char| !letter.is_alphanumeric());
            let mut words: Vec<u64> =
                words.filter(|word| !word.is_empty()).map(number_of).collect();
            words.sort_unstable();
            words.dedup();
            words
        };
        Self(texts.into_iter().map(words).collect())
    }
}

/// Returns a number that stands for a word in small letters.
fn number_of(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.to_lowercase().hash(&mut hasher);
    hasher.finish()
}

impl Likeness for Overlap {
    fn of(&self, a: usize, b: usize) -> f32 {
        let (a, b) = (&self.0[a], &self.0[b]);
        let (mut at, mut both) = (0, 0);
        for word in a {
            at += b[at..].iter().take_while(|other| *other < word).count();
            both += usize::from(b.get(at) == Some(word));
        }
        both as f32 / (a.len() + b.len() - both).max(1) as f32
    }
}

/// Returns, for each text of `from`, the texts of `among` it is to be compared with.
pub(super) fn pairs(from: &[usize], among: &[usize], seed: u64) -> Vec<Vec<(usize, usize)>> {
    let mut random = Random::new(seed);
    let mut others = |text: usize| {
        let mut some = HashSet::new();
        while some.len() < OTHERS.min(among.len() - 1) {
            let other = *random.of(among);
            if other != text {
                some.insert(other);
            }
        }
        let mut some: Vec<usize> = some.into_iter().collect();
        some.sort_unstable();
        some.into_iter().map(|other| (text, other)).collect()
    };
    from.iter().map(|text| others(*text)).collect()
}

/// Returns how two ways see the same pairs.
pub(super) fn seen(
    ours: &dyn Likeness,
    theirs: &dyn Likeness,
    pairs: &[Vec<(usize, usize)>],
) -> Vec<Vec<(f32, f32)>> {
    let both = |(a, b): &(usize, usize)| (ours.of(*a, *b), theirs.of(*a, *b));
    pairs.iter().map(|some| some.iter().map(both).collect()).collect()
}

/// Returns how often the teacher's nearest text is our nearest, and among our nearest ten.
pub(super) fn recall(ours: &dyn Likeness, theirs: &Vectors) -> [Figure; 2] {
    let count = theirs.numbers.len() / theirs.width;
    let places: Vec<usize> = (0..count).map(|text| place(ours, theirs, text, count)).collect();
    [1, 10].map(|within| {
        let found = |place: &usize| vec![f64::from(u8::from(*place < within))];
        resampled(&places.iter().map(found).collect::<Vec<_>>(), 11, mean)
    })
}

/// Returns how many texts we find nearer than, or as near as, the teacher's nearest.
fn place(ours: &dyn Likeness, theirs: &Vectors, text: usize, count: usize) -> usize {
    let others = (0..count).filter(|other| *other != text);
    let best = others.max_by(|a, b| theirs.of(text, *a).total_cmp(&theirs.of(text, *b)));
    let best = best.unwrap_or(text);
    let limit = ours.of(text, best);
    let others = (0..count).filter(|other| *other != text && *other != best);
    others.filter(|other| ours.of(text, *other) >= limit).count()
}
