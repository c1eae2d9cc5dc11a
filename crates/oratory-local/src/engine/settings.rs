//! How each model is run: threads, conversations at once, and what that takes of the memory.
//!
//! Pure, from the configuration and what the file says of itself.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::{Config, Draft, Drafts, Guess};
use crate::catalog::Entry;
use crate::fit::{self, Setup};
use crate::gguf::{Facts, Kind};
use crate::protocol::{Attic, Guessing, Load, Projecting, Tuning};
use crate::purpose::Purpose;
use crate::supervisor::{Room, Settings};
use crate::tune::{Book, Pinned, Untuned};
use crate::{hardware, machine};

/// Returns the smaller model that guesses for this one, if there is one and it fits beside it.
pub(super) fn helper<'a>(
    config: &Config,
    entry: &Entry,
    entries: &'a [Arc<Entry>],
) -> Option<&'a Entry> {
    let facts = entry.facts.as_ref().ok().filter(|_| config.guess != Guess::Never)?;
    // Layers of its own know more than any stranger that nobody named.
    if config.draft == Draft::Auto && looks_ahead(config, entry) {
        return None;
    }
    // The built-in model knows too little to guess.
    let others = entries.iter().filter(|other| other.built_in.is_none());
    let others = others.filter_map(|other| Some((&other.name, other.facts.as_ref().ok()?)));
    let name = config.draft.choose(&entry.name, facts, others)?;
    let helper = &**entries.iter().find(|other| other.name == *name)?;
    let needs =
        footprint(config, entry, &tuning(config, entry)).saturating_add(beside(entry, helper));
    (needs <= memory(config)).then_some(helper)
}

/// Says whether a model has layers that may guess for it.
fn looks_ahead(config: &Config, entry: &Entry) -> bool {
    let has = entry.facts.as_ref().is_ok_and(Facts::looks_ahead);
    has && config.guess != Guess::Never && config.draft != Draft::Never
}

/// Returns what a helper takes in the process of the model it guesses for.
fn beside(entry: &Entry, helper: &Entry) -> u64 {
    let size = entry.facts.as_ref().map_or(entry.context, |facts| context(entry, facts));
    let plan = |facts: &Facts| {
        let size = facts.context.map_or(size, |trained| trained.min(size));
        fit::plan(facts, &Setup::of_helper(size)).beside_another()
    };
    helper.facts.as_ref().map_or(0, plan)
}

/// Returns what guesses for a model, besides what was said before.
pub(super) fn drafts(config: &Config, entry: &Entry, entries: &[Arc<Entry>]) -> Option<Drafts> {
    let helper = helper(config, entry, entries);
    let by = helper.map(|helper| helper.name.clone());
    let any = by.is_some() || looks_ahead(config, entry);
    any.then(|| Drafts { by, bytes: drafting(config, entry, helper) })
}

/// Returns what that takes beside the model.
fn drafting(config: &Config, entry: &Entry, helper: Option<&Entry>) -> u64 {
    match helper {
        Some(helper) => beside(entry, helper),
        None if looks_ahead(config, entry) => {
            entry.facts.as_ref().map_or(0, |facts| fit::ahead(facts, context(entry, facts)))
        }
        None => 0,
    }
}

