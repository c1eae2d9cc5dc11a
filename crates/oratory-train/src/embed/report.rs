//! Everything that the card says was measured, on texts that nobody was trained on.

use std::time::{Duration, Instant};

use anyhow::Result;
use oratory_brains::embed::Embed;

use super::figures::{Figure, area, resampled, spearman};
use super::{
    Domain, Likeness, Overlap, SEED, Task, Teacher, Vectors, WIDTH, changed, embedded, labels,
    measure, opened, vectors,
};

/// Pairs of a kind of text, by the texts' numbers; one list per first text.
type Pairs = Vec<Vec<(usize, usize)>>;

/// Texts, how the teacher sees them, and which of them are compared.
pub(super) struct Seen<'a> {
    /// The texts.
    pub(super) texts: Vec<&'a str>,
    /// Their pieces.
    pub(super) cut: Vec<Vec<u32>>,
    theirs: Vectors,
    pairs: Vec<(String, Pairs)>,
}

/// One row of the first table: a kind of text and what was found for each way of seeing.
pub(super) struct Row {
    /// The kind.
    pub(super) name: String,
    /// How many pairs.
    pub(super) pairs: usize,
    /// Trained, untrained, word overlap.
    pub(super) figures: [Figure; 3],
}

/// How often a paraphrase is found nearer than a false friend.
pub(super) struct Apart {
    /// What was changed.
    pub(super) kind: String,
    /// How many of each.
    pub(super) count: usize,
    /// Trained, teacher, word overlap.
    pub(super) figures: [Figure; 3],
}

/// All that was measured.
pub(super) struct Report {
    /// How the teacher's order is kept.
    pub(super) rows: Vec<Row>,
    /// How many texts there were.
    pub(super) texts: usize,
    /// How often the teacher's nearest is our first and among our first ten; then word overlap's.
    pub(super) recalls: [[Figure; 2]; 2],
    /// Paraphrases told from false friends.
    pub(super) apart: Vec<Apart>,
    /// Fastest and median for fifty words, and fastest opening.
    pub(super) times: [Duration; 3],
    /// Bytes of the artefact.
    pub(super) size: usize,
    /// What seals it.
    pub(super) digest: String,
}

