//! The front of the house, met over a socket: manners, limits, and words for mistakes.

#![allow(clippy::unwrap_used, reason = "in a test, stopping at the wrong thing is the point")]

mod callers;
mod description;
mod documents;
mod door;
mod extras;
mod front;
mod limits;
mod malformed;
mod manners;
mod messages;
mod numbers;
mod ollama;
mod patience;
mod pictures;
mod responses;
mod several;
mod tools;
mod words;

#[test]
fn no_file_is_left_out() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".rs");
        let here = include_str!("main.rs").contains(&format!("mod {name};"));
        assert!(here || name == "main", "{name}.rs is not compiled");
    }
}
