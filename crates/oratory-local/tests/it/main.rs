//! The engine as its users meet it: real worker processes, models made on the spot.
//!
//! No network and no downloads. Time limits are generous: these run on slow, busy machines.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod adapters;
mod answers;
mod crashes;
mod damaged;
mod fit;
mod guess;
mod house;
mod kept;
mod limits;
mod mutated;
mod pictures;
mod reuse;
mod shapes;
mod together;
mod tuned;
mod vectors;
mod worker;

/// A file that is not named above would never run.
#[test]
fn no_test_file_is_left_out() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = include_str!("main.rs");
    for entry in std::fs::read_dir(here).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.strip_suffix(".rs").unwrap();
        assert!(module == "main" || main.contains(&format!("mod {module};")), "{name}");
    }
}