/// Returns how the worker of a model is run, with the helper that guesses for it.
pub(super) fn settings(
    config: &Config,
    entry: &Entry,
    helper: Option<&Entry>,
    room: &Arc<Room>,
) -> Settings {
    let beside = drafting(config, entry, helper);
    let untuned = untuned(config, entry);
    let tuning = match &untuned {
        Some(untuned) => {
            untuned.found(&entry.path).map_or(untuned.way, |tuned| untuned.applied(&tuned))
        }
        None => tuning(config, entry),
    };
    Settings {
        model: entry.name.clone(),
        program: config.worker.clone(),
        revision: entry.revision,
        footprint: footprint(config, entry, &tuning).saturating_add(beside),
        untuned,
        room: Arc::clone(room),
        load: Load {
            path: entry.path.clone(),
            purpose: purpose(entry),
            adapter_bytes: adapters(entry),
            context: entry.context,
            lanes: lanes(config, entry),
            most: most(config, entry, &tuning).saturating_add(beside),
            tuning,
            guess: match config.guess {
                Guess::WhereItPays => Guessing::Adaptive,
                Guess::Always => Guessing::Always,
                Guess::Never => Guessing::Off,
            },
            helper: helper.map(|helper| helper.path.clone()),
            ahead: helper.is_none() && looks_ahead(config, entry),
            projector: entry.projector.as_ref().map(|projector| Projecting {
                path: projector.path.clone(),
                most: projector.senses.most,
            }),
            shelf_bytes: shelf(config, entry),
            attic: config.kept.as_ref().and_then(|(dir, bytes)| attic(dir, *bytes)),
        },
        queue: config.queue,
        stall: config.stall,
        load_limit: config.load,
        stay: config.stay,
    }
}

/// Returns how much memory a model takes once it is loaded.
fn footprint(config: &Config, entry: &Entry, tuning: &Tuning) -> u64 {
    let planned = match &entry.facts {
        Ok(facts) => {
            let lanes = lanes(config, entry);
            let setup = setup(config, entry, facts);
            let flash = tuning.flash.unwrap_or(true);
            let cells = if tuning.small_cells { Kind::Q8_0 } else { setup.keys };
            let plan = fit::plan(facts, &Setup { flash, keys: cells, values: cells, ..setup });
            // A recurrent state is copied before tokens are tried.
            let copy = plan.recurrent / u64::from(lanes.max(1));
            plan.total().saturating_add(if config.guess == Guess::Never { 0 } else { copy })
        }
        Err(_) => entry.bytes,
    };
    // Where no conversation goes on, none is kept.
    let kept = if purpose(entry) == Purpose::Write { shelf(config, entry) } else { 0 };
    planned.saturating_add(kept).saturating_add(adapters(entry)).saturating_add(senses(entry))
}

/// Returns what seeing and hearing take: the projector, and what was looked at lately.
fn senses(entry: &Entry) -> u64 {
    let memory = entry.projector.as_ref().map(|projector| projector.senses.memory);
    memory.map_or(0, |memory| memory.saturating_add(crate::worker::REMEMBERED as u64))
}

/// Returns how a model with these facts is run where nobody said otherwise.
fn setup(config: &Config, entry: &Entry, facts: &Facts) -> Setup {
    Setup::of_model(facts, context(entry, facts), lanes(config, entry))
        .in_plain_steps(facts, memory(config))
}

fn purpose(entry: &Entry) -> Purpose {
    entry.facts.as_ref().ok().and_then(Purpose::of).unwrap_or(Purpose::Write)
}

/// Memory for adapters: all that fit the model if they are small, and at least any one of them.
fn adapters(entry: &Entry) -> u64 {
    entry.adapters.all.min(entry.adapters.largest.max(entry.bytes / 4))
}

/// Returns the most memory a worker may take: far more than was planned, and yet an end to what
/// a file or a request makes it allocate. Shared memory, as weights are, does not count.
fn most(config: &Config, entry: &Entry, tuning: &Tuning) -> u64 {
    /// What a lane may keep beside its own state, and what reading a request may take.
    const LANE: u64 = 256 << 20;
    const READING: u64 = 2 << 30;
    let lanes = u64::from(lanes(config, entry)).saturating_mul(LANE);
    let planned = footprint(config, entry, tuning).saturating_mul(2);
    planned.saturating_add(lanes).saturating_add(READING)
}

fn context(entry: &Entry, facts: &Facts) -> u32 {
    let trained = facts.context.filter(|trained| *trained > 0);
    trained.map_or(entry.context, |trained| trained.min(entry.context))
}

