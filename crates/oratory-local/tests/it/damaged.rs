//! Files that would end the process that loads them: each is a clear error, and life goes on.

use std::fs;
use std::io::Cursor;

use oratory_contract::{FailureKind, LocalPlace, Readiness};
use oratory_local::gguf::{self, Damage};
use oratory_local::story::{self, Story};

use crate::house::{House, question};

/// Returns a sound model, and where in it things are.
fn sound() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.gguf");
    story::write(&path, &Story { text: "a b c".into(), ..Story::default() }).unwrap();
    fs::read(path).unwrap()
}

fn after(bytes: &[u8], text: &str) -> usize {
    let found = bytes.windows(text.len()).position(|window| window == text.as_bytes());
    found.unwrap() + text.len()
}

fn put(bytes: &mut [u8], at: usize, value: u64) {
    bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

fn damages() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = sound();
    let truncated = good[..good.len() / 2].to_vec();
    let cut_header = good[..300].to_vec();
    let mut magic = good.clone();
    magic[..4].copy_from_slice(b"PK\x03\x04");
    let mut version = good.clone();
    version[4..8].copy_from_slice(&9_u32.to_le_bytes());
    let mut tensors = good.clone();
    put(&mut tensors, 8, 1 << 60);
    let mut string = good.clone();
    put(&mut string, 24, 1 << 60);
    let mut array = good.clone();
    let at = after(&good, "tokenizer.ggml.tokens") + 8;
    put(&mut array, at, 1 << 60);
    let mut offset = good.clone();
    // After the name: dimensions, two lengths, the type, then the offset.
    let at = after(&good, "output.weight") + 4 + 16 + 4;
    put(&mut offset, at, 1 << 40);
    let mut shape = good.clone();
    let at = after(&good, "output.weight") + 4;
    put(&mut shape, at, 1 << 62);
    let mut kind = good.clone();
    let at = after(&good, "output.weight") + 4 + 16;
    kind[at..at + 4].copy_from_slice(&99_u32.to_le_bytes());
    let mut blocks = good.clone();
    let at = after(&good, "llama.block_count") + 4;
    blocks[at..at + 4].copy_from_slice(&100_000_u32.to_le_bytes());
    vec![
        ("truncated", truncated, "cut short"),
        ("cut-header", cut_header, "inside its header"),
        ("empty", Vec::new(), "the file is empty"),
        ("magic", magic, "begins with \"PK\\x03\\x04\""),
        ("version", version, "version 9"),
        ("tensors", tensors, "1152921504606846976 tensors"),
        ("string", string, "a length of 1152921504606846976 bytes"),
        ("array", array, "`tokenizer.ggml.tokens` claims 1152921504606846976 elements"),
        ("offset", offset, "begins at byte 1099511627776 of the data, past its end"),
        ("shape", shape, "impossible shape [4611686018427387904"),
        ("kind", kind, "unknown type 99"),
        ("blocks", blocks, "100000 layers"),
    ]
}

#[tokio::test]
async fn damaged_files_are_clear_errors_and_the_engine_goes_on() {
    let house = House::new();
    for (name, bytes, _) in damages() {
        fs::write(house.path(&format!("{name}.gguf")), bytes).unwrap();
    }
    house.engine.rescan();
    let cards = house.engine.models();
    for (name, _, expected) in damages() {
        let failure = house.hear(name, question("Hi")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Broken, "{name}");
        assert!(failure.message.contains(expected), "{name}: {failure}");
        assert!(failure.message.contains(&format!("{name}.gguf")), "{name}: {failure}");
        assert!(failure.hint.is_some(), "{name}");
        let card = cards.iter().find(|card| card.name.as_str() == name).unwrap();
        assert!(matches!(card.readiness, Readiness::Unavailable(_)), "{name}");
    }
    assert!(house.engine.workers().is_empty(), "no process was started for them");
    house.hear("mini", question("Hi")).await.unwrap();
}

#[tokio::test]
async fn a_file_only_llama_cpp_finds_fault_with_is_refused_in_its_words() {
    let house = House::new();
    let mut bytes = sound();
    let at = after(&bytes, "blk.0.ffn_up.weigh") - 5;
    bytes[at] = b'X';
    fs::write(house.path("odd.gguf"), bytes).unwrap();
    let failure = house.hear("odd", question("Hi")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Broken);
    assert!(failure.message.contains("tensor 'blk.0.ffn_up.weight' not found"), "{failure}");
    house.hear("mini", question("Hi")).await.unwrap();
}

#[tokio::test]
async fn a_file_that_breaks_after_it_was_listed_is_checked_again() {
    let house = House::with(&[("m", Story { text: "a b".into(), ..Story::default() })], |_| ());
    house.engine.rescan();
    fs::write(house.path("m.gguf"), b"GGUF").unwrap();
    let failure = house.hear("m", question("Hi")).await.unwrap_err();
    assert!(failure.message.contains("cut short"), "{failure}");
}

#[test]
fn a_sound_file_tells_what_it_is() {
    let facts = gguf::read(Cursor::new(sound())).unwrap();
    assert_eq!(facts.name.as_deref(), Some("a story"));
    assert_eq!((facts.context, facts.blocks), (Some(2048), Some(1)));
    assert_eq!(facts.quantisation, Some("F32"));
    assert!(facts.chat_template.is_some() && facts.parameters > 1000);
}

#[test]
fn the_same_name_twice_is_refused() {
    let mut bytes = sound();
    let at = after(&bytes, "blk.0.attn_k");
    bytes[at - 1] = b'q';
    let error = gguf::read(Cursor::new(bytes)).unwrap_err();
    assert!(matches!(&error, Damage::Twice { what: "tensor", name } if name.contains("attn_q")));
}
