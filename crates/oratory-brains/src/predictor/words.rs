//! Cuts a request into words, numbers and signs, each with a hash of its small letters.
//!
//! Knows no language: a word is a run of letters, and a number is digits with points or commas in it.

/// What a piece of a text is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A run of letters.
    Word,
    /// A number, and how much.
    Number(f64),
    /// Anything else that is no space.
    Sign(char),
}

/// A word, number or sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) hash: u64,
}

/// Longer numbers are no amounts, and reading them takes time.
const LONGEST_NUMBER: usize = 40;

/// Returns the tokens of `text`, first to last.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            first if first.is_alphabetic() => run(rest, within_word),
            first if first.is_ascii_digit() => run(rest, within_number),
            sign => sign.len_utf8(),
        };
        let (text, after) = rest.split_at(length);
        tokens.push(token(text, first));
        rest = after.trim_start();
    }
    tokens
}

fn token(text: &str, first: char) -> Token<'_> {
    if first.is_alphabetic() {
        return Token { kind: Kind::Word, text, hash: hash(text) };
    }
    if first.is_ascii_digit() {
        let digits = text.bytes().filter(|byte| *byte != b',').take(LONGEST_NUMBER);
        let value = digits.map(char::from).collect::<String>().parse().unwrap_or(0.0);
        // Of numbers only the size is a word to learn: 17 and 58 are alike, 1998 is another.
        let hash = hash("0").wrapping_add(text.len().min(6) as u64);
        return Token { kind: Kind::Number(value), text, hash };
    }
    Token { kind: Kind::Sign(first), text, hash: hash(text) }
}

/// Returns how far the run at the beginning reaches.
fn run(text: &str, within: fn(char, Option<char>) -> bool) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if !within(letter, letters.peek().map(|(_, next)| *next)) {
            return at;
        }
    }
    text.len()
}

/// Within a word an apostrophe joins, as in "isn't".
fn within_word(letter: char, next: Option<char>) -> bool {
    letter.is_alphanumeric()
        || matches!(letter, '\'' | '’') && next.is_some_and(char::is_alphabetic)
}

/// Within a number a point or comma joins, as in 1,299.99.
fn within_number(letter: char, next: Option<char>) -> bool {
    letter.is_ascii_digit()
        || matches!(letter, '.' | ',') && next.is_some_and(|next| next.is_ascii_digit())
}

/// Returns a hash of the text in small letters, the same on every machine and in every version.
pub(super) fn hash(text: &str) -> u64 {
    let mix = |hash: u64, letter: char| {
        (hash ^ u64::from(u32::from(letter))).wrapping_mul(0x0000_0100_0000_01B3)
    };
    let start = 0xCBF2_9CE4_8422_2325_u64;
    let hash = if text.is_ascii() {
        text.bytes().fold(start, |hash, byte| mix(hash, char::from(byte.to_ascii_lowercase())))
    } else {
        text.chars().flat_map(char::to_lowercase).fold(start, mix)
    };
    (hash ^ (hash >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}
