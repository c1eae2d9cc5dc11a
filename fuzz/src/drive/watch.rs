//! Tries one input and says how that went: panics of any thread are caught, and what takes too long
//! is noticed, even if it never ends.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use oratory_fuzz::Target;

use crate::finds;

/// An input that takes longer is a find, if it does so again and again.
const SLOW: Duration = Duration::from_millis(500);
/// An input that takes longer hangs.
const HANGS: Duration = Duration::from_secs(30);

/// What the panic that was last said, of whatever thread.
static SAID: Mutex<Option<String>> = Mutex::new(None);
/// What is being tried, and since when.
static TRIED: Mutex<Option<(Instant, &'static str, Vec<u8>)>> = Mutex::new(None);

/// How an input went.
pub(crate) enum Verdict {
    /// Well; it brought this about.
    Good(Vec<u64>),
    /// It panicked, with these words.
    Panicked(String),
    /// It took so long.
    Slow(Duration),
}

/// Somebody who watches.
pub(crate) struct Watch {
    folder: PathBuf,
}

impl Watch {
    /// Returns somebody who leaves what hangs in `folder`.
    pub(crate) fn new(folder: PathBuf) -> Self {
        std::panic::set_hook(Box::new(|info| *held(&SAID) = Some(info.to_string())));
        let own = folder.clone();
        std::thread::spawn(move || look_for_what_hangs(&own));
        Self { folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Tries an input, once more and again where it was slow: others may have been at work, so that
    /// then the processor's time counts, where the system tells it.
    pub(crate) fn tries(&self, target: &'static Target, input: &[u8]) -> Verdict {
        let mut least = Duration::MAX;
        for round in 0..3 {
            let (started, worked) = (Instant::now(), if round > 0 { at_work() } else { None });
            *held(&TRIED) = Some((started, target.name, input.to_vec()));
            let verdict = tried(target, input);
            *held(&TRIED) = None;
            let busy = worked.and_then(|before| at_work()?.checked_sub(before));
            least = least.min(busy.unwrap_or_else(|| started.elapsed()));
            if least < SLOW || matches!(verdict, Verdict::Panicked(_)) {
                return verdict;
            }
        }
        Verdict::Slow(least)
    }
}

/// Returns for how long all threads have been at work; Linux counts it in hundredths of a second.
fn at_work() -> Option<Duration> {
    let counted = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = counted.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map_while(|field| field.parse::<u64>().ok());
    Some(Duration::from_millis(10 * (times.next()? + times.next()?)))
}

fn tried(target: &Target, input: &[u8]) -> Verdict {
    let mut notes = Vec::new();
    let run = AssertUnwindSafe(|| (target.run)(input, &mut |note| notes.push(note)));
    let ended = std::panic::catch_unwind(run);
    match (ended, held(&SAID).take()) {
        (_, Some(said)) => Verdict::Panicked(said),
        (Err(_), None) => Verdict::Panicked("without a word".to_owned()),
        (Ok(()), None) => Verdict::Good(notes),
    }
}

/// Keeps what hangs and ends the program, for nothing else would.
fn look_for_what_hangs(folder: &Path) {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let tried = held(&TRIED).clone();
        if let Some((since, name, input)) = tried
            && since.elapsed() > HANGS
        {
            finds::keep(folder, name, &input, "it hangs");
            std::process::exit(1);
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
