//! Makes the small models that come with Oratory again, from data and a seed.
//!
//! A tool for people who change those models; the product never depends on it.

pub mod bench;
pub mod embed;
pub mod mini;
mod splitmix;
pub mod tagger;

/// Tells a person something on standard error.
#[expect(clippy::print_stderr, reason = "a tool for people says what it does")]
pub fn say(what: &str) {
    eprintln!("{what}");
}
