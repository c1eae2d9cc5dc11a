//! Trains the tagger on documents it makes up, measures it, and writes the artefact.
#![expect(clippy::print_stdout, reason = "tables and found texts are what is asked for")]

mod chance;
mod damage;
mod documents;
mod draft;
mod example;
mod fill;
mod forms;
mod learn;
mod lists;
mod measure;
mod numbers;
mod pack;
mod peopling;
mod streets;
mod templates;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use oratory_brains::shipped::TAGGER;
use oratory_brains::tagger::{Kind, Tagger};

use crate::bench::Row;

use chance::Chance;
use documents::Documents;
use draft::Draft;
use example::Example;
use learn::Learner;
use lists::{Lists, Part};

const USAGE: &str = "\
Usage: oratory-train tagger train LISTS OUT [MILLIONS OF TOKENS]
       oratory-train tagger measure LISTS ARTEFACT [MARKED TEXTS]
       oratory-train tagger show LISTS        prints documents as they are made up
       oratory-train tagger alarms LISTS ARTEFACT   prints what is found where nothing is
       oratory-train tagger hold ARTEFACT OUT RESERVE   holds the label of nothing back by so much
       oratory-train tagger find ARTEFACT     finds in what it reads from standard input";

/// What everything that is made up begins with.
const SEED: u64 = 20_261_121;

/// How much the label of nothing is held back: what is missed costs more than a false alarm.
const RESERVE: f32 = 1.3;

/// One in so many tokens of private things may be shut out by the gate.
const PAST_THE_GATE: usize = 400;

/// Takes the words behind `tagger` and does what they say.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["train", lists, out] => train(Path::new(lists), Path::new(out), 24.0),
        ["train", lists, out, millions] => {
            train(Path::new(lists), Path::new(out), millions.parse()?)
        }
        ["measure", lists, artefact] => measure(Path::new(lists), Path::new(artefact), None),
        ["measure", lists, artefact, texts] => {
            measure(Path::new(lists), Path::new(artefact), Some(texts.into()))
        }
        ["show", lists] => show(Path::new(lists)),
        ["alarms", lists, artefact] => alarms(Path::new(lists), Path::new(artefact)),
        ["hold", artefact, out, reserve] => {
            hold(Path::new(artefact), Path::new(out), reserve.parse()?)
        }
        ["find", artefact] => find(Path::new(artefact)),
        _ => bail!("{USAGE}"),
    }
}

fn train(lists: &Path, out: &Path, millions: f64) -> anyhow::Result<()> {
    let lists = Lists::read(lists)?;
    let known = lists.gazetteer(false);
    let documents = Documents::new(&lists, Part::Training);
    let mut learner = Learner::new(SEED);
    let mut chance = Chance::new(SEED);
    let wanted = (millions * 1e6) as usize;
    let (started, mut seen, mut told, mut wrong, mut counted) = (Instant::now(), 0, 0, 0.0, 0);
    while seen < wanted {
        let example = Example::read(&documents.next(&mut chance), &known, &mut chance);
        if example.ends.is_empty() {
            continue;
        }
        let left = 1.0 - seen as f32 / wanted as f32;
        wrong += learner.learn(&example, 0.06 * left.max(0.02));
        seen += example.ends.len();
        counted += example.ends.len();
        if seen >= told + 500_000 {
            let error = wrong / counted as f32;
            crate::say(&format!(
                "{seen:9} tokens  error {error:.4}  {:.0} s",
                started.elapsed().as_secs_f32()
            ));
            (told, wrong, counted) = (seen, 0.0, 0);
        }
    }
    let shut = shut(&mut learner, &documents, &known, &mut chance);
    // What was kept back from training and measuring joins the lists that are shipped.
    for (path, known) in [(out.to_owned(), lists.gazetteer(true)), (unseen(out), known)] {
        let bytes = pack::pack(&learner, &known, RESERVE, shut, SEED)?;
        std::fs::write(&path, &bytes).with_context(|| format!("{}", path.display()))?;
        crate::say(&format!("{}: {} bytes", path.display(), bytes.len()));
    }
    Ok(())
}

/// Returns what the gate says of all but a few tokens of private things.
fn shut(
    learner: &mut Learner,
    documents: &Documents<'_>,
    known: &[u8],
    chance: &mut Chance,
) -> f32 {
    let (mut private, mut others) = (Vec::new(), Vec::new());
    for _ in 0..4000 {
        let example = Example::read(&documents.next(chance), known, chance);
        for (said, label) in learner.gated(&example).into_iter().zip(&example.labels) {
            if *label == 0 { others.push(said) } else { private.push(said) }
        }
    }
    private.sort_by(f32::total_cmp);
    let shut = private[private.len() / PAST_THE_GATE];
    let spared = others.iter().filter(|said| **said < shut).count();
    crate::say(&format!("the gate spares {} % of what is nothing", 100 * spared / others.len()));
    shut
}

/// Returns where the artefact lies whose lists lack what is kept back for measuring.
fn unseen(artefact: &Path) -> PathBuf {
    artefact.with_extension("unseen.bin")
}

