//! Rules about single files: how they open, how long they are, what they are called.
//!
//! They look at Rust files only.

use super::{Breach, Source};

const LONGEST: usize = 500;
const VAGUE: [&str; 7] = ["utils", "util", "common", "helpers", "helper", "core", "misc"];

fn rust(sources: &[Source]) -> impl Iterator<Item = &Source> {
    sources.iter().filter(|source| source.is_rust())
}

pub(super) fn without_opening(sources: &[Source]) -> Vec<Breach> {
    rust(sources)
        .filter(|source| !source.text.lines().take(5).any(|line| line.starts_with("//!")))
        .map(|source| Breach::new(&source.path, "does not say what it is for"))
        .collect()
}

pub(super) fn too_long(sources: &[Source]) -> Vec<Breach> {
    rust(sources)
        .map(|source| (source, source.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(source, lines)| Breach::new(&source.path, format!("has {lines} lines")))
        .collect()
}

pub(super) fn vague_names(sources: &[Source]) -> Vec<Breach> {
    rust(sources)
        .filter_map(|source| {
            let parts = source.path.trim_end_matches(".rs").split('/');
            let vague = parts.into_iter().find(|part| VAGUE.contains(part))?;
            Some(Breach::new(&source.path, format!("is called {vague:?}")))
        })
        .collect()
}

pub(super) fn ignored_without_reason(sources: &[Source]) -> Vec<Breach> {
    // In two parts, or this file would break the rule itself.
    let bare = concat!("#[", "ignore]");
    rust(sources)
        .flat_map(|source| source.text.lines().enumerate().map(move |line| (source, line)))
        .filter(|(_, (_, line))| line.trim_start().starts_with(bare))
        .map(|(source, (at, _))| Breach::new(place(source, at), "ignores a test"))
        .collect()
}

/// Returns a place as editors understand it.
pub(super) fn place(source: &Source, line: usize) -> String {
    format!("{}:{}", source.path, line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source;

    fn places(breaches: &[Breach]) -> Vec<&str> {
        breaches.iter().map(|breach| breach.place.as_str()).collect()
    }

    #[test]
    fn a_file_that_does_not_open_with_its_purpose_is_found() {
        let late = "\n\n\n\n\n//! Too late.";
        let sources = [
            source("a.rs", "//! Says."),
            source("b.rs", "fn x() {}"),
            source("c.rs", late),
            source("notes.md", "prose"),
        ];
        assert_eq!(places(&without_opening(&sources)), ["b.rs", "c.rs"]);
    }

    #[test]
    fn a_file_of_501_lines_is_found_and_one_of_500_is_not() {
        let sources = [source("a.rs", &"\n".repeat(500)), source("b.rs", &"\n".repeat(501))];
        assert_eq!(places(&too_long(&sources)), ["b.rs"]);
    }

    #[test]
    fn a_vague_file_or_folder_name_is_found() {
        let sources = [
            source("crates/x/src/utils.rs", ""),
            source("crates/x/src/core/mod.rs", ""),
            source("crates/x/src/cores.rs", ""),
        ];
        let found = vague_names(&sources);
        assert_eq!(places(&found), ["crates/x/src/utils.rs", "crates/x/src/core/mod.rs"]);
    }

    #[test]
    fn an_ignored_test_is_found_unless_it_says_why() {
        let bare = concat!("//! X.\n    #[", "ignore]\n");
        let said = concat!("//! X.\n    #[", "ignore = \"needs a GPU\"]\n");
        let sources = [source("a.rs", bare), source("b.rs", said)];
        assert_eq!(places(&ignored_without_reason(&sources)), ["a.rs:2"]);
    }
}
