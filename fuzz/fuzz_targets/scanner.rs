//! `cargo +nightly fuzz run scanner`: the target `scanner` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| oratory_fuzz::scanner::run(bytes, &mut |_| ()));
