//! Quantisations: read from file names, and put in the order in which they are worth having.
//!
//! Names only; what is really inside a file, its header says.

/// The order in which quantisations are taken when nobody asks for one: four bits first, where
/// most of the quality is left for a third of the size, then what is near it, then the extremes.
const ORDER: [&str; 40] = [
    "Q4_K_M",
    "UD-Q4_K_XL",
    "Q4_K_XL",
    "Q4_K_L",
    "MXFP4",
    "MXFP4_MOE",
    "Q5_K_M",
    "UD-Q5_K_XL",
    "Q4_0",
    "Q8_0",
    "Q4_K_S",
    "IQ4_XS",
    "IQ4_NL",
    "Q5_K_S",
    "Q5_0",
    "Q6_K",
    "UD-Q6_K_XL",
    "Q6_K_L",
    "UD-Q8_K_XL",
    "Q4_1",
    "Q5_1",
    "NVFP4",
    "Q3_K_L",
    "Q3_K_M",
    "UD-Q3_K_XL",
    "IQ3_M",
    "Q3_K_S",
    "IQ3_XS",
    "IQ3_XXS",
    "Q2_K",
    "UD-Q2_K_XL",
    "Q2_K_S",
    "IQ2_M",
    "IQ2_S",
    "IQ2_XS",
    "IQ2_XXS",
    "IQ1_M",
    "IQ1_S",
    "BF16",
    "F16",
];

/// Returns the quantisation a file name speaks of, in capitals.
pub(crate) fn named_in(stem: &str) -> Option<String> {
    place(stem).map(|(start, end)| stem[start..end].to_ascii_uppercase())
}

/// Returns a name without the quantisation in it.
pub(crate) fn without(name: &str) -> String {
    let stem = name.strip_suffix(".gguf").unwrap_or(name);
    // A tag may hold the quantisation alone.
    match place(stem) {
        Some((start, end)) => {
            let head = stem[..start].trim_end_matches(['-', '.', '_', ':']);
            format!("{head}{}", &stem[end..])
        }
        None => stem.to_owned(),
    }
}

/// Whether a quantisation is the one asked for; `Q4_K_XL` also means `UD-Q4_K_XL`.
pub(crate) fn is(found: &str, asked: &str) -> bool {
    let flat = |text: &str| text.to_ascii_uppercase().replace(['-', '.'], "_");
    let (found, asked) = (flat(found), flat(asked));
    found == asked || found.strip_prefix("UD_") == Some(&asked)
}

/// Returns how early a quantisation is taken; smaller is earlier.
pub(crate) fn rank(found: Option<&str>) -> usize {
    let place = found.and_then(|found| ORDER.iter().position(|known| *known == found));
    // What we do not know comes late, but what says nothing may be the only file there is.
    place.unwrap_or(ORDER.len())
}

/// Returns where in a name the quantisation stands: the last such word.
fn place(stem: &str) -> Option<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, c) in stem.char_indices().chain([(stem.len(), '-')]) {
        if matches!(c, '-' | '.' | ':' | '/' | '@') {
            words.push((start, at));
            start = at + c.len_utf8();
        }
    }
    let found = words.iter().rposition(|(start, end)| is_word(&stem[*start..*end]))?;
    let (start, end) = words[found];
    let before = found.checked_sub(1).map(|before| words[before]);
    match before {
        Some((from, to)) if stem[from..to].eq_ignore_ascii_case("UD") => Some((from, end)),
        _ => joined(stem, start, end),
    }
}

/// Names such as `model_Q4_K_M` join the quantisation with an underscore.
fn joined(stem: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let word = &stem[start..end];
    if quantised(word) {
        return Some((start, end));
    }
    let cuts = word.match_indices('_').map(|(at, _)| at + 1);
    cuts.into_iter().find(|at| quantised(&word[*at..])).map(|at| (start + at, end))
}

fn is_word(word: &str) -> bool {
    quantised(word) || word.match_indices('_').any(|(at, _)| quantised(&word[at + 1..]))
}

/// Whether this is the name of a quantisation and nothing else.
fn quantised(word: &str) -> bool {
    let word = word.to_ascii_uppercase();
    if matches!(word.as_str(), "F16" | "F32" | "BF16" | "FP16" | "FP32") {
        return true;
    }
    if let Some(rest) = word.strip_prefix("MXFP4").or_else(|| word.strip_prefix("NVFP4")) {
        return rest.is_empty() || rest == "_MOE";
    }
    let digits = ["IQ", "TQ", "Q"].iter().find_map(|kind| word.strip_prefix(kind));
    let Some(rest) = digits else { return false };
    let (bits, kind) =
        rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    let parts = || kind.split('_').skip(1);
    let known = |part: &str| {
        matches!(
            part,
            "K" | "S" | "M" | "L" | "XL" | "XS" | "XXS" | "NL" | "0" | "1" | "4" | "8" | "P"
        )
    };
    bits.len() == 1 && kind.starts_with('_') && parts().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantisations_are_read_from_the_names_publishers_use() {
        for (stem, quantisation) in [
            ("Qwen3-8B-Q4_K_M", Some("Q4_K_M")),
            ("gemma-3-4b-it-UD-Q4_K_XL", Some("UD-Q4_K_XL")),
            ("mistral-7b-v0.1.Q5_K_S", Some("Q5_K_S")),
            ("gpt-oss-20b-mxfp4", Some("MXFP4")),
            ("Llama-4-IQ2_XXS-x", Some("IQ2_XXS")),
            ("model_q8_0", Some("Q8_0")),
            ("phi-4-bf16", Some("BF16")),
            ("Q4_K_M/Big", Some("Q4_K_M")),
            ("Qwen3-8B", None),
            ("qwen3.5-9b", None),
            ("big-q4-model", None),
        ] {
            assert_eq!(named_in(stem).as_deref(), quantisation, "{stem}");
        }
        assert_eq!(without("gemma-3-UD-Q4_K_XL"), "gemma-3");
        assert_eq!(without("model_q8_0"), "model");
        assert!(is("UD-Q4_K_XL", "q4_k_xl") && !is("Q4_K_M", "Q4_K"));
        assert!(rank(Some("Q4_K_M")) < rank(Some("Q8_0")) && rank(Some("Q8_0")) < rank(None));
    }
}
