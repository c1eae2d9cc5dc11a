//! Names, towns, jobs, illnesses and words, by language; some of them kept back for measuring.
//!
//! Read from the lists that `data/lists.py` derives from packages, and from `data/words.txt`.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context;
use oratory_brains::tagger::gazetteer::{LONGEST_ENTRY, build, joined, list};
use oratory_brains::tagger::tokens::{Sort, tokens};
use oratory_brains::tagger::word::{Folded, hash};

/// Languages templates are written in; `other` is where further names come from.
pub(crate) const LANGUAGES: [&str; 7] = ["en", "de", "fr", "es", "it", "pt", "nl"];

/// Which part of the lists documents are filled from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// What is trained on.
    Training,
    /// What is kept back, for measuring alone.
    Held,
}

impl Part {
    /// Returns the part an entry belongs to; one in ten is kept back.
    pub(crate) fn of(entry: &str) -> Self {
        if hash(77, entry.as_bytes()).is_multiple_of(10) { Self::Held } else { Self::Training }
    }
}

/// All lists.
pub(crate) struct Lists {
    derived: HashMap<String, [Vec<String>; 2]>,
    written: HashMap<&'static str, Vec<&'static str>>,
}

impl Lists {
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut derived = HashMap::new();
        for entry in std::fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).with_context(|| name.clone())?;
            let mut parts = [Vec::new(), Vec::new()];
            for line in text.lines() {
                parts[Part::of(line) as usize].push(line.to_owned());
            }
            derived.insert(name, parts);
        }
        let written = include_str!("../../data/tagger/words.txt").lines().filter_map(|line| {
            let (name, entries) = line.split_once(" = ")?;
            Some((name, entries.split('|').collect()))
        });
        Ok(Self { derived, written: written.collect() })
    }

    /// Returns the entries of a derived list.
    pub(crate) fn derived(&self, name: &str, part: Part) -> &[String] {
        self.derived.get(name).map_or(&[], |parts| &parts[part as usize])
    }

    /// Returns the entries of a list written by hand.
    pub(crate) fn written(&self, name: &str) -> &[&'static str] {
        self.written.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the bytes of the gazetteer, with or without what is kept back.
    pub(crate) fn gazetteer(&self, with_held: bool) -> Vec<u8> {
        let mut entries = Entries::default();
        for (name, parts) in &self.derived {
            let parts = if with_held { &parts[..] } else { &parts[..1] };
            for part in parts {
                for (rank, entry) in part.iter().enumerate() {
                    entries.add(entry, mask_of_derived(name, rank));
                }
            }
        }
        for (name, written) in &self.written {
            for entry in written {
                entries.add(entry, mask_of_written(name));
            }
        }
        entries.build()
    }
}

fn mask_of_derived(name: &str, rank: usize) -> u32 {
    let (sort, language) = name.split_once('.').unwrap_or((name, ""));
    match (sort, language) {
        ("first", "en") if rank > 3000 => list::FIRST,
        ("first", "other") => list::FIRST,
        ("first", _) => list::FIRST | list::FIRST_COMMON,
        ("last", "rare" | "other") => list::LAST,
        ("last", _) => list::LAST | list::LAST_COMMON,
        ("town", "alternate") => list::TOWN,
        ("town", _) if rank < 1500 => list::TOWN,
        ("town" | "district", _) => list::VILLAGE,
        ("land", _) => list::LAND,
        ("company" | "organisation", _) => list::ORGANISATION,
        ("health" | "drug", _) => list::HEALTH,
        ("job" | "worker", _) => list::JOB,
        ("word", "en") if rank < 6000 => list::EVERYDAY,
        ("word", _) if rank < 4000 => list::EVERYDAY,
        ("word", _) => list::DICTIONARY,
        _ => 0,
    }
}

fn mask_of_written(name: &str) -> u32 {
    match name.split('.').next().unwrap_or(name) {
        "job" => list::JOB,
        "health" => list::HEALTH,
        "street" if name != "street.name" => list::STREET,
        "title" => list::TITLE,
        "month" | "day" => list::CALENDAR,
        "state" => list::LAND,
        "org" if name.starts_with("org.form") => list::FORM,
        "org" if name != "org.noun" => list::ORGANISATION,
        _ => 0,
    }
}

#[derive(Default)]
struct Entries {
    masks: HashMap<u64, u32>,
    folded: Folded,
}

impl Entries {
    fn add(&mut self, entry: &str, mask: u32) {
        let words = tokens(entry).filter(|token| token.sort == Sort::Word);
        let keys: Vec<u64> = words
            .map(|token| {
                self.folded.set(&entry[token.start..token.end]);
                self.folded.key()
            })
            .collect();
        if mask == 0 || keys.is_empty() || keys.len() > LONGEST_ENTRY {
            return;
        }
        if let [key] = keys[..] {
            *self.masks.entry(key).or_default() |= mask;
        } else {
            *self.masks.entry(keys[0]).or_default() |= list::BEGINS;
            *self.masks.entry(joined(&keys)).or_default() |= mask;
        }
    }

    fn build(self) -> Vec<u8> {
        // In the order of their keys, so that the same lists make the same bytes.
        let mut entries: Vec<(u64, u32)> = self.masks.into_iter().collect();
        entries.sort_unstable();
        let slots = (entries.len() * 5 / 4).next_power_of_two();
        crate::say(&format!("lists: {} entries in {slots} places", entries.len()));
        build(entries.into_iter(), slots)
    }
}
