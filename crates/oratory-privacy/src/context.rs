//! Which telling words stand near something: what makes nine digits a social security number.
//!
//! Asked only about numbers that could be something, so prose pays nothing. Reads names of
//! fields like words: `taxId`, `tax_id` and `Tax-ID` are "tax id".

mod words;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

pub(crate) use words::Tag;
use words::{COUNT, WORDS};

/// How many bytes before a thing are looked at.
pub(crate) const BEFORE: usize = 72;
/// How many bytes after it.
pub(crate) const AFTER: usize = 28;
/// What it costs a word to stand on another line.
const LINE: usize = 12;
/// What it costs a word to have been said of another number.
const SAID: usize = 48;
/// What it costs a word to come after.
const LATER: usize = 24;
const NOT_THERE: u8 = u8::MAX;

/// The telling words around one place of a text.
pub(crate) struct Context {
    near: [u8; COUNT],
}

impl Context {
    /// Looks around `start..end`.
    pub(crate) fn around(text: &[u8], start: usize, end: usize) -> Self {
        let mut context = Self { near: [NOT_THERE; COUNT] };
        let before = &text[start.saturating_sub(BEFORE)..start];
        if has_letters(before) {
            let before = Plain::of(before);
            let length = before.length;
            context.read(&before, |word_end| {
                length - word_end + between(&before.bytes[word_end..length])
            });
        }
        let after = said_after(&text[end..]);
        if has_letters(after) {
            context.read(&Plain::of(after), |word_end| word_end + LATER);
        }
        context
    }

    fn read(&mut self, plain: &Plain, distance: impl Fn(usize) -> usize) {
        let bytes = &plain.bytes[..plain.length];
        for found in automaton().find_overlapping_iter(bytes) {
            let (tag, prefix) = WORD_TAGS[found.pattern().as_usize()];
            if whole(bytes, found.start(), found.end(), prefix) {
                let far = distance(found.end());
                let near = &mut self.near[tag as usize];
                *near = (*near).min(u8::try_from(far).unwrap_or(NOT_THERE - 1));
            }
        }
    }

    /// Says whether a word of this sort is near.
    pub(crate) fn has(&self, tag: Tag) -> bool {
        self.near[tag as usize] != NOT_THERE
    }

    /// Returns how far the nearest word of any of these sorts is.
    pub(crate) fn nearest(&self, tags: &[Tag]) -> Option<u8> {
        let nearest = tags.iter().map(|tag| self.near[*tag as usize]).min()?;
        (nearest != NOT_THERE).then_some(nearest)
    }
}

/// Says whether there can be a word: among nothing but numbers there is none.
fn has_letters(text: &[u8]) -> bool {
    // To the end, for a processor takes many at once where none of them may stop it.
    text.iter().fold(false, |any, byte| any | (byte.is_ascii_alphabetic() | !byte.is_ascii()))
}

/// Returns what is said of a number behind it: up to the end of the sentence, and nothing where
/// another number follows, which the words rather announce.
fn said_after(text: &[u8]) -> &[u8] {
    let near = &text[..text.len().min(AFTER + AFTER / 2)];
    let stop = |at: &usize| {
        let next = near.get(at + 1).copied().unwrap_or(b' ');
        matches!(near[*at], b'\n' | b';') || near[*at] == b'.' && next.is_ascii_whitespace()
    };
    let end = (0..near.len()).find(stop).unwrap_or(near.len());
    let digits = near[..end].iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits > 1 { &[] } else { &near[..end.min(AFTER)] }
}

/// Returns how much further away a word is for what stands between: ends of lines, and a number that
/// it was said of, with more words behind. In a list, the word is said of each.
fn between(bytes: &[u8]) -> usize {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let parts = bytes.split(|byte| !byte.is_ascii_alphanumeric());
    let word = |part: &&[u8]| part.len() > 2 && part.iter().all(u8::is_ascii_alphabetic);
    let words = parts.filter(word).count();
    let said = if digits > 3 && words + lines > 1 && words > 0 { SAID } else { 0 };
    lines * LINE + said
}

/// Says whether a word begins where one can begin, and ends where it ends.
fn whole(bytes: &[u8], start: usize, end: usize, prefix: bool) -> bool {
    let letter = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphabetic);
    if !bytes[start].is_ascii() {
        return true;
    }
    let begins = start == 0 || !letter(bytes.get(start - 1));
    // A plural is the same word.
    let end = if bytes.get(end) == Some(&b's') { end + 1 } else { end };
    begins && (prefix || !letter(bytes.get(end)))
}

