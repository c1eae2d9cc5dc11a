//! `cargo +nightly fuzz run masker`: the target `masker` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| oratory_fuzz::masker::run(bytes, &mut |_| ()));
