//! `cargo +nightly fuzz run restorer`: the target `restorer` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| oratory_fuzz::restorer::run(bytes, &mut |_| ()));
