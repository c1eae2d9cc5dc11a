//! Whatever a header claims, reading it ends, in an answer or an error.

use std::io::Cursor;
use std::sync::OnceLock;

use oratory_local::fit::{self, Setup};
use oratory_local::story::{self, Story};
use oratory_local::{gguf, shapes};
use proptest::prelude::*;

/// Sound files of several families, for each has fields of its own.
fn sound() -> &'static [Vec<u8>] {
    static BYTES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.gguf");
        story::write(&path, &Story { text: "a b c".into(), ..Story::default() }).unwrap();
        let mut all = vec![std::fs::read(&path).unwrap()];
        for name in ["qwen35", "qwen3moe", "gemma3", "gemma3n", "gpt-oss", "deepseek2"] {
            shapes::write(&shapes::find(&format!("tiny-{name}")).unwrap(), &path).unwrap();
            all.push(std::fs::read(&path).unwrap());
        }
        all
    })
}

/// Reads a file, and plans what it would take if it reads.
fn try_out(bytes: Vec<u8>) {
    if let Ok(facts) = gguf::read(Cursor::new(bytes)) {
        let setup = Setup::of_engine(8192, 4);
        fit::plan(&facts, &setup);
        fit::lanes(&facts, u32::MAX, u64::MAX);
        fit::largest_context(&facts, &setup, 1 << 34);
        fit::bytes_per_token(&facts, &setup, u32::MAX);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn a_changed_header_never_panics(
        which in 0..7_usize,
        // Most of what matters stands at the beginning.
        changes in prop::collection::vec(
            (prop_oneof![0..2500_usize, 0..9000_usize], any::<u64>(), 0..8_u32), 1..6),
        length in prop::option::weighted(0.2, 0..12_000_usize),
    ) {
        let mut bytes = sound()[which].clone();
        for (at, value, shift) in changes {
            // Small numbers and huge ones, anywhere.
            let value = value >> (shift * 8);
            bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        bytes.truncate(length.unwrap_or(usize::MAX));
        try_out(bytes);
    }

    #[test]
    fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(noise);
        try_out(bytes);
    }
}
