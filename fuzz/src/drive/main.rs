//! `drive [TARGET] [--seconds N] [--seed N] [--input FILE]`: tries targets for some time with inputs
//! made from their corpus, on any compiler.
//!
//! Where libFuzzer sees which code an input reaches, this sees only what the targets note; it is for
//! every day, and libFuzzer for long nights.
#![allow(clippy::print_stdout, reason = "a tool for people says what it does")]

mod change;
mod finds;
mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use change::{Draw, changed};
use finds::Finds;
use oratory_fuzz::{TARGETS, Target};
use watch::{Verdict, Watch};

/// No input is longer before its values are filled in.
const LONGEST: usize = 2048;
/// Inputs that are kept for changing further.
const POOL: usize = 4096;
/// How long one target is tried where nobody says.
const SECONDS: u64 = 60;

/// What a person wants.
struct Wanted {
    targets: Vec<&'static Target>,
    seconds: u64,
    seed: u64,
    input: Option<PathBuf>,
}

fn main() -> ExitCode {
    let wanted = match wanted(std::env::args().skip(1)) {
        Ok(wanted) => wanted,
        Err(error) => {
            println!("{error}");
            return ExitCode::from(2);
        }
    };
    if let Some(path) = &wanted.input {
        return again(&wanted, path);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let watch = Watch::new(folder.join("artifacts"));
    let share = Duration::from_secs(wanted.seconds) / wanted.targets.len() as u32;
    let mut finds = 0;
    for target in wanted.targets {
        let corpus = folder.join("corpus").join(target.name);
        finds += tried(target, &corpus, &watch, share, wanted.seed);
    }
    match finds {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn wanted(mut arguments: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut wanted = Wanted { targets: Vec::new(), seconds: 0, seed: 1, input: None };
    while let Some(argument) = arguments.next() {
        let mut number = |what: &str| {
            let value = arguments.next().unwrap_or_default();
            value.parse().map_err(|_| format!("{what} needs a whole number, not {value:?}"))
        };
        match argument.as_str() {
            "--seconds" => wanted.seconds = number("--seconds")?,
            "--seed" => wanted.seed = number("--seed")?,
            "--input" => wanted.input = arguments.next().map(PathBuf::from),
            name => wanted.targets.push(named(name)?),
        }
    }
    if wanted.targets.is_empty() {
        wanted.targets.extend(&TARGETS);
    }
    if wanted.seconds == 0 {
        wanted.seconds = SECONDS * wanted.targets.len() as u64;
    }
    Ok(wanted)
}

fn named(name: &str) -> Result<&'static Target, String> {
    let names = || TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
    let target = TARGETS.iter().find(|target| target.name == name);
    target.ok_or_else(|| format!("there is no target {name:?}; write {}", names()))
}

/// Tries one kept input again, with nothing between it and its panic.
fn again(wanted: &Wanted, path: &Path) -> ExitCode {
    let Ok(input) = std::fs::read(path) else {
        println!("{} cannot be read", path.display());
        return ExitCode::from(2);
    };
    for target in &wanted.targets {
        let started = Instant::now();
        (target.run)(&input, &mut |_| ());
        println!("{}: good, in {:.1?}", target.name, started.elapsed());
    }
    ExitCode::SUCCESS
}

/// Tries one target for a while and returns how many different finds there were.
fn tried(
    target: &'static Target,
    corpus: &Path,
    watch: &Watch,
    share: Duration,
    seed: u64,
) -> usize {
    let (mut draw, mut finds) = (Draw::new(seed), Finds::new(target.name, watch.folder()));
    let mut pool = inputs(corpus);
    let (kept, until) = (pool.len(), Instant::now() + share);
    let mut count = 0;
    for input in pool.clone() {
        finds.judge(&input, watch.tries(target, &input));
        count += 1;
    }
    while Instant::now() < until {
        let input = changed(&mut draw, &pool, target.words, LONGEST);
        let verdict = watch.tries(target, &input);
        let new = matches!(&verdict, Verdict::Good(notes) if finds.is_new(notes));
        if new && pool.len() < POOL {
            pool.push(input.clone());
        }
        finds.judge(&input, verdict);
        count += 1;
    }
    let (seconds, new) = (share.as_secs_f32(), pool.len() - kept);
    println!(
        "{}: {count} inputs in {seconds:.0} s, seed {seed}, {new} brought about something new, {} finds",
        target.name,
        finds.count()
    );
    finds.count()
}

/// Reads the inputs that are kept, in the same order everywhere.
fn inputs(corpus: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(corpus).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let mut inputs: Vec<Vec<u8>> =
        paths.iter().filter_map(|path| std::fs::read(path).ok()).collect();
    if inputs.is_empty() {
        inputs.push(vec![b'a']);
    }
    inputs
}