/// Returns how many conversations a model answers at once.
fn lanes(config: &Config, entry: &Entry) -> u32 {
    let planned = || match &entry.facts {
        Ok(facts) => fit::lanes(facts, context(entry, facts), memory(config)),
        Err(_) => 1,
    };
    config.lanes.unwrap_or_else(planned)
}

fn memory(config: &Config) -> u64 {
    config.memory.or_else(hardware::most).unwrap_or(4 << 30)
}

/// Memory for states of conversations nobody is having just now.
fn shelf(config: &Config, entry: &Entry) -> u64 {
    (entry.bytes / 2).clamp(32 << 20, (memory(config) / 16).max(32 << 20))
}

/// Returns how a model is run before it was measured, and where that is written down; `None`
/// where nothing is, or for a model that only reads.
pub(super) fn untuned(config: &Config, entry: &Entry) -> Option<Untuned> {
    if purpose(entry) != Purpose::Write {
        return None;
    }
    let book = Book::new(config.tuned.clone()?);
    let pinned = Pinned {
        threads: config.threads.is_some(),
        repack: config.repack.is_some(),
        flash: config.flash.is_some() || config.small_cells,
    };
    Some(Untuned { way: tuning(config, entry), pinned, book })
}

fn tuning(config: &Config, entry: &Entry) -> Tuning {
    let small_cells = config.small_cells && can_be_small(entry);
    // Where plain steps are not the choice, llama.cpp knows which models cannot do the other.
    let plain = || {
        let setup = setup(config, entry, entry.facts.as_ref().ok()?);
        (!setup.flash).then_some(false)
    };
    Tuning {
        threads: config.threads.unwrap_or_else(|| threads(entry.bytes)),
        batch: fit::BATCH,
        spin: 50,
        repack: config.repack.unwrap_or(true),
        // Values in 8 bits can only be used by the fused step.
        flash: if small_cells { Some(true) } else { config.flash.or_else(plain) },
        small_cells,
        lock: config.lock,
        gpu_layers: -1,
    }
}

/// Says whether a model's keys and values can take 8 bits, which come in blocks.
fn can_be_small(entry: &Entry) -> bool {
    const BLOCK: u32 = 32;
    let network = entry.facts.as_ref().ok().map(|facts| &facts.network);
    network.is_some_and(|network| {
        [network.head, network.head_in_window]
            .iter()
            .all(|head| head.key % BLOCK == 0 && head.value % BLOCK == 0)
    })
}

/// A model this small is done before a second thread has woken up, and threads that wait for
/// each other by spinning take the cores from everyone else.
fn threads(bytes: u64) -> usize {
    const SMALL: u64 = 32 << 20;
    if bytes < SMALL { 1 } else { machine::physical_cores() }
}

/// Returns where states are kept on disk; `None` if no key can be kept there.
fn attic(dir: &Path, bytes: u64) -> Option<Attic> {
    let key = key(dir).inspect_err(|error| {
        tracing::warn!(dir = %dir.display(), %error, "computed prompts are not kept on disk");
    });
    Some(Attic { dir: dir.to_owned(), bytes, key: key.ok()? })
}

/// Returns the key states are sealed with, made at first use and readable by this user only.
fn key(dir: &Path) -> io::Result<[u8; 32]> {
    let path = dir.join("key");
    let read = || {
        let bytes = fs::read(&path)?;
        <[u8; 32]>::try_from(bytes).map_err(|_| io::Error::other("the key there is no key"))
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found,
    }
    fs::create_dir_all(dir)?;
    let mut key = [0; 32];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut key)
        .map_err(|_| io::Error::other("the system gives no random numbers"))?;
    let draft = dir.join(format!("key.{}.draft", std::process::id()));
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut file| file.write_all(&key));
    // A link does not replace: of two programs that begin at once, one key holds for both.
    let placed = written.and_then(|()| match fs::hard_link(&draft, &path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        placed => placed,
    });
    drop(fs::remove_file(&draft));
    placed.and_then(|()| read())
}
