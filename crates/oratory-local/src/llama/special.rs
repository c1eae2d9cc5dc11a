//! Cuts long text where special tokens stand, so that llama.cpp finds few of them at a time.
//!
//! It looks for special tokens in a list it walks from the start for each one found, which takes
//! time with the square of their number: a conversation of 100,000 short messages would take
//! minutes. A cut right before a special token changes nothing, for it cuts there as well.

/// Text up to here is not cut.
const SHORT: usize = 2048;
/// Special tokens in a piece, after which it is cut at the next good place.
const MOST: usize = 256;
/// Special tokens in a piece, after which it is cut at any: nobody writes such text in earnest.
const FAR_TOO_MANY: usize = 4096;

/// The spellings of special tokens.
#[derive(Debug, Default)]
pub(super) struct Special {
    /// By their first byte, longest first.
    by_first: Vec<Vec<Box<str>>>,
    longest: usize,
    /// Whether one of them takes the space around it with it.
    strips: bool,
}

impl Special {
    pub(super) fn new(spellings: impl Iterator<Item = String>, strips: bool) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        let mut longest = 0;
        for spelling in spellings {
            let Some(&first) = spelling.as_bytes().first() else { continue };
            longest = longest.max(spelling.len());
            by_first[usize::from(first)].push(spelling.into_boxed_str());
        }
        for spellings in &mut by_first {
            spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        }
        Self { by_first, longest, strips }
    }

    /// Returns the text in pieces that are turned into tokens one by one.
    pub(super) fn pieces<'t>(&self, text: &'t str) -> Vec<&'t str> {
        if text.len() <= SHORT {
            return vec![text];
        }
        let mut pieces = Vec::new();
        let (mut start, mut at, mut found) = (0, 0, 0);
        while at < text.len() {
            let Some(length) = self.at(&text.as_bytes()[at..]) else {
                at += 1;
                continue;
            };
            let many = found >= FAR_TOO_MANY || (found >= MOST && self.may_cut(text, at));
            if many && at > start {
                pieces.push(&text[start..at]);
                (start, found) = (at, 0);
            }
            found += 1;
            at += length;
        }
        pieces.push(&text[start..]);
        pieces
    }

    /// Returns how many special tokens there are at the least; an end to the counting at `most`.
    pub(super) fn count(&self, text: &str, most: usize) -> usize {
        let (mut at, mut found) = (0, 0);
        while at < text.len() && found < most {
            let length = self.at(&text.as_bytes()[at..]);
            found += usize::from(length.is_some());
            at += length.unwrap_or(1);
        }
        found
    }

    /// Returns the length of the longest special token that `text` begins with.
    fn at(&self, text: &[u8]) -> Option<usize> {
        let known = self.by_first.get(usize::from(*text.first()?))?;
        known.iter().find(|known| text.starts_with(known.as_bytes())).map(|known| known.len())
    }

    /// Says whether a cut here changes nothing: no other special token lies across it.
    fn may_cut(&self, text: &str, cut: usize) -> bool {
        let bytes = text.as_bytes();
        let space = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_whitespace)
        };
        if self.strips && (space(cut.checked_sub(1)) || space(Some(cut))) {
            return false;
        }
        let across = |start: usize| {
            let known = &self.by_first[usize::from(bytes[start])];
            let longer = |known: &&str| known.len() > cut - start;
            known
                .iter()
                .map(|known| &**known)
                .filter(longer)
                .any(|known| bytes[start..].starts_with(known.as_bytes()))
        };
        !(cut.saturating_sub(self.longest)..cut).any(across)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn special(spellings: &[&str]) -> Special {
        Special::new(spellings.iter().map(|&spelling| spelling.to_owned()), false)
    }

    #[test]
    fn pieces_begin_at_special_tokens_and_hold_few() {
        let special = special(&["<|end|>", "<|user|>"]);
        let text = "<|user|>Größe<|end|>".repeat(5000);
        let pieces = special.pieces(&text);
        assert_eq!(pieces.concat(), text);
        assert!(pieces.len() > 10);
        for piece in &pieces[1..] {
            assert!(piece.starts_with("<|"), "{piece:.20}");
            assert!(special.count(piece, usize::MAX) <= MOST);
        }
        assert_eq!(special.count(&text, usize::MAX), 10_000);
        assert_eq!(special.count(&text, 70), 70);
    }

    #[test]
    fn a_longer_one_is_not_cut_apart() {
        let special = special(&["a", "ba", "caa"]);
        let text = "x".repeat(SHORT) + &"caaxba".repeat(1000);
        for piece in &special.pieces(&text)[1..] {
            assert!(piece.starts_with("caa") || piece.starts_with("ba"), "{piece:.9}");
        }
    }

    #[test]
    fn space_beside_one_that_takes_it_is_not_cut() {
        let special = Special::new(["<s>".to_owned()].into_iter(), true);
        let text = "a <s> ".repeat(1000);
        assert_eq!(special.pieces(&text).len(), 1);
        assert!(special.pieces(&"a<s>".repeat(1000)).len() > 2);
        let far_too_many = "a <s> ".repeat(20_000);
        assert!(special.pieces(&far_too_many).len() > 2);
    }
}
