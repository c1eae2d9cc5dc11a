//! Rules that no compiler checks: where things lie, what depends on what, what is never written.
//!
//! Each rule says in one line why it exists. A rule that gets in the way of better code is
//! changed here, with its reason.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::root;

mod directions;
mod files;
mod paths;
mod tests_named;

/// One text file of the checkout.
struct Source {
    /// Where it lies, from the root, with forward slashes.
    path: String,
    text: String,
}

/// One place where a rule is broken.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    place: String,
    what: String,
}

/// A rule: its reason, and how to find where it is broken.
struct Rule {
    why: &'static str,
    find: fn(&[Source]) -> Vec<Breach>,
}

const RULES: [Rule; 8] = [
    Rule {
        why: "a reader learns in the first five lines what a file is for: start it with `//!`",
        find: files::without_opening,
    },
    Rule { why: "one idea per file: past 500 lines there are two", find: files::too_long },
    Rule {
        why: "a module is named for its job, or things get lost in it",
        find: files::vague_names,
    },
    Rule {
        why: "a test that does not run for no stated reason never will: `#[ignore = \"why\"]`",
        find: files::ignored_without_reason,
    },
    Rule {
        why: "a file that tests/it/main.rs does not name is never compiled",
        find: tests_named::left_out,
    },
    Rule {
        why: "rooms depend in one direction only; see ARCHITECTURE.md",
        find: directions::broken,
    },
    Rule {
        why: "the request path knows no HTTP, SQL, engine or provider",
        find: directions::pipeline_knows_too_much,
    },
    Rule {
        why: "a path of one machine means nothing on another and may name a person",
        find: paths::of_one_machine,
    },
];

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl Breach {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

impl Source {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// Checks every rule and lists all breaches.
pub(crate) fn check() -> Result<()> {
    let sources = read_all()?;
    let mut breaches = 0;
    for rule in &RULES {
        for breach in (rule.find)(&sources) {
            eprintln!("{breach}\n    why: {}", rule.why);
            breaches += 1;
        }
    }
    match breaches {
        0 => Ok(()),
        1 => bail!("one rule is broken, above"),
        _ => bail!("rules are broken in {breaches} places, above"),
    }
}

fn read_all() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() && !is_made(&entry.file_name().to_string_lossy()) {
                folders.push(entry.path());
            } else if kind.is_file() {
                sources.extend(read(&entry.path()));
            }
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

/// Says whether a folder holds what programs make rather than what people write.
fn is_made(folder: &str) -> bool {
    matches!(folder, ".git" | ".tools" | "target" | "node_modules" | "dist")
}

// What is no text, such as a picture or a model, has no words to forbid.
fn read(path: &Path) -> Option<Source> {
    let text = std::fs::read_to_string(path).ok()?;
    let path = path.strip_prefix(root()).unwrap_or(path);
    Some(Source { path: slashed(path), text })
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}
