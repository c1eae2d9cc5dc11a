//! Every file beside a `tests/it/main.rs` is named there, so that no test is left out.
//!
//! Cargo compiles only what the main file names, and says nothing about the rest.

use super::{Breach, Source};

const FOLDER: &str = "/tests/it/";

pub(super) fn left_out(sources: &[Source]) -> Vec<Breach> {
    let files = sources.iter().filter(|source| source.is_rust());
    files.filter_map(|file| left_out_one(sources, file)).collect()
}

fn left_out_one(sources: &[Source], file: &Source) -> Option<Breach> {
    let (owner, rest) = file.path.split_once(FOLDER)?;
    let module = match rest.strip_suffix(".rs")?.split_once('/') {
        // Deeper files are named by the module beside `main.rs`, which is itself checked.
        Some((module, "mod")) => module,
        Some(_) => return None,
        None => rest.strip_suffix(".rs")?,
    };
    let main = format!("{owner}{FOLDER}main.rs");
    let main_text = sources.iter().find(|source| source.path == main).map(|main| &main.text);
    let named = main_text.is_some_and(|text| names(text, module));
    (module != "main" && !named).then(|| Breach::new(&file.path, format!("is not in {main}")))
}

fn names(main: &str, module: &str) -> bool {
    let declared = format!("mod {module};");
    main.lines().any(|line| line == declared || line.ends_with(&format!(" {declared}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source;

    #[test]
    fn a_test_file_that_main_does_not_name_is_found() {
        let sources = [
            source("crates/x/tests/it/main.rs", "//! X.\nmod named;\n// mod other;x\n"),
            source("crates/x/tests/it/named.rs", ""),
            source("crates/x/tests/it/named/deeper.rs", ""),
            source("crates/x/tests/it/other.rs", ""),
            source("crates/x/tests/it/folder/mod.rs", ""),
            source("crates/y/tests/it/alone.rs", ""),
        ];
        let found: Vec<_> = left_out(&sources).into_iter().map(|breach| breach.place).collect();
        let expected = [
            "crates/x/tests/it/other.rs",
            "crates/x/tests/it/folder/mod.rs",
            "crates/y/tests/it/alone.rs",
        ];
        assert_eq!(found, expected);
    }
}