/// A piece of text in small letters without accents, names of fields cut into words.
struct Plain {
    bytes: [u8; BEFORE * 2],
    length: usize,
}

impl Plain {
    fn of(text: &[u8]) -> Self {
        let mut plain = Self { bytes: [0; BEFORE * 2], length: 0 };
        let mut at = 0;
        let mut small_before = false;
        while at < text.len() {
            let byte = text[at];
            match byte {
                b'A'..=b'Z' => {
                    if small_before {
                        plain.push(b' ');
                    }
                    plain.push(byte | 0x20);
                }
                b'_' | b'-' | b'/' | b'.' | b' ' | b'\t' | b'\'' | b'(' | b'"' => plain.blank(),
                0xc3..=0xc5 if at + 1 < text.len() => {
                    plain.accented(byte, text[at + 1]);
                    at += 1;
                }
                _ => plain.push(byte),
            }
            small_before = byte.is_ascii_lowercase();
            at += 1;
        }
        plain
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    fn blank(&mut self) {
        if self.length > 0 && self.bytes[self.length - 1] != b' ' {
            self.push(b' ');
        }
    }

    fn accented(&mut self, first: u8, second: u8) {
        const LATIN: &[u8; 32] = b"aaaaaaaceeeeiiiidnooooo ouuuuyts";
        match (first, second) {
            (0xc3, 0x80..=0xbf) => self.push(LATIN[usize::from(second & 0x1f)]),
            (0xc4, 0xb0 | 0xb1) => self.push(b'i'),
            (0xc4, 0x9e | 0x9f) => self.push(b'g'),
            (0xc5, 0x81 | 0x82) => self.push(b'l'),
            (0xc5, 0x9a | 0x9b | 0x9e | 0x9f | 0xa0 | 0xa1) => self.push(b's'),
            (0xc5, 0x90 | 0x91) => self.push(b'o'),
            (0xc4, 0x84 | 0x85) => self.push(b'a'),
            (0xc4, 0x98 | 0x99) => self.push(b'e'),
            (0xc4, 0x86 | 0x87 | 0x8c | 0x8d) => self.push(b'c'),
            _ => {
                self.push(first);
                self.push(second);
            }
        }
    }
}

/// The sort of each word, and whether more letters may follow it.
static WORD_TAGS: LazyLock<Vec<(Tag, bool)>> = LazyLock::new(|| {
    let tags = |(tag, words): &(Tag, &str)| -> Vec<(Tag, bool)> {
        words.split('|').map(|word| (*tag, word.ends_with('*'))).collect()
    };
    WORDS.iter().flat_map(tags).collect()
});

fn automaton() -> &'static AhoCorasick {
    static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let words = WORDS.iter().flat_map(|(_, words)| words.split('|'));
        AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words.map(|word| word.trim_end_matches('*')))
            .expect("the words are constants, few enough for any automaton")
    });
    &AUTOMATON
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(text: &str, tag: Tag) -> bool {
        let at = text.find('#').expect("the place is marked");
        Context::around(text.as_bytes(), at, at + 1).has(tag)
    }

    #[test]
    fn words_are_read_in_every_way_fields_are_named() {
        for text in
            ["tax_id: #", "taxId=#", "Tax-ID #", "<tax.id>#", "(# is my tax ID)", "TAX ID #"]
        {
            assert!(near(text, Tag::TaxNumber), "{text}");
        }
        assert!(near("Numéro de sécurité sociale : #", Tag::Nir));
        assert!(near("주민등록번호 #", Tag::Rrn));
    }

    #[test]
    fn parts_of_other_words_are_not_words() {
        assert!(!near("a single #", Tag::Sin));
        assert!(!near("expand #", Tag::Pan));
        assert!(!near("headline #", Tag::Licence));
    }

    #[test]
    fn the_nearer_word_is_nearer() {
        let context = Context::around(b"passport, later the SSN: ", 25, 25);
        assert!(context.nearest(&[Tag::Ssn]) < context.nearest(&[Tag::Passport]));
        assert_eq!(context.nearest(&[Tag::Nhs]), None);
    }
}
