//! What is tried with inputs nobody thought of: each target takes bytes and panics where something
//! that was promised does not hold.
//!
//! Who makes the inputs is another matter: libFuzzer, or `drive`, which runs on any compiler.

pub mod dialects;
pub mod masker;
pub mod restorer;
pub mod scanner;
pub mod values;

/// Takes a number that stands for something an input has brought about. An input that brings
/// about something new is worth changing further.
pub type Note<'n> = &'n mut dyn FnMut(u64);

/// One target.
pub struct Target {
    /// What it is called.
    pub name: &'static str,
    /// Tries one input.
    pub run: fn(&[u8], Note<'_>),
    /// Words to put into inputs.
    pub words: &'static [&'static str],
}

/// All targets.
pub const TARGETS: [Target; 4] = [
    Target { name: "scanner", run: scanner::run, words: values::WORDS },
    Target { name: "masker", run: masker::run, words: values::WORDS },
    Target { name: "restorer", run: restorer::run, words: restorer::WORDS },
    Target { name: "dialects", run: dialects::run, words: dialects::WORDS },
];

/// Returns a number for something that can be hashed.
pub(crate) fn number(of: impl std::hash::Hash) -> u64 {
    use std::hash::{DefaultHasher, Hasher};
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
