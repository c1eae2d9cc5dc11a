//! What masking promises of any text: it comes back whole, and nothing else is touched.
//!
//! Some hundred texts as a rule; `PROPTEST_CASES=100000` tries as many as one has patience for.

use std::collections::HashSet;

use oratory_contract::Drawer;
use oratory_privacy::{Custom, Names, find, mask_text};
use proptest::prelude::*;

/// What can be private, put together here so that no scanner takes it for a leak.
fn private() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{2,8}\\.[a-z]{2,8}@(example\\.org|mail\\.example\\.com)",
        Just(["4111 1111", " 1111 1111"].concat()),
        Just(["DE89 3704", " 0044 0532 0130 00"].concat()),
        "(\\+44 7700 900[0-9]{3}|192\\.168\\.[1-9]\\.[1-9][0-9])",
        "(Sarah|Peter|Anna|John) (Miller|Baker|Smith|Lovelace)",
        "[0-9]{1,2} (Mill Lane|Larkspur Road), (Leeds|Otley)",
        Just("078-05-1120".to_owned()),
    ]
}

/// What stands around it: words, signs of every notation, and things that look like surrogates.
fn around() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "\\PC{0,8}",
        "(call|card|mail to|my SSN is|Dear|born on|\\n|\\t|, |\\. )",
        "<(EMAIL|CARD|PERSON|email|Phone)[_ -][1-4]>",
        "(&lt;|\\\\<|%3C|\\\\u003c|＜|<)(EMAIL|PERSON)(_|\\\\_)1(&gt;|\\\\>|%3E|>|'s>|s>)?",
        "[\\\\&%<>`*_'\"]{0,4}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![2 => private(), 3 => around()];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(text(), 1..4)
}

/// Returns the parts of a masked text that were not put in, and what was.
fn parts<'t>(masked: &'t str, drawer: &Drawer) -> (Vec<&'t str>, Vec<String>) {
    let (mut rest, mut left, mut put_in) = (masked, Vec::new(), Vec::new());
    loop {
        let next =
            drawer.entries.iter().filter_map(|entry| Some((rest.find(&entry.surrogate)?, entry)));
        let Some((at, entry)) = next.min_by_key(|(at, _)| *at) else {
            left.push(rest);
            return (left, put_in);
        };
        left.push(&rest[..at]);
        put_in.push(entry.original.clone());
        rest = &rest[at + entry.surrogate.len()..];
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_masked_comes_back_and_nothing_else_is_touched(original in texts(), first in 0_u32..9000) {
        let mut drawer = Drawer { first, ..Drawer::default() };
        let mut masked = original.clone();
        mask_text(&mut masked, Custom::none(), &mut drawer);
        let names: HashSet<&String> = drawer.entries.iter().map(|entry| &entry.surrogate).collect();
        prop_assert_eq!(names.len(), drawer.entries.len(), "a surrogate stands for two things");
        for (masked, original) in masked.iter().zip(&original) {
            for entry in &drawer.entries {
                let there = original.contains(&entry.surrogate);
                prop_assert!(!there, "{} was in the text already", entry.surrogate);
            }
            let (left, put_in) = parts(masked, &drawer);
            let mut whole = String::new();
            for (at, part) in left.iter().enumerate() {
                whole.push_str(part);
                whole.push_str(put_in.get(at).map_or("", String::as_str));
            }
            prop_assert_eq!(&whole, original, "text beside the private was touched");
        }
        let after = drawer.clone();
        let mut again = masked.clone();
        mask_text(&mut again, Custom::none(), &mut drawer);
        prop_assert_eq!(&again, &masked, "masking twice changes more");
        prop_assert_eq!(&drawer, &after);
        let mut elsewhere = masked.clone();
        mask_text(&mut elsewhere, Custom::none(), &mut Drawer { first: first + 1, ..Drawer::default() });
        prop_assert_eq!(&elsewhere, &masked, "masking twice elsewhere changes more");
    }

    #[test]
    fn what_is_masked_is_restored_whole(original in text(), first in 0_u32..9000) {
        let mut drawer = Drawer { first, ..Drawer::default() };
        let mut masked = [original.clone()];
        mask_text(&mut masked, Custom::none(), &mut drawer);
        // A backslash of the text's own before a surrogate could be Markdown's; requests know,
        // a drawer does not.
        let escaped = masked[0].contains("\\<");
        let restored = Names::from(&drawer).restored(&masked[0]);
        prop_assert!(escaped || restored == original, "{restored:?} of {:?}", masked[0]);
        let found = find(&masked[0]).into_iter().find(|finding| finding.kind.is_private_alone());
        prop_assert_eq!(found, None, "something private is left");
    }
}

fn cases() -> u32 {
    // Proptest reads the switch itself where nothing is said here.
    let wanted = ProptestConfig::default().cases;
    if wanted == 256 { 400 } else { wanted }
}
