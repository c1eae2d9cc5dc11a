//! What comes with the program: every model that was trained for it, as it lies in `brains/`.
//!
//! Bytes inside the executable, which the system reads from the disk when they are needed.

/// Notices names, addresses and other private things; [`crate::tagger`] reads it.
pub static TAGGER: &[u8] = include_bytes!("../../../brains/tagger.bin");

/// Makes vectors of texts; [`crate::embed`] reads it.
pub static EMBED: &[u8] = include_bytes!("../../../brains/embed.bin");

/// The chat models of the family `mini`, largest first: names, and files that llama.cpp reads.
pub static MINI: [(&str, &[u8]); 3] = [
    ("mini", include_bytes!("../../../brains/mini-l.gguf")),
    ("mini-m", include_bytes!("../../../brains/mini-m.gguf")),
    ("mini-s", include_bytes!("../../../brains/mini-s.gguf")),
];

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::artefact::Artefact;

    fn card(name: &str) -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../brains");
        std::fs::read_to_string(format!("{folder}/{name}.md")).expect("every brain has a card")
    }

    #[test]
    fn every_card_names_the_hash_of_what_lies_beside_it() {
        for (name, bytes) in [("tagger", TAGGER), ("embed", EMBED)] {
            let digest = Artefact::open(bytes, name, 1).expect("it is whole").digest();
            assert!(card(name).contains(&digest), "{name} is {digest}");
        }
        for ((_, bytes), name) in MINI.iter().zip(["mini-l", "mini-m", "mini-s"]) {
            let digest: String =
                Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(card(name).contains(&digest), "{name} is {digest}");
        }
    }

    #[test]
    fn all_of_mini_is_small_enough_to_come_along() {
        let bytes: usize = MINI.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(bytes < 12_000_000, "{bytes} bytes");
    }
}
