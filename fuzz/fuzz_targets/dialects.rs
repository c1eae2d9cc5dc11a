//! `cargo +nightly fuzz run dialects`: the target `dialects` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| oratory_fuzz::dialects::run(bytes, &mut |_| ()));