impl<'a> Seen<'a> {
    /// Has the teacher look at the texts of these domains.
    pub(super) fn new(task: &Task, teacher: &Teacher, domains: &'a [Domain]) -> Result<Self> {
        let (mut texts, mut cut, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        let mut pairs: Vec<(String, Pairs)> = Vec::new();
        for domain in domains {
            let from = texts.len();
            texts.extend(domain.texts.iter().map(String::as_str));
            let pieces: Vec<Vec<u32>> = domain.texts.iter().map(|text| teacher.cut(text)).collect();
            numbers.extend(labels::of(teacher, &domain.name, &pieces, &task.labels())?);
            cut.extend(pieces);
            let these: Vec<usize> = (from..texts.len()).collect();
            pairs.push((domain.name.clone(), measure::pairs(&these, &these, SEED)));
        }
        let all: Vec<usize> = (0..texts.len()).collect();
        pairs.push(("all of these, mixed".to_owned(), measure::pairs(&all, &all, SEED + 1)));
        Ok(Self { texts, cut, theirs: Vectors { numbers, width: WIDTH }, pairs })
    }

    /// Returns the rank correlation with the teacher for each kind of text.
    pub(super) fn correlations(&self, ours: &dyn Likeness) -> Vec<f64> {
        let of = |pairs: &Pairs| spearman(&measure::seen(ours, &self.theirs, pairs).concat());
        self.pairs.iter().map(|(_, pairs)| of(pairs)).collect()
    }

    fn rows(&self, ways: [&dyn Likeness; 3]) -> Vec<Row> {
        let row = |(name, pairs): &(String, Pairs)| Row {
            name: name.clone(),
            pairs: pairs.iter().map(Vec::len).sum(),
            figures: ways
                .map(|way| resampled(&measure::seen(way, &self.theirs, pairs), SEED, spearman)),
        };
        self.pairs.iter().map(row).collect()
    }
}

/// Measures an artefact.
pub(super) fn of(
    task: &Task,
    teacher: &Teacher,
    bytes: Vec<u8>,
    untrained: &[f32],
    domains: &[Domain],
) -> Result<Report> {
    let size = bytes.len();
    let digest = oratory_brains::artefact::Artefact::open(&bytes, "embed", 1)?.digest();
    let opening = fastest(5, || drop(opened(bytes.clone())));
    let embed = opened(bytes)?;
    let seen = Seen::new(task, teacher, domains)?;
    let ours = embedded(&embed, &seen.texts);
    let overlap = Overlap::new(seen.texts.iter().copied());
    let (shortest, median) = time(&embed, &seen.texts);
    Ok(Report {
        rows: seen.rows([&ours, &vectors(untrained, &seen.cut), &overlap]),
        texts: seen.texts.len(),
        recalls: [measure::recall(&ours, &seen.theirs), measure::recall(&overlap, &seen.theirs)],
        apart: apart(task, teacher, &embed)?,
        times: [shortest, median, opening],
        size,
        digest,
    })
}

/// Measures how well paraphrases are told from false friends.
fn apart(task: &Task, teacher: &Teacher, embed: &Embed) -> Result<Vec<Apart>> {
    let all = changed::read()?;
    let texts: Vec<&str> = all.iter().flat_map(|changed| changed.texts).collect();
    let cut: Vec<Vec<u32>> = texts.iter().map(|text| teacher.cut(text)).collect();
    let numbers = labels::of(teacher, "false friends", &cut, &task.labels())?;
    let theirs = Vectors { numbers, width: WIDTH };
    let (ours, overlap) = (embedded(embed, &texts), Overlap::new(texts.iter().copied()));
    let ways: [&dyn Likeness; 3] = [&ours, &theirs, &overlap];
    let mut kinds: Vec<&str> = all.iter().map(|changed| changed.kind).collect();
    kinds.dedup();
    let told = |kind: &str, of: &[usize]| Apart {
        kind: kind.to_owned(),
        count: of.len(),
        figures: ways.map(|way| nearer(way, of)),
    };
    let every: Vec<usize> = (0..all.len()).collect();
    let of = |kind: &str| -> Vec<usize> {
        every.iter().copied().filter(|at| all[*at].kind == kind).collect()
    };
    let mut rows: Vec<Apart> = kinds.iter().map(|kind| told(kind, &of(kind))).collect();
    rows.push(told("all", &every));
    Ok(rows)
}

/// Returns the area under the curve that tells paraphrases from false friends by likeness.
fn nearer(way: &dyn Likeness, triples: &[usize]) -> Figure {
    let scored =
        |at: &usize| vec![(way.of(at * 3, at * 3 + 1), true), (way.of(at * 3, at * 3 + 2), false)];
    resampled(&triples.iter().map(scored).collect::<Vec<_>>(), SEED, area)
}

/// Returns the fastest and the median time for a text of fifty words, on this one thread.
pub(super) fn time(embed: &Embed, texts: &[&str]) -> (Duration, Duration) {
    let words: Vec<&str> = texts.iter().flat_map(|text| text.split_whitespace()).collect();
    let texts: Vec<String> = words.chunks_exact(50).map(|words| words.join(" ")).collect();
    let mut sum = 0.0;
    let mut rounds: Vec<Duration> = (0..15)
        .map(|_| {
            let began = Instant::now();
            sum += texts.iter().map(|text| embed.vector(text).numbers()[0]).sum::<f32>();
            began.elapsed() / u32::try_from(texts.len()).unwrap_or(1).max(1)
        })
        .collect();
    rounds.sort_unstable();
    // Looked at, so that nothing is optimised away.
    if sum.is_nan() {
        rounds.clear();
    }
    (rounds[0], rounds[rounds.len() / 2])
}

fn fastest(times: usize, mut work: impl FnMut()) -> Duration {
    let mut one = || {
        let began = Instant::now();
        work();
        began.elapsed()
    };
    (0..times).map(|_| one()).min().unwrap_or_default()
}
