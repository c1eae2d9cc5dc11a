//! English prose out of the doc strings of openly licensed Python packages.
//!
//! Code, tables, formulas and lists of parameters are left where they are.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::random::Random;

const SHORTEST: usize = 6;
const LONGEST: usize = 60;
/// A file of tables is megabytes long and says nothing.
const LARGEST_FILE: u64 = 1 << 20;

/// Returns up to `most` passages of a package, the same ones for the same seed.
pub(super) fn of_package(folder: &Path, most: usize, seed: u64) -> Result<Vec<String>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut random = Random::new(seed);
    let (mut passages, mut seen) = (Vec::new(), HashSet::new());
    for file in files {
        let text = String::from_utf8_lossy(&std::fs::read(&file)?).into_owned();
        for doc in text.split("\"\"\"").skip(1).step_by(2) {
            for passage in doc.split("\n\n").filter_map(prose) {
                passages.extend(cut(&passage, &mut random).filter(|cut| seen.insert(cut.clone())));
            }
        }
    }
    random.shuffle(&mut passages);
    passages.truncate(most);
    Ok(passages)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {folder:?}"))?;
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let (kind, size) = (entry.file_type()?, entry.metadata()?.len());
        if kind.is_dir() && !path.ends_with("tests") {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|end| end == "py") && size <= LARGEST_FILE {
            files.push(path);
        }
    }
    Ok(())
}

/// Returns a paragraph as one line, if it is prose.
fn prose(paragraph: &str) -> Option<String> {
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.replace(['`', '*'], "");
    let letters = line.chars().filter(|letter| letter.is_alphabetic() || *letter == ' ').count();
    let odd = line.chars().filter(|letter| "_=[]{}<>|\\/#@^~".contains(*letter)).count();
    let plain = letters * 100 >= line.chars().count() * 90 && odd * 60 <= line.len();
    let marked = [":math:", ">>>", "---", "...", ".. "].iter().any(|mark| line.contains(mark));
    let opens = line.starts_with(|letter: char| letter.is_alphanumeric());
    (plain && opens && !marked && line.split(' ').count() >= SHORTEST).then_some(line)
}

/// Returns a paragraph in passages of one to three sentences.
fn cut(paragraph: &str, random: &mut Random) -> impl Iterator<Item = String> {
    let mut passages = Vec::new();
    let (mut passage, mut wanted) = (Vec::new(), 1 + random.below(3));
    for sentence in paragraph.split_inclusive(". ") {
        passage.extend(sentence.split_whitespace());
        wanted -= 1;
        if wanted == 0 || passage.len() >= LONGEST {
            passages.push(std::mem::take(&mut passage));
            wanted = 1 + random.below(3);
        }
    }
    passages.push(passage);
    passages.into_iter().filter(|words| words.len() >= SHORTEST).map(|mut words| {
        words.truncate(LONGEST);
        words.join(" ")
    })
}
