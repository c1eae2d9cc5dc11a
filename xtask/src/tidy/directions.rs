//! Which room may depend on which, as ARCHITECTURE.md draws it, read from the manifests.
//!
//! What a room needs for its tests alone is free, but nobody ever depends on the binary.

use super::{Breach, Source};

const BINARY: &str = "oratory";
const FAKES: &str = "oratory-fakes";
const PIPELINE: &str = "crates/oratory-pipeline/Cargo.toml";

/// Each room and the rooms it may depend on. A new room gets a line here.
const ALLOWED: [(&str, &[&str]); 14] = [
    ("oratory-contract", &[]),
    ("oratory-brains", &[]),
    ("oratory-catalogue", &["oratory-contract"]),
    ("oratory-train", &["oratory-brains", "oratory-evals"]),
    ("oratory-privacy", &["oratory-contract", "oratory-brains"]),
    (
        "oratory-pipeline",
        &["oratory-brains", "oratory-catalogue", "oratory-contract", "oratory-privacy"],
    ),
    ("oratory-store", &["oratory-contract"]),
    ("oratory-local", &["oratory-contract"]),
    ("oratory-models", &["oratory-contract"]),
    ("oratory-evals", &["oratory-brains"]),
    ("oratory-remote", &["oratory-contract", "oratory-privacy"]),
    ("oratory-http", &["oratory-contract", "oratory-pipeline"]),
    (
        FAKES,
        &[
            "oratory-brains",
            "oratory-contract",
            "oratory-evals",
            "oratory-privacy",
            "oratory-pipeline",
            "oratory-http",
        ],
    ),
    (
        BINARY,
        &[
            "oratory-brains",
            "oratory-catalogue",
            "oratory-contract",
            "oratory-evals",
            "oratory-privacy",
            "oratory-pipeline",
            "oratory-store",
            "oratory-local",
            "oratory-models",
            "oratory-remote",
            "oratory-http",
        ],
    ),
];

/// What the request path must not know, by how the names of such crates begin.
const UNKNOWN_TO_PIPELINE: [&str; 8] =
    ["axum", "hyper", "http", "reqwest", "rusqlite", "sqlx", "llama", "tower"];

/// One line of a manifest that names a dependency.
#[derive(Debug, PartialEq, Eq)]
struct Dependency<'a> {
    name: &'a str,
    for_tests: bool,
}

pub(super) fn broken(sources: &[Source]) -> Vec<Breach> {
    sources.iter().filter_map(|source| Some((source, room(source)?))).flat_map(judge).collect()
}

pub(super) fn pipeline_knows_too_much(sources: &[Source]) -> Vec<Breach> {
    let manifest = sources.iter().filter(|source| source.path == PIPELINE);
    let known = manifest.flat_map(|source| dependencies(&source.text));
    known
        .filter(|known| !known.for_tests)
        .filter(|known| UNKNOWN_TO_PIPELINE.iter().any(|start| known.name.starts_with(start)))
        .map(|known| Breach::new(PIPELINE, format!("depends on {}", known.name)))
        .collect()
}

/// Returns the room whose manifest this is.
fn room(source: &Source) -> Option<&str> {
    source.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")
}

fn judge((source, room): (&Source, &str)) -> Vec<Breach> {
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == room) else {
        let what = "is a room without directions; add it to xtask/src/tidy/directions.rs";
        return vec![Breach::new(&source.path, what)];
    };
    dependencies(&source.text)
        .into_iter()
        .filter(|wanted| wanted.name == BINARY || wanted.name.starts_with("oratory-"))
        .filter(|wanted| {
            wanted.name == BINARY || !(wanted.for_tests || allowed.contains(&wanted.name))
        })
        .map(|wanted| Breach::new(&source.path, format!("may not depend on {}", wanted.name)))
        .collect()
}

/// Returns every dependency a manifest names, whichever of TOML's ways it uses.
fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut found = Vec::new();
    let mut section = "";
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            section = header.0;
            found.extend(named_by_header(section));
        } else if section.ends_with("dependencies") && !line.starts_with('#') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            let name = name.trim_matches('"');
            if !name.is_empty() {
                found.push(Dependency { name, for_tests: section.ends_with("dev-dependencies") });
            }
        }
    }
    found
}

/// Reads headers such as `[dependencies.oratory-store]`.
fn named_by_header(header: &str) -> Option<Dependency<'_>> {
    let (kind, name) = header.rsplit_once("dependencies.")?;
    Some(Dependency { name: name.trim_matches('"'), for_tests: kind.ends_with("dev-") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source;

    fn found(room: &str, manifest: &str) -> Vec<String> {
        let path = format!("crates/{room}/Cargo.toml");
        broken(&[source(&path, manifest)]).into_iter().map(|breach| breach.what).collect()
    }

    #[test]
    fn a_room_that_depends_the_wrong_way_is_found_however_it_is_written() {
        for manifest in [
            "[dependencies]\noratory-store.workspace = true",
            "[dependencies]\noratory-store = { path = \"x\" }",
            "[dependencies.oratory-store]\npath = \"x\"",
            "[build-dependencies]\noratory-store.workspace = true",
            "[target.'cfg(unix)'.dependencies]\noratory-store.workspace = true",
        ] {
            let expected = ["may not depend on oratory-store"];
            assert_eq!(found("oratory-pipeline", manifest), expected, "{manifest}");
        }
        let right =
            "[dependencies]\n# oratory-store\noratory-privacy.workspace = true\nserde = \"1\"";
        assert!(found("oratory-pipeline", right).is_empty());
    }

    #[test]
    fn fakes_are_for_tests_only_and_the_binary_for_nobody() {
        let tests = "[dev-dependencies]\noratory-fakes.workspace = true";
        let product = "[dependencies]\noratory-fakes.workspace = true";
        assert!(found("oratory", tests).is_empty());
        assert_eq!(found("oratory", product), ["may not depend on oratory-fakes"]);
        let binary = "[dev-dependencies]\noratory = { path = \"../oratory\" }";
        assert_eq!(found("oratory-http", binary), ["may not depend on oratory"]);
    }

    #[test]
    fn a_room_nobody_has_placed_is_found() {
        assert_eq!(found("oratory-attic", "").len(), 1);
    }

    #[test]
    fn a_pipeline_that_learns_of_http_or_sql_is_found() {
        let knows = |line: &str| {
            let manifest = format!("[dependencies]\n{line}\nserde = \"1\"");
            pipeline_knows_too_much(&[source(PIPELINE, &manifest)]).len()
        };
        for line in ["axum.workspace = true", "rusqlite = \"1\"", "llama-cpp-sys-2 = \"1\""] {
            assert_eq!(knows(line), 1, "{line}");
        }
        assert_eq!(knows("sha2.workspace = true"), 0);
    }
}
