//! Puts names into sentences that were found, where a pronoun or a thing stood.
//!
//! What stands around a name then owes nothing to our templates.

use super::chance::Chance;
use super::draft::Draft;
use super::fill::{Filler, capitalised};

/// Words that speak of a person, in all languages together; those of others do little harm.
const PRONOUNS: [&str; 40] = [
    "he", "she", "him", "who", "someone", "somebody", "they", "them", "I", "we", "you", "everyone",
    "er", "ihm", "ihn", "wir", "jemand", "man", "il", "elle", "lui", "nous", "vous", "él", "ella",
    "usted", "nosotros", "lei", "noi", "qualcuno", "ele", "ela", "você", "nós", "hij", "zij",
    "hem", "wij", "iemand", "jullie",
];

/// Words that a thing follows.
const ARTICLES: [&str; 34] = [
    "the", "a", "an", "his", "her", "my", "your", "our", "their", "der", "die", "das", "den",
    "dem", "ein", "eine", "einen", "le", "la", "un", "une", "el", "los", "una", "lo", "gli", "o",
    "os", "um", "uma", "de", "het", "een", "this",
];

/// Words that a place follows more often than others.
const TOWARDS: [&str; 22] = [
    "in", "at", "to", "from", "near", "into", "nach", "aus", "bei", "à", "dans", "vers", "en",
    "desde", "hacia", "a", "da", "em", "para", "naar", "uit", "te",
];

/// Slang that posts are full of.
const SLANG: [&str; 18] = [
    "lol", "omg", "rt", "u", "ur", "gonna", "tho", "bc", "idk", "smh", "tbh", ":)", "<3", "haha",
    "pls", "wtf", "#fail", "!!!",
];

/// Writes `sentence` with some of its words replaced.
pub(crate) fn write(sentence: &str, filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let often = *chance.pick(&[15, 35, 60]);
    let post = chance.percent(25);
    if post {
        opening(filler, draft, chance);
    }
    let mut at = 0;
    while at < words.len() {
        if at > 0 {
            draft.say(" ");
        }
        let before = at.checked_sub(1).map_or("", |before| words[before]);
        at += replaced(&words[at..], before, often, filler, draft, chance);
        if post && chance.percent(3) {
            draft.say(" ");
            filler.slot("u", draft, chance);
        }
        if post && chance.percent(8) {
            draft.say(" ");
            draft.say(chance.word(&SLANG));
        }
    }
}

/// Writes what a post begins with: whom it answers, or whose words it passes on.
fn opening(filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    let (before, after) =
        *chance.pick(&[("", ""), ("@", " "), ("RT @", " : "), (".@", " "), ("", "")]);
    if !before.is_empty() {
        draft.say(before);
        filler.slot("U", draft, chance);
        draft.say(after);
    }
}

/// Writes the first of `words`, or something in its place; returns how many words that took.
fn replaced(
    words: &[&str],
    before: &str,
    often: usize,
    filler: &Filler<'_>,
    draft: &mut Draft,
    chance: &mut Chance,
) -> usize {
    let word = words[0].trim_matches(|sign: char| !sign.is_alphanumeric());
    if PRONOUNS.contains(&word) && words[0] == word && chance.percent(often) {
        let slot =
            *chance.weighted(&[(10, "P"), (12, "F"), (4, "L"), (3, "TL"), (2, "O"), (1, "U")]);
        filler.slot(slot, draft, chance);
        return 1;
    }
    let thing = words.get(1).filter(|_| ARTICLES.contains(&word) && words[0] == word);
    let Some(thing) = thing.filter(|_| chance.percent(often)) else {
        draft.say(words[0]);
        return 1;
    };
    let end = thing.trim_end_matches(|sign: char| sign.is_ascii_punctuation());
    name(words[0], TOWARDS.contains(&before), filler, draft, chance);
    draft.say(&thing[end.len()..]);
    2
}

/// Writes a name, or words that look like one and are none.
fn name(article: &str, towards: bool, filler: &Filler<'_>, draft: &mut Draft, chance: &mut Chance) {
    let kept = chance.percent(30);
    match chance.below(100) {
        0..=23 => {
            // A title, a product, a heading: large letters say little alone.
            draft.say(if kept { article } else { "" });
            draft.say(if kept { " " } else { "" });
            for number in 0..chance.between(1, 3) {
                draft.say(if number > 0 { " " } else { "" });
                draft.say(&capitalised(&filler.word(chance)));
            }
        }
        24..=29 => {
            filler.slot("w", draft, chance);
        }
        30..=39 => {
            draft.say(if kept { "the " } else { "" });
            filler.slot("O", draft, chance);
        }
        _ if towards && chance.percent(75) => {
            filler.slot("C", draft, chance);
        }
        40..=46 => {
            filler.slot("C", draft, chance);
            draft.say("'s ");
            draft.say(&filler.word(chance));
        }
        47..=60 => {
            // The Leeds office, the Miller report.
            draft.say(article);
            draft.say(" ");
            filler.slot(if chance.percent(50) { "C" } else { "L" }, draft, chance);
            draft.say(" ");
            draft.say(&filler.word(chance));
        }
        61..=66 => {
            filler.slot("P", draft, chance);
            draft.say("'s ");
            draft.say(&filler.word(chance));
        }
        67..=70 => {
            draft.say("@");
            filler.slot("U", draft, chance);
        }
        _ => {
            filler.slot(chance.word(&["P", "P", "F", "L"]), draft, chance);
        }
    }
}
