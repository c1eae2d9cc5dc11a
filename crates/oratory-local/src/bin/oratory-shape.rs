//! Writes a model of a true shape with random weights, or what goes with one, for checks.
//!
//! `cargo xtask shape NAME PATH` starts it; it is no part of the product.

use std::path::Path;

use oratory_local::story::Story;

/// The name of what is no shape, and says something.
const TELLS: &str = "tells";

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, path] = &arguments[..] else {
        return Err("write NAME PATH".into());
    };
    if name == TELLS {
        return oratory_local::story::write(Path::new(path), &telling())
            .map_err(|error| format!("cannot write {path}: {error}"));
    }
    // NAME+WORD is an adapter for NAME; another word makes another.
    let (base, word) = name.split_once('+').map_or((&**name, None), |(n, w)| (n, Some(w)));
    // NAME~KIND is what lets NAME see or hear.
    let (base, kind) = base.split_once('~').map_or((base, None), |(n, k)| (n, Some(k)));
    let shape = oratory_local::shapes::find(base).ok_or_else(|| {
        let names: Vec<&str> = oratory_local::shapes::names().collect();
        format!("there is no shape {base:?}; there are {TELLS}, {}", names.join(", "))
    })?;
    let path_to = Path::new(path);
    let done = match (word, kind) {
        (Some(word), _) => oratory_local::shapes::write_adapter(&shape, word, path_to),
        (None, Some(kind)) => {
            let senses = oratory_local::shapes::Senses::find(kind);
            let senses = senses.ok_or("what sees or hears is gemma3, qwen3vl or qwen2a")?;
            oratory_local::shapes::write_projector(&shape, senses, path_to)
        }
        (None, None) => oratory_local::shapes::write(&shape, path_to),
    };
    done.map_err(|error| format!("cannot write {path}: {error}"))
}

/// Returns a model that says the same 240 words whatever it is asked, and takes its time for it: it
/// has as much to read for each as one of 400 million parameters.
fn telling() -> Story {
    // No word comes twice, so each is followed by one word only.
    let (heads, vowels) = (b"bdfgklmnprstvz", b"aeiou");
    let sound = |at: usize| [heads[at / 5 % 14], vowels[at % 5]].map(char::from);
    let word = |at: usize| [sound(at), sound(at * 3 + 1), sound(at / 7)].concat();
    let words: Vec<String> = (0..240).map(|at| word(at).iter().collect()).collect();
    Story { text: words.join(" "), ends: true, width: 1024, layers: 28, context: 8192 }
}
