//! What is written can be read, and whatever is damaged says so.

use serde_json::{Value, json};

use super::{Artefact, ArtefactError, write};

fn made() -> Vec<u8> {
    let numbers: Vec<u8> = [0.5_f32, -2.0].iter().flat_map(|n| n.to_le_bytes()).collect();
    let sections: [(&str, &[u8]); 3] =
        [("table", &[1, 2, 3]), ("none", &[]), ("numbers", &numbers)];
    write("tests", 2, &json!({"lanes": 32}), &sections).expect("it is written")
}

fn why(bytes: &[u8]) -> ArtefactError {
    Artefact::open(bytes, "tests", 2).err().expect("it is refused")
}

#[test]
fn what_is_written_is_read_and_lies_straight() {
    let bytes = made();
    let artefact = Artefact::open(&bytes, "tests", 2).expect("it opens");
    assert_eq!(artefact.section("table"), Ok(&[1_u8, 2, 3][..]));
    assert_eq!(artefact.section_of("none", 0), Ok(&[][..]));
    assert_eq!(artefact.floats("numbers"), Ok(vec![0.5, -2.0]));
    assert_eq!(artefact.about::<Value>().expect("it says")["lanes"], 32);
    assert_eq!(artefact.digest().len(), 64);
    assert!(artefact.header.sections.iter().all(|placed| placed.offset % 64 == 0));
    assert_eq!(bytes, made(), "the same in, the same out");
}

#[test]
fn every_single_damaged_byte_is_noticed() {
    let bytes = made();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x20;
        assert!(Artefact::open(&damaged, "tests", 2).is_err(), "byte {at}");
    }
    for length in 0..bytes.len() {
        assert!(Artefact::open(&bytes[..length], "tests", 2).is_err(), "cut to {length}");
    }
    assert_eq!(why(&bytes[..bytes.len() - 1]), ArtefactError::Damaged);
    assert_eq!(why(b"GGUF, which is something else"), ArtefactError::NotOne);
}

#[test]
fn another_brain_or_version_is_named() {
    let bytes = made();
    let error = Artefact::open(&bytes, "tests", 3).err().expect("it is refused");
    assert_eq!(error.to_string(), "the artefact holds tests version 2, not tests version 3");
    let artefact = Artefact::open(&bytes, "tests", 2).expect("it opens");
    let missing = artefact.section("rows").expect_err("there is none");
    assert_eq!(missing.to_string(), "the artefact's section \"rows\" is missing");
    let short = artefact.section_of("table", 4).expect_err("it is shorter");
    assert_eq!(short.to_string(), "the artefact's section \"table\" has 3 bytes, not 4");
    assert!(artefact.floats("table").is_err());
}

#[test]
fn a_header_that_lies_about_its_sections_is_refused() {
    use sha2::{Digest, Sha256};
    let mut lying = made();
    // Sealed again, as somebody would who wants us to read past the end.
    lying.truncate(lying.len() - 8);
    let digest = Sha256::digest(&lying[44..]);
    lying[12..44].copy_from_slice(&digest);
    let error = why(&lying).to_string();
    assert_eq!(error, "the artefact's section \"numbers\" reaches past the end");
}
