//! Masks a text that belongs to no request: a file, or what a script has.
//!
//! Nothing is sealed for a place here; who sends it on decides that.

use std::collections::BTreeMap;

use oratory_contract::Drawer;

use super::surrogates::{Surrogates, Turn};
use crate::{Custom, Found};

/// Replaces everything private in texts that belong together, with surrogates from `drawer` that
/// go into it as well, and returns how many spans of each kind were replaced.
pub fn mask_text(
    texts: &mut [String],
    custom: &Custom,
    drawer: &mut Drawer,
) -> BTreeMap<&'static str, u32> {
    let mut surrogates = Surrogates::new(custom, Found::default(), drawer);
    texts.iter().for_each(|text| surrogates.reserve_what_is_there(text));
    surrogates.look_for_people(texts.iter().map(String::as_str));
    let turns = texts.iter_mut().map(|text| Turn::of("", text));
    surrogates.replace_in(&mut turns.collect::<Vec<_>>());
    surrogates.done().1
}
