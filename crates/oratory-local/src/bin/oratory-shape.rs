//! Writes a model of a true shape with random weights, or an adapter for one, for checks.
//!
//! `cargo xtask shape NAME PATH` starts it; it is no part of the product.

use std::path::Path;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, path] = &arguments[..] else {
        return Err("write NAME PATH".into());
    };
    // NAME+WORD is an adapter for NAME; another word makes another.
    let (base, word) = name.split_once('+').map_or((&**name, None), |(n, w)| (n, Some(w)));
    let shape = oratory_local::shapes::find(base).ok_or_else(|| {
        let names: Vec<&str> = oratory_local::shapes::names().collect();
        format!("there is no shape {base:?}; there are {}", names.join(", "))
    })?;
    let path_to = Path::new(path);
    let done = match word {
        Some(word) => oratory_local::shapes::write_adapter(&shape, word, path_to),
        None => oratory_local::shapes::write(&shape, path_to),
    };
    done.map_err(|error| format!("cannot write {path}: {error}"))
}
