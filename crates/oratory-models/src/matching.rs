//! Finds an installed model by a name that is nearly its own.
//!
//! `Qwen3:8b`, `qwen3-8b` and `qwen3-8b-q4_k_m.gguf` may all mean `Qwen3-8B-Q4_K_M`. It guesses
//! only where one model alone is meant.

use oratory_contract::Meant;

use crate::quantisation;

/// Returns which of `names` is meant by `asked`.
pub fn installed<'a>(asked: &str, names: impl IntoIterator<Item = &'a str>) -> Meant {
    let names: Vec<&str> = names.into_iter().collect();
    if let Some(name) = names.iter().find(|name| **name == asked) {
        return Meant::One((*name).to_owned());
    }
    let asked = asked.strip_prefix("home/").unwrap_or(asked);
    // The last part of a path or repository is what files are called after.
    let last = asked.rsplit('/').next().unwrap_or(asked);
    // A quantisation is forgiven where it is missing, not where another one was asked for.
    let ways: [(Way, Way); 3] = [(flat, flat), (bare, bare), (bare, family)];
    for asked in [asked, last] {
        for (of_asked, of_name) in ways {
            let wanted = of_asked(asked);
            let fits = |name: &&str| of_name(name) == wanted && !wanted.is_empty();
            let found: Vec<&str> = names.iter().copied().filter(fits).collect();
            match found[..] {
                [] => {}
                [name] => return Meant::One(name.to_owned()),
                _ => return Meant::Several(found.into_iter().map(str::to_owned).collect()),
            }
        }
    }
    Meant::None
}

/// A way to write names so that equal ones mean the same.
type Way = fn(&str) -> String;

/// Without case and separators.
fn flat(name: &str) -> String {
    let name = name.to_lowercase();
    let name = name.strip_suffix(".gguf").unwrap_or(&name);
    name.chars().map(|c| if matches!(c, ':' | '_' | ' ' | '/') { '-' } else { c }).collect()
}

/// Without `latest` and `GGUF` as well.
fn bare(name: &str) -> String {
    let flat = flat(name);
    let flat = flat.strip_suffix("-latest").unwrap_or(&flat);
    flat.split('-').filter(|part| *part != "gguf").collect::<Vec<_>>().join("-")
}

/// Without the quantisation as well.
fn family(name: &str) -> String {
    bare(&quantisation::without(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_written() {
        let here = ["Qwen3-8B-Q4_K_M", "gemma-4-E4B-it-Q8_0", "qwen3.5-9b", "llama3.2-latest"];
        for (asked, meant) in [
            ("Qwen3-8B-Q4_K_M", "Qwen3-8B-Q4_K_M"),
            ("qwen3-8b-q4_k_m.gguf", "Qwen3-8B-Q4_K_M"),
            ("qwen3:8b", "Qwen3-8B-Q4_K_M"),
            ("Qwen/Qwen3-8B-GGUF", "Qwen3-8B-Q4_K_M"),
            ("Qwen/Qwen3-8B-GGUF:Q4_K_M", "Qwen3-8B-Q4_K_M"),
            ("home/qwen3_8b", "Qwen3-8B-Q4_K_M"),
            ("gemma-4-e4b-it", "gemma-4-E4B-it-Q8_0"),
            ("qwen3.5:9b", "qwen3.5-9b"),
            ("llama3.2", "llama3.2-latest"),
        ] {
            assert_eq!(installed(asked, here), Meant::One(meant.into()), "{asked}");
        }
        assert_eq!(installed("qwen3", here), Meant::None);
        assert_eq!(installed("Qwen/Qwen3-8B-GGUF:Q8_0", here), Meant::None);
    }

    #[test]
    fn a_name_that_fits_two_lists_both() {
        let here = ["m-Q4_K_M", "M-Q8_0"];
        assert_eq!(installed("m", here), Meant::Several(vec!["m-Q4_K_M".into(), "M-Q8_0".into()]));
        assert_eq!(installed("m:q8_0", here), Meant::One("M-Q8_0".into()));
    }
}
