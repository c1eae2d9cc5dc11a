//! Writes a model of a true shape with random weights, for checks and benchmarks.
//!
//! `cargo xtask shape NAME PATH` starts it; it is no part of the product.

use std::path::Path;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, path] = &arguments[..] else {
        return Err("write NAME PATH".into());
    };
    let shape = oratory_local::shapes::find(name).ok_or_else(|| {
        let names: Vec<&str> = oratory_local::shapes::names().collect();
        format!("there is no shape {name:?}; there are {}", names.join(", "))
    })?;
    let done = oratory_local::shapes::write(&shape, Path::new(path));
    done.map_err(|error| format!("cannot write {path}: {error}"))
}
