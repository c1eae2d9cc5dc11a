//! Words that tell what a request asks for, sorted by what they tell.
//!
//! English only, as yet the language of what was measured; other languages go by the other features.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::words::hash;

/// How many kinds there are.
pub(super) const KINDS: usize = WORDS.len();

const WORDS: [&str; 20] = [
    "more less fewer than least most greater older younger taller longer larger smaller higher lower bigger cheaper faster",
    "times twice double triple doubled tripled thrice multiple multiplied product",
    "half third quarter halves thirds quarters fourth fifth fraction percent percentage ratio average mean rate",
    "each every per apiece",
    "left remaining remain remains rest remainder still leftover",
    "total altogether all sum combined together overall entire whole",
    "one two three four five six seven eight nine ten eleven twelve dozen twenty thirty hundred thousand million first second",
    "day days week weeks month months year years hour hours minute minutes seconds daily weekly monthly morning night date today ago monday tuesday wednesday thursday friday saturday sunday",
    "dollar dollars cents cost costs price pay pays paid spend spent buy buys bought sell sells sold earn earns profit discount tax interest",
    "mile miles feet foot inch inches pound pounds ounce ounces gallon gallons meter meters km kg cm speed weight length area volume square degrees",
    "if unless when then whenever otherwise while suppose assume given until after before because since therefore",
    "not no never except none neither nor cannot without isn't doesn't don't didn't incorrect false",
    "some any only exactly always must may should could would might possible necessarily",
    "and or but also however both either as so that which who whose",
    "what what's which",
    "how",
    "who whom where when",
    "why explain describe discuss reason cause causes argue compare",
    "write list give find calculate compute determine solve prove show translate summarize choose select identify evaluate simplify return implement create complete",
    "he she his her him they their them i you my your we our it its",
];

/// Hashes of the words, in order, each with its kinds.
static LEXICON: LazyLock<Vec<(u64, u32)>> = LazyLock::new(|| {
    let mut lexicon = BTreeMap::new();
    for (kind, words) in WORDS.iter().enumerate() {
        for word in words.split(' ') {
            *lexicon.entry(hash(word)).or_default() |= 1 << kind;
        }
    }
    lexicon.into_iter().collect()
});

/// Returns the kinds that the word with this hash belongs to, one bit each.
pub(super) fn kinds(hash: u64) -> u32 {
    let at = LEXICON.binary_search_by_key(&hash, |(word, _)| *word);
    at.map_or(0, |at| LEXICON[at].1)
}
