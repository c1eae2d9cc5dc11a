//! The choices a request offers: "(A) Paris", "b. Rome", "- Yes", each at the beginning of a line.
//!
//! Does not know whether they are offered or told; four lines with letters are choices to it.

/// More lines than this are a document, not a choice.
const MOST: usize = 32;

/// What the choices of a request look like.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Options {
    pub(super) count: u32,
    pub(super) words: u32,
    pub(super) longest: u32,
    pub(super) shortest: u32,
    pub(super) numeric: u32,
}

impl Options {
    pub(super) fn of(text: &str) -> Self {
        let mut options = Self::default();
        for option in text.lines().filter_map(option).take(MOST) {
            let words = option.split_whitespace().count() as u32;
            options.shortest = if options.count == 0 { words } else { options.shortest.min(words) };
            options.longest = options.longest.max(words);
            options.words += words;
            options.count += 1;
            let digits = option.bytes().filter(u8::is_ascii_digit).count();
            options.numeric += u32::from(2 * digits >= option.len().max(1));
        }
        options
    }
}

/// Returns what a line offers, without its letter.
fn option(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("- ") {
        return Some(rest);
    }
    let line = line.strip_prefix('(').unwrap_or(line);
    let mut letters = line.chars();
    let named = letters.next().is_some_and(|letter| letter.is_ascii_alphanumeric());
    let ended = letters.next().is_some_and(|letter| matches!(letter, ')' | '.' | ':'));
    let rest = letters.as_str();
    (named && ended && rest.starts_with(' ')).then(|| rest.trim())
}