fn measure(lists: &Path, artefact: &Path, texts: Option<PathBuf>) -> anyhow::Result<()> {
    let lists = Lists::read(lists)?;
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("{}", path.display()));
    let (shipped, lacking) = (read(artefact)?, read(&unseen(artefact))?);
    let (shipped, lacking) = (Tagger::open(&shipped)?, Tagger::open(&lacking)?);
    let held = Documents::new(&lists, Part::Held);
    let mut chance = Chance::new(SEED + 1);
    let told: Vec<Draft> = (0..3000).map(|_| held.next(&mut chance)).collect();
    let plain: Vec<Draft> = (0..2000).map(|_| held.plain(&mut chance)).collect();
    measure::report("held-out templates, names in no list", &lacking, &told, &Kind::ALL);
    measure::report("held-out templates, names in the lists", &shipped, &told, &Kind::ALL);
    measure::report("nothing private", &shipped, &plain, &Kind::ALL);
    if let Some(path) = texts {
        let texts = measure::read(&path)?;
        let lower: Vec<Draft> = texts
            .iter()
            .map(|draft| draft.changed(|_, sign, text| text.extend(sign.to_lowercase())))
            .collect();
        let kinds = [Kind::Person, Kind::Organisation, Kind::Place];
        measure::report("marked texts", &shipped, &texts, &kinds);
        measure::report("marked texts in small letters", &shipped, &lower, &kinds);
    }
    Ok(())
}

/// Returns what the table of all models says of this one.
pub(crate) fn rows(lists: Option<&Path>, texts: Option<&Path>) -> anyhow::Result<Vec<Row>> {
    let row = |what: &str, found: String| Row::new("tagger", what, found);
    let tagger = Tagger::open(TAGGER)?;
    let mut rows = vec![row("size", format!("{:.2} MB", TAGGER.len() as f64 / 1e6))];
    if let Some(lists) = lists {
        let lists = Lists::read(lists)?;
        let held = Documents::new(&lists, Part::Held);
        let mut chance = Chance::new(SEED + 1);
        let told: Vec<Draft> = (0..3000).map(|_| held.next(&mut chance)).collect();
        let plain: Vec<Draft> = (0..2000).map(|_| held.plain(&mut chance)).collect();
        let each: Vec<&str> = told.iter().map(|draft| draft.text.as_str()).collect();
        let (alone, joined) = (speed(&tagger, &each), speed(&tagger, &[&each.join("\n\n")]));
        rows.push(row("speed, letters, forms and notes as one text", core(joined)));
        rows.push(row("speed, each of them alone", core(alone)));
        let (found, _) = measure::shares(&tagger, &told, &Kind::ALL);
        rows.push(row("private characters found, held-out templates", found));
        let (_, alarms) = measure::shares(&tagger, &plain, &Kind::ALL);
        rows.push(row("false alarms where nothing is private", format!("{alarms:.2} %")));
    }
    if let Some(texts) = texts {
        let kinds = [Kind::Person, Kind::Organisation, Kind::Place];
        let (found, alarms) = measure::shares(&tagger, &measure::read(texts)?, &kinds);
        rows.push(row("private characters found, marked posts", found));
        rows.push(row("false alarms in them", format!("{alarms:.2} %")));
    }
    Ok(rows)
}

fn core(speed: f64) -> String {
    format!("{speed:.1} MB/s on one core")
}

/// Returns megabytes a second, the best of some rounds.
fn speed(tagger: &Tagger<'_>, texts: &[&str]) -> f64 {
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let round = || {
        let began = Instant::now();
        texts.iter().for_each(|text| drop(std::hint::black_box(tagger.find(text))));
        bytes as f64 / began.elapsed().as_secs_f64() / 1e6
    };
    (0..7).map(|_| round()).fold(0.0, f64::max)
}

/// Prints false alarms with what stands around them.
fn alarms(lists: &Path, artefact: &Path) -> anyhow::Result<()> {
    let lists = Lists::read(lists)?;
    let bytes = std::fs::read(artefact).with_context(|| format!("{}", artefact.display()))?;
    let tagger = Tagger::open(&bytes)?;
    let held = Documents::new(&lists, Part::Held);
    let mut chance = Chance::new(SEED + 2);
    for _ in 0..400 {
        let text = held.plain(&mut chance).text;
        let spans = tagger.find(&text).into_iter();
        let marks: Vec<_> =
            spans.map(|span| draft::Mark { range: span.range, kind: span.kind }).collect();
        if !marks.is_empty() {
            println!("{}\n-----", shown(&Draft { text, marks }));
        }
    }
    Ok(())
}

fn hold(artefact: &Path, out: &Path, reserve: f32) -> anyhow::Result<()> {
    let bytes = std::fs::read(artefact).with_context(|| format!("{}", artefact.display()))?;
    std::fs::write(out, pack::held(&bytes, reserve)?).with_context(|| format!("{}", out.display()))
}

fn show(lists: &Path) -> anyhow::Result<()> {
    let lists = Lists::read(lists)?;
    let documents = Documents::new(&lists, Part::Training);
    let mut chance = Chance::new(7);
    for _ in 0..60 {
        println!("{}\n-----", shown(&documents.next(&mut chance)));
    }
    Ok(())
}

/// Returns a draft with what is marked in double brackets.
fn shown(draft: &Draft) -> String {
    let (mut text, mut at) = (String::new(), 0);
    for mark in &draft.marks {
        text.push_str(&draft.text[at..mark.range.start]);
        text.push_str(&format!("[[{} {}]]", mark.kind.as_str(), &draft.text[mark.range.clone()]));
        at = mark.range.end;
    }
    text + &draft.text[at..]
}

fn find(artefact: &Path) -> anyhow::Result<()> {
    let bytes = std::fs::read(artefact).with_context(|| format!("{}", artefact.display()))?;
    let tagger = Tagger::open(&bytes)?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let started = Instant::now();
    let spans = tagger.find(&text);
    let rate = text.len() as f64 / started.elapsed().as_secs_f64() / 1e6;
    let marks = spans.into_iter().map(|span| draft::Mark { range: span.range, kind: span.kind });
    let marks = marks.collect();
    println!("{}", shown(&Draft { text, marks }));
    crate::say(&format!("{rate:.2} MB/s"));
    Ok(())
}
