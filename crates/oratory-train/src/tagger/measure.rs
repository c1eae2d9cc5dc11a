//! Measures a tagger on marked texts: what it finds of each kind, and what it leaves standing.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use anyhow::Context;
use oratory_brains::tagger::{Kind, Span, Tagger};
use serde_json::Value;

use super::chance::Chance;
use super::draft::{Draft, Mark};

/// What was counted in one text, or in many.
#[derive(Clone, Copy, Default)]
struct Count {
    /// Things that are there.
    there: usize,
    /// Things that were found, bounds and kind exactly.
    right: usize,
    /// Things that were said to be there.
    said: usize,
    /// Things said that touch a thing of that kind.
    touching: usize,
    /// Characters of things that are there.
    characters: usize,
    /// Of those, characters found as anything.
    covered: usize,
    /// Of those, characters found as the right kind.
    covered_right: usize,
    /// Characters said to be something, of this kind, where nothing is.
    false_characters: usize,
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.there += other.there;
        self.right += other.right;
        self.said += other.said;
        self.touching += other.touching;
        self.characters += other.characters;
        self.covered += other.covered;
        self.covered_right += other.covered_right;
        self.false_characters += other.false_characters;
    }
}

/// Counts of one text, by kind.
type Counts = BTreeMap<Kind, Count>;

/// Prints a table of what the tagger finds in `drafts`.
pub(crate) fn report(name: &str, tagger: &Tagger<'_>, drafts: &[Draft], kinds: &[Kind]) {
    let each: Vec<Counts> = drafts.iter().map(|draft| counted(tagger, draft, kinds)).collect();
    println!("\n{name}: {} texts", drafts.len());
    println!("kind           there  recall  precision  touching  characters  as any kind");
    let mut all = Vec::new();
    for kind in kinds {
        let of_kind: Vec<Count> =
            each.iter().map(|counts| counts.get(kind).copied().unwrap_or_default()).collect();
        line(kind.as_str(), &of_kind);
        all.push(of_kind);
    }
    let joined: Vec<Count> = (0..drafts.len())
        .map(|at| {
            let mut sum = Count::default();
            all.iter().for_each(|of_kind| sum.add(&of_kind[at]));
            sum
        })
        .collect();
    line("all", &joined);
    let letters: usize = drafts.iter().map(|draft| draft.text.len()).sum();
    let false_letters: usize = joined.iter().map(|count| count.false_characters).sum();
    println!("false alarms: {:.2} % of {letters} characters", percent(false_letters, letters));
}

/// Returns the share of private characters that is found as anything, with its 95 % interval, and
/// the share of all characters that is found where nothing is.
pub(super) fn shares(tagger: &Tagger<'_>, drafts: &[Draft], kinds: &[Kind]) -> (String, f64) {
    let summed = |draft: &Draft| {
        let mut sum = Count::default();
        counted(tagger, draft, kinds).values().for_each(|count| sum.add(count));
        sum
    };
    let each: Vec<Count> = drafts.iter().map(summed).collect();
    let sum = |of: fn(&Count) -> usize| each.iter().map(of).sum::<usize>();
    let covered = interval(&each, |count| (count.covered, count.characters));
    let share = percent(sum(|count| count.covered), sum(|count| count.characters));
    let letters = drafts.iter().map(|draft| draft.text.len()).sum();
    let alarms = percent(sum(|count| count.false_characters), letters);
    (format!("{share:.1} % ({:.1}\u{2013}{:.1})", covered.start, covered.end), alarms)
}

fn line(name: &str, counts: &[Count]) {
    let covered = interval(counts, |count| (count.covered, count.characters));
    let mut sum = Count::default();
    counts.iter().for_each(|count| sum.add(count));
    println!(
        "{name:13} {:6}  {:5.1}   {:5.1}      {:5.1}     {:5.1}       {:5.1} [{:.1}, {:.1}]",
        sum.there,
        percent(sum.right, sum.there),
        percent(sum.right, sum.said),
        percent(sum.touching, sum.said),
        percent(sum.covered_right, sum.characters),
        percent(sum.covered, sum.characters),
        covered.start,
        covered.end,
    );
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// Returns the 95 % interval of a share, from drawing texts again and again.
fn interval(counts: &[Count], of: impl Fn(&Count) -> (usize, usize)) -> Range<f64> {
    let mut chance = Chance::new(95);
    let mut shares: Vec<f64> = (0..400)
        .map(|_| {
            let drawn = (0..counts.len()).map(|_| of(chance.pick(counts)));
            let (part, whole) = drawn.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            percent(part, whole)
        })
        .collect();
    shares.sort_by(f64::total_cmp);
    shares[10]..shares[389]
}

fn counted(tagger: &Tagger<'_>, draft: &Draft, kinds: &[Kind]) -> Counts {
    let found: Vec<Span> =
        tagger.find(&draft.text).into_iter().filter(|span| kinds.contains(&span.kind)).collect();
    let mut counts = Counts::new();
    for mark in &draft.marks {
        let count = counts.entry(mark.kind).or_default();
        count.there += 1;
        count.characters += mark.range.len();
        for span in &found {
            let common = common(&span.range, &mark.range);
            count.covered += common;
            count.covered_right += if span.kind == mark.kind { common } else { 0 };
            count.right += usize::from(span.range == mark.range && span.kind == mark.kind);
        }
    }
    for span in found {
        let count = counts.entry(span.kind).or_default();
        count.said += 1;
        let touching = |mark: &&Mark| common(&span.range, &mark.range) > 0;
        let touched = draft.marks.iter().filter(touching).any(|mark| mark.kind == span.kind);
        count.touching += usize::from(touched);
        let marked: usize = draft.marks.iter().map(|mark| common(&span.range, &mark.range)).sum();
        count.false_characters += span.range.len() - marked;
    }
    counts
}

fn common(one: &Range<usize>, other: &Range<usize>) -> usize {
    one.end.min(other.end).saturating_sub(one.start.max(other.start))
}

/// Reads texts with spans marked in characters, one JSON object a line.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Draft>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    text.lines().map(|line| drafted(&serde_json::from_str(line)?)).collect()
}

fn drafted(value: &Value) -> anyhow::Result<Draft> {
    let text = value["text"].as_str().context("a line without text")?.to_owned();
    let mut places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    places.push(text.len());
    let spans = value["spans"].as_array().context("a line without spans")?;
    let marks = spans.iter().filter_map(|span| {
        let kind = match span[2].as_str()? {
            "PERSON" => Kind::Person,
            "LOCATION" => Kind::Place,
            "GROUP" | "CORPORATION" => Kind::Organisation,
            _ => return None,
        };
        let place = |number: &Value| places.get(number.as_u64()? as usize).copied();
        Some(Mark { range: place(&span[0])?..place(&span[1])?, kind })
    });
    let mut marks: Vec<Mark> = marks.collect();
    marks.sort_by_key(|mark| mark.range.start);
    Ok(Draft { text, marks })
}
