//! Every text that is trained on, and every text that is not.
//!
//! What is held out is whole packages, whole topics and public prompt sets, never a random part
//! of what was trained on.

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::random::Random;
use super::requests::{Part, Requests};
use super::{babble, prose};

/// Folders of packages whose prose is trained on, and how many passages of each.
const READ: [(&str, usize); 6] = [
    ("sklearn", 4500),
    ("scipy", 4500),
    ("pandas", 4000),
    ("sympy", 4500),
    ("astropy", 5000),
    ("django", 4000),
];
/// Folders of packages that recipes are compared on, and of those that are for testing alone.
const COMPARED: [&str; 2] = ["Bio", "sqlalchemy"];
const KEPT: [&str; 2] = ["networkx", "nltk"];
const REQUESTS: usize = 20_000;
const PROBLEMS: usize = 7_000;
const RUNS: usize = 26_000;
/// Texts joined from two to five others, for prompts that go on for a page.
const LONG: usize = 6_000;
/// As many of all of these, in random order, as the teacher looks at: it is what takes the time.
const TEXTS: usize = 45_056;
/// As many of each kind as every kind has.
const TESTED: usize = 400;

/// Texts for testing that are of one kind.
pub(super) struct Domain {
    /// What kind.
    pub(super) name: String,
    /// The texts.
    pub(super) texts: Vec<String>,
}

/// Returns the texts to train on, in random order.
pub(super) fn training(
    packages: &Path,
    vocabulary: &[&str],
    vectors: &[f32],
    seed: u64,
) -> Result<Vec<String>> {
    let mut random = Random::new(seed);
    let mut texts = Vec::new();
    for (package, most) in READ {
        texts.extend(prose::of_package(&packages.join(package), most, random.next())?);
    }
    let requests = Requests::read()?;
    texts.extend(different(REQUESTS, || requests.draw(Part::Training, &mut random)));
    texts.extend(different(PROBLEMS, || requests.problem(&mut random)));
    let long = joined(&texts, LONG, &mut random);
    texts.extend(babble::runs(vocabulary, vectors, RUNS, &mut random)?);
    texts.extend(long);
    random.shuffle(&mut texts);
    texts.truncate(TEXTS);
    Ok(texts)
}

/// Returns the texts kept for testing, kind by kind.
pub(super) fn testing(packages: &Path, data: &Path, seed: u64) -> Result<Vec<Domain>> {
    let mut random = Random::new(seed);
    let mut domains = Vec::new();
    for package in KEPT {
        domains.push(doc_strings(packages, package, random.next())?);
    }
    let requests = Requests::read()?;
    let texts = different(TESTED, || requests.draw(Part::Testing, &mut random));
    domains.push(Domain { name: "requests on other topics".to_owned(), texts });
    for (name, file) in [
        ("GSM8K", "suites/gsm8k_test.jsonl"),
        ("IFEval", "suites/ifeval_prompts.jsonl"),
        ("BIG-Bench-Hard", "outcomes/bbh_direct_vs_steps.jsonl.gz"),
        ("RouterArena", "outcomes/routerarena_two_models.jsonl.gz"),
        ("WNUT posts", "text/wnut17_test.gold.jsonl"),
    ] {
        let mut texts = lines(&data.join(file))?;
        random.shuffle(&mut texts);
        texts.truncate(TESTED);
        domains.push(Domain { name: name.to_owned(), texts });
    }
    Ok(domains)
}

/// Returns the texts that recipes are compared on, so that nothing is chosen by what is tested.
pub(super) fn comparing(packages: &Path, seed: u64) -> Result<Vec<Domain>> {
    COMPARED.iter().map(|package| doc_strings(packages, package, seed)).collect()
}

fn doc_strings(packages: &Path, package: &str, seed: u64) -> Result<Domain> {
    let texts = prose::of_package(&packages.join(package), TESTED, seed)?;
    Ok(Domain { name: format!("doc strings of {package}"), texts })
}

/// Returns `count` different texts; each could be drawn many times over.
fn different(count: usize, draw: impl FnMut() -> String) -> Vec<String> {
    let mut seen = HashSet::new();
    std::iter::repeat_with(draw).filter(|text| seen.insert(text.clone())).take(count).collect()
}

fn joined(texts: &[String], count: usize, random: &mut Random) -> Vec<String> {
    let mut long = Vec::with_capacity(count);
    for _ in 0..count {
        // Neighbours come from one package or one kind, as the parts of a prompt do.
        let from = random.below(texts.len() - 6);
        long.push(texts[from..from + 2 + random.below(4)].join(" "));
    }
    long
}

/// What a line of a prompt set calls its text.
#[derive(Deserialize)]
struct Line {
    #[serde(alias = "question", alias = "text")]
    prompt: String,
}

/// Returns the different texts of a file with a JSON object per line.
fn lines(file: &Path) -> Result<Vec<String>> {
    let text = match file.extension() {
        Some(end) if end == "gz" => unpacked(file)?,
        _ => std::fs::read_to_string(file).with_context(|| format!("cannot read {file:?}"))?,
    };
    let mut seen = HashSet::new();
    let mut texts = Vec::new();
    for line in text.lines() {
        let line: Line = serde_json::from_str(line).with_context(|| format!("in {file:?}"))?;
        if seen.insert(line.prompt.clone()) {
            texts.push(line.prompt);
        }
    }
    Ok(texts)
}

fn unpacked(file: &Path) -> Result<String> {
    let mut gzip = Command::new("gzip");
    gzip.arg("-dc").arg(file).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut running = gzip.spawn().context("cannot start gzip")?;
    let mut text = String::new();
    let mut output = running.stdout.take().context("gzip has no output")?;
    output.read_to_string(&mut text).with_context(|| format!("cannot unpack {file:?}"))?;
    anyhow::ensure!(running.wait()?.success(), "gzip cannot unpack {file:?}");
    Ok(text)
}
