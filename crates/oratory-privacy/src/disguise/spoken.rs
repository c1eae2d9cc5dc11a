//! Digits written as words, `four one one one`, and addresses read aloud, `ada at example dot org`.
//!
//! Seven languages; a number said with hundreds in it is a quantity, not a disguise.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::view::View;

/// Words and the digits they stand for; several digits where one word is several.
const WORDS: &[(&str, &str)] = &[
    ("0", "zero|oh|nought|null|zéro|cero|zero|nul"),
    ("1", "one|eins|un|une|uno|um|een|één"),
    ("2", "two|zwei|zwo|deux|dos|due|dois|duas|twee"),
    ("3", "three|drei|trois|tres|tre|três|drie"),
    ("4", "four|vier|quatre|cuatro|quattro|quatro"),
    ("5", "five|fünf|fuenf|cinq|cinco|cinque|vijf"),
    ("6", "six|sechs|seis|sei|zes"),
    ("7", "seven|sieben|sept|siete|sette|sete|zeven"),
    ("8", "eight|acht|huit|ocho|otto|oito"),
    ("9", "nine|neun|neuf|nueve|nove|negen"),
    ("10", "ten"),
    ("11", "eleven"),
    ("12", "twelve"),
    ("13", "thirteen"),
    ("14", "fourteen"),
    ("15", "fifteen"),
    ("16", "sixteen"),
    ("17", "seventeen"),
    ("18", "eighteen"),
    ("19", "nineteen"),
    ("2_", "twenty"),
    ("3_", "thirty"),
    ("4_", "forty"),
    ("5_", "fifty"),
    ("6_", "sixty"),
    ("7_", "seventy"),
    ("8_", "eighty"),
    ("9_", "ninety"),
    ("=2", "double"),
    ("=3", "triple"),
    ("-", "dash|hyphen|minus|bindestrich"),
    ("@", "at|arroba|chiocciola"),
    (".", "dot|point|punkt|punto"),
];

/// The fewest words that make a number.
const FEWEST: usize = 5;
/// The most signs between two words of one number.
const GAP: usize = 4;

/// A word with a meaning.
struct Said {
    span: Range<usize>,
    meaning: &'static str,
}

static MEANINGS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    WORDS.iter().flat_map(|(meaning, words)| words.split('|').map(move |_| *meaning)).collect()
});

fn automaton() -> &'static AhoCorasick {
    static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .kind(Some(aho_corasick::AhoCorasickKind::DFA))
            .build(WORDS.iter().flat_map(|(_, words)| words.split('|')))
            .expect("the words are constants, few enough for any automaton")
    });
    &AUTOMATON
}

/// Returns the text with spoken numbers and addresses written; `None` where none is spoken.
pub(super) fn view(text: &[u8]) -> Option<View> {
    let mut view: Option<View> = None;
    let mut copied = 0;
    let mut row: Vec<Said> = Vec::new();
    let mut close = |row: &mut Vec<Said>, copied: &mut usize| {
        if let Some((span, written)) = written(text, row) {
            let view = view.get_or_insert_default();
            view.copy(text, *copied..span.start);
            *copied = span.end;
            view.replace(span, &written);
        }
        row.clear();
    };
    for found in automaton().find_iter(text) {
        let span = found.start()..found.end();
        if !is_word(text, &span) {
            continue;
        }
        if row.last().is_some_and(|last| !follows(text, last.span.end, span.start)) {
            close(&mut row, &mut copied);
        }
        row.push(Said { span, meaning: MEANINGS[found.pattern().as_usize()] });
    }
    close(&mut row, &mut copied);
    let mut view = view?;
    view.copy(text, copied..text.len());
    Some(view)
}

fn is_word(text: &[u8], span: &Range<usize>) -> bool {
    let letter =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0xc3);
    let before = span.start.checked_sub(1).map(|at| &text[at]);
    !letter(before) && !letter(text.get(span.end))
}

/// Says whether only signs and single digits stand between two words of a number, or one word of
/// an address.
fn follows(text: &[u8], end: usize, start: usize) -> bool {
    let between = &text[end..start];
    let sign = |byte: &u8| b" ,-.\n\t;:/".contains(byte);
    let digits = between.iter().filter(|byte| byte.is_ascii_digit()).count();
    let short = between.len() <= GAP && between.iter().all(sign);
    short
        || between.len() <= 24
            && digits > 0
            && between.iter().all(|byte| sign(byte) || byte.is_ascii_digit())
}

/// Returns what a row of words writes, if it is a number of some length.
fn written(text: &[u8], row: &[Said]) -> Option<(Range<usize>, Vec<u8>)> {
    let words: Vec<&Said> = row.iter().collect();
    // Words such as `at` count only within; `a dot` begins nothing.
    let digit = |said: &&&Said| {
        said.meaning.as_bytes()[0].is_ascii_digit() || said.meaning.starts_with('=')
    };
    let first = words.iter().position(|said| digit(&said))?;
    let last = words.iter().rposition(|said| digit(&said))?;
    let words = &words[first..=last];
    if words.iter().filter(digit).count() < FEWEST {
        return None;
    }
    let mut written = Vec::new();
    let mut times = 1;
    let usual = words.windows(2).map(|pair| &text[pair[0].span.end..pair[1].span.start]).next();
    for (place, said) in words.iter().enumerate() {
        if place > 0 {
            let between = &text[words[place - 1].span.end..said.span.start];
            let digits = between.iter().filter(|byte| byte.is_ascii_digit());
            written.extend(digits);
            if Some(between) != usual && between.iter().any(|byte| b",-.\n".contains(byte)) {
                written.push(b'-');
            }
        }
        let next = words.get(place + 1).map(|next| next.meaning);
        match said.meaning.as_bytes() {
            [b'=', count] => times = usize::from(count - b'0'),
            [tens, b'_'] => {
                written.push(*tens);
                // `twenty one` is 21, `twenty ten` is 20 and 10.
                if !next.is_some_and(|next| {
                    next.len() == 1 && matches!(next.as_bytes()[0], b'1'..=b'9')
                }) {
                    written.push(b'0');
                }
            }
            digits => {
                for _ in 0..times {
                    written.extend(digits);
                }
                times = 1;
            }
        }
    }
    Some((words[0].span.start..words[words.len() - 1].span.end, written))
}
