//! Masking: what was masked holds nothing private, and comes back whole.

use std::collections::HashSet;

use oratory_contract::Drawer;
use oratory_privacy::{Custom, Names, find, mask_text};

use crate::values::filled;
use crate::{Note, number};

/// Texts that belong together are parted by this byte.
const BETWEEN: u8 = 0;
const MOST: usize = 4;

/// Tries one input.
pub fn run(input: &[u8], note: Note<'_>) {
    let bytes = filled(input);
    let texts = bytes.splitn(MOST, |byte| *byte == BETWEEN);
    let original: Vec<String> =
        texts.map(|text| String::from_utf8_lossy(text).into_owned()).collect();
    let mut masked = original.clone();
    let mut drawer = Drawer { first: 1, ..Drawer::default() };
    let kinds = mask_text(&mut masked, Custom::none(), &mut drawer);
    note(number(&kinds.keys().collect::<Vec<_>>()));
    note(number((original.len(), kinds.len())));
    let surrogates: HashSet<&String> =
        drawer.entries.iter().map(|entry| &entry.surrogate).collect();
    assert_eq!(surrogates.len(), drawer.entries.len(), "a surrogate stands for two things");
    for entry in &drawer.entries {
        let there = original.iter().any(|text| text.contains(&entry.surrogate));
        assert!(!there, "{} was in the text already", entry.surrogate);
    }
    for (masked, original) in masked.iter().zip(&original) {
        assert_eq!(&put_back(masked, &drawer), original, "text beside the private was touched");
        // A backslash of the text's own before a surrogate could be Markdown's; requests know, a
        // drawer does not.
        if !masked.contains("\\<") {
            assert_eq!(&Names::from(&drawer).restored(masked), original, "of {masked:?}");
        }
        let left = find(masked).into_iter().find(|finding| finding.kind.is_private_alone());
        assert_eq!(left, None, "something private is left in {masked:?}");
    }
}

/// Puts the originals back where their surrogates stand, letter by letter.
fn put_back(masked: &str, drawer: &Drawer) -> String {
    let (mut rest, mut whole) = (masked, String::new());
    loop {
        let entries = drawer.entries.iter();
        let next = entries.filter_map(|entry| Some((rest.find(&entry.surrogate)?, entry)));
        let Some((at, entry)) = next.min_by_key(|(at, _)| *at) else { return whole + rest };
        whole.push_str(&rest[..at]);
        whole.push_str(&entry.original);
        rest = &rest[at + entry.surrogate.len()..];
    }
}
