//! Whatever a header claims, reading it ends, in an answer or an error.

use std::io::Cursor;
use std::sync::OnceLock;

use oratory_local::gguf;
use oratory_local::mini::{self, Story};
use proptest::prelude::*;

fn sound() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.gguf");
        mini::write(&path, &Story { text: "a b c".into(), ..Story::default() }).unwrap();
        std::fs::read(path).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn a_changed_header_never_panics(
        changes in prop::collection::vec((0..9000_usize, any::<u64>(), 0..8_u32), 1..6),
        length in prop::option::of(0..12_000_usize),
    ) {
        let mut bytes = sound().to_vec();
        for (at, value, shift) in changes {
            // Small numbers and huge ones, anywhere.
            let value = value >> (shift * 8);
            bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        bytes.truncate(length.unwrap_or(usize::MAX));
        drop(gguf::read(Cursor::new(bytes)));
    }

    #[test]
    fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(noise);
        drop(gguf::read(Cursor::new(bytes)));
    }
}
