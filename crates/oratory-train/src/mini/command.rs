//! `oratory-train mini …`: trains a size, scores it, writes its file. For people and for xtask.

mod card;
mod learn;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use oratory_evals::everyday::Split;

use super::state::{State, write_whole};
use super::training::state_path;
use super::{
    Count, Course, Exam, Manner, Model, Plan, Rates, Said, Scores, Shape, Stored, Tokens,
    VOCABULARY, counted, gguf, vocabulary,
};
use crate::say;

const USAGE: &str = "write
  mini make SIZE            trains it, writes its file and its card to --brains
  mini check SIZE           trains it anew and compares its scores with those of its card
  mini learn SIZE           only trains it; goes on where it was stopped
  mini score SIZE           asks it what was held out
  mini write SIZE PATH      writes its file; --exact keeps 32 bits
where SIZE is mini-s, mini-m or mini-l, with
  --folder F                where training keeps its state [target/train]
  --brains F                where files and cards lie [brains]
  --tokens MILLIONS --landing SHARE   how long, and over which end of it the speed goes down
  --minutes M --look STEPS  when to pause, and how often to ask what was held out
  --cases N --temperature T --show TASK --split train   what to score, and which answers to show";

/// The options that take a value; some are for trying out other courses.
const OPTIONS: [&str; 15] = [
    "folder",
    "brains",
    "tokens",
    "landing",
    "minutes",
    "look",
    "cases",
    "temperature",
    "show",
    "split",
    "step",
    "echoes",
    "question",
    "rate",
    "rate-others",
];

/// What was typed.
struct Typed {
    shape: Shape,
    path: Option<PathBuf>,
    options: Vec<(String, String)>,
}

impl Typed {
    fn of(arguments: &[String]) -> Result<Self> {
        let mut plain = Vec::new();
        let mut options = Vec::new();
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            match word.strip_prefix("--") {
                Some("exact") => options.push(("exact".to_owned(), String::new())),
                Some(name) if !OPTIONS.contains(&name) => {
                    bail!("there is no option --{name}; {USAGE}")
                }
                Some(name) => {
                    let value = rest.next().with_context(|| format!("--{name} wants a value"))?;
                    options.push((name.to_owned(), value.clone()));
                }
                None => plain.push(word),
            }
        }
        let Some((size, path)) = plain.split_first() else { bail!("{USAGE}") };
        let shape =
            Shape::named(size).with_context(|| format!("there is no size {size:?}; {USAGE}"))?;
        Ok(Self { shape, path: path.first().map(PathBuf::from), options })
    }

    fn text(&self, name: &str) -> Option<&str> {
        let found = self.options.iter().find(|(option, _)| option == name);
        found.map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str, otherwise: f64) -> Result<f64> {
        let Some(text) = self.text(name) else { return Ok(otherwise) };
        text.parse().with_context(|| format!("--{name} wants a number, not {text:?}"))
    }

    /// Returns the folder of all sizes.
    fn root(&self) -> PathBuf {
        PathBuf::from(self.text("folder").unwrap_or("target/train"))
    }

    /// Returns where the vocabulary lies that all sizes share.
    fn vocabulary(&self) -> PathBuf {
        self.brains().join("mini-tokens.json")
    }

    /// Returns the folder of files and cards.
    fn brains(&self) -> PathBuf {
        PathBuf::from(self.text("brains").unwrap_or("brains"))
    }

    /// Returns the folder of this size.
    fn folder(&self) -> PathBuf {
        self.root().join(&self.shape.name)
    }
}

/// Runs one of the commands.
pub fn run(arguments: &[String]) -> Result<()> {
    let Some((command, rest)) = arguments.split_first() else { bail!("{USAGE}") };
    let typed = Typed::of(rest)?;
    match command.as_str() {
        "make" => learn::learn(&typed, plan(&typed)?).and_then(|()| card::make(&typed)),
        "check" => card::check(&typed),
        "learn" => learn::learn(&typed, plan(&typed)?),
        "score" => score(&typed),
        "write" => write(&typed),
        other => bail!("there is no command {other:?}; {USAGE}"),
    }
}

