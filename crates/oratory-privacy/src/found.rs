//! What was found in the texts of a request, for those steps that read the same texts again.
//!
//! Lasts as long as the request, and is bounded. The egress gate takes nothing from here: it reads the
//! final bytes itself.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::{Custom, Finding, find_with};

/// Texts that are remembered, and findings in all of them together.
const MOST: usize = 20_000;

/// What was found in texts that were read once, by what they say. Always asked with the same
/// [`Custom`].
#[derive(Clone, Debug, Default)]
pub struct Found {
    texts: HashMap<[u8; 32], Vec<Finding>>,
    kept: usize,
}

impl Found {
    /// Returns what is found in a text, and remembers it.
    pub(crate) fn find(&mut self, text: &str, custom: &Custom) -> Vec<Finding> {
        let name = name(text);
        if let Some(known) = self.texts.get(&name) {
            return known.clone();
        }
        let findings = find_with(text, custom);
        let takes = 1 + findings.len();
        if self.kept + takes <= MOST {
            self.kept += takes;
            self.texts.insert(name, findings.clone());
        }
        findings
    }
}

/// Two texts that nobody can make alike have different names.
fn name(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_found_again_and_other_texts_are_read() {
        let mut found = Found::default();
        let (one, other) = ("Write to ada@example.org.", "Write to eda@example.com.");
        for text in [one, other, one, "Write to nobody."] {
            assert_eq!(found.find(text, Custom::none()), crate::find(text), "{text}");
        }
        assert_eq!(found.texts.len(), 3);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut found = Found { kept: MOST - 1, ..Found::default() };
        for text in ["ada@example.org", "", "nothing", "ada@example.org"] {
            assert_eq!(found.find(text, Custom::none()), crate::find(text));
        }
        assert_eq!((found.texts.len(), found.kept), (1, MOST));
    }
}