/// Returns the plan a size is trained by.
fn plan(typed: &Typed) -> Result<Plan> {
    let millions = if typed.shape.name == "mini-l" { 40.0 } else { 30.0 };
    let tasks = [
        ("arithmetic", 2.5),
        ("chat", 0.7),
        ("copy", 2.5),
        ("difficulty", 0.5),
        ("fields", 2.0),
        ("passage", 2.5),
        ("sort", 2.0),
        ("summary", 1.5),
        ("tool", 1.5),
        ("translate", 2.0),
    ];
    let course = Course {
        seed: 1,
        step_tokens: typed.number("step", 4096.0)? as usize,
        echoes: typed.number("echoes", 0.1)? as f32,
        question_weight: typed.number("question", 0.1)? as f32,
        tasks: tasks.map(|(name, weight)| (name.to_owned(), weight)).to_vec(),
    };
    let rates = Rates {
        matrices: typed.number("rate", 0.03)? as f32,
        others: typed.number("rate-others", 0.01)? as f32,
        decay: 0.05,
    };
    let tokens = (typed.number("tokens", millions)? * 1e6) as u64;
    // More than all of it: the speed falls from the beginning, and begins lower than the rates say.
    let landing = typed.number("landing", 1.6)? as f32;
    Ok(Plan { shape: typed.shape.clone(), seed: 1, course, rates, tokens, landing })
}

/// Returns the vocabulary: the one of the sizes there are, or else one learnt now.
fn tokens(typed: &Typed) -> Result<Tokens> {
    let path = typed.root().join("tokens.json");
    let known = [path.clone(), typed.vocabulary()].into_iter().find(|path| path.exists());
    if let Some(known) = known {
        let text = fs::read(&known).with_context(|| format!("cannot read {}", known.display()))?;
        let tokens = serde_json::from_slice(&text).ok().and_then(Tokens::ready);
        return tokens.with_context(|| {
            format!("{} is damaged; delete it to learn it again", known.display())
        });
    }
    say("learning the vocabulary");
    fs::create_dir_all(typed.root())
        .with_context(|| format!("cannot make {}", typed.root().display()))?;
    let tokens = vocabulary(VOCABULARY);
    write_whole(&path, &serde_json::to_vec(&tokens)?)?;
    Ok(tokens)
}

fn total(scores: &Scores) -> Count {
    scores.values().fold(Count::default(), |sum, count| Count {
        good: sum.good + count.good,
        of: sum.of + count.of,
    })
}

fn summary(scores: &Scores) -> String {
    let each = scores.iter().map(|(task, count)| format!("{task} {:.0}", count.share() * 100.0));
    format!("{:.1} % · {}", total(scores).share() * 100.0, each.collect::<Vec<_>>().join(", "))
}

fn exam(cases: u64, first: u64, temperature: f32) -> Exam {
    let manner = Manner { temperature, seed: 1, longest: 256 };
    Exam { cases, first, split: Split::Held, manner }
}

/// Returns what a size has come to.
fn trained(typed: &Typed) -> Result<(State, Tokens)> {
    let path = state_path(&typed.folder());
    let state = State::read(&path)?;
    let state =
        state.with_context(|| format!("{} is not there; train it first", path.display()))?;
    Ok((state, tokens(typed)?))
}

fn score(typed: &Typed) -> Result<()> {
    let (state, tokens) = trained(typed)?;
    let mut model = Model::of(typed.shape.clone(), &state.numbers, tokens, Stored::Eight);
    let cases = typed.number("cases", 100.0)? as u64;
    let mut exam = exam(cases, 0, typed.number("temperature", 0.0)? as f32);
    if typed.text("split") == Some("train") {
        exam.split = Split::Train;
    }
    let said = model.take(exam);
    show(&said, typed.text("show"));
    let scores = counted(&said);
    for (task, count) in &scores {
        let (low, high) = count.interval();
        say(&format!(
            "{task:12} {:5.1} % ({:.1} to {:.1})",
            count.share() * 100.0,
            low * 100.0,
            high * 100.0
        ));
    }
    say(&summary(&scores));
    Ok(())
}

/// Shows what was said to the cases of a task.
fn show(said: &[Said], task: Option<&str>) {
    for said in said.iter().filter(|said| task == Some(said.case.task.name())) {
        let wanted = super::answer(&said.case.wanted, super::Thinking::Free);
        let mark = if said.good { "good" } else { "WRONG" };
        say(&format!("{mark}\n{:?}\nwanted {wanted}\nsaid   {}\n", said.case.parts, said.answer));
    }
}

fn write(typed: &Typed) -> Result<()> {
    let Some(path) = &typed.path else { bail!("{USAGE}") };
    let (state, tokens) = trained(typed)?;
    let stored = if typed.text("exact").is_some() { Stored::Exact } else { Stored::Eight };
    let bytes = gguf(&typed.shape, &state.numbers, &tokens, stored);
    write_whole(path, &bytes)?;
    say(&format!("{}: {:.2} MB", path.display(), bytes.len() as f64 / 1e6));
    Ok(())
}
