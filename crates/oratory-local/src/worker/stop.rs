//! Finds stop texts in an answer that arrives in pieces.
//!
//! Pure. What might be the beginning of a stop text is held back until it is known.

/// Watches an answer for stop texts.
pub(super) struct Stop {
    texts: Vec<String>,
    held: String,
    /// The text that has come, by its place among them.
    over: Option<u32>,
}

/// What may be shown of the answer so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// This much more.
    More(String),
    /// This much more, and there the answer ends.
    Last(String),
}

impl Stop {
    pub(super) fn new(texts: Vec<String>) -> Self {
        Self { texts, held: String::new(), over: None }
    }

    /// Returns which stop text has come, if one has.
    pub(super) fn over(&self) -> Option<u32> {
        self.over
    }

    /// Adds text and returns what can no longer be part of a stop text.
    pub(super) fn push(&mut self, text: &str) -> Shown {
        self.held.push_str(text);
        let texts = (0..).zip(&self.texts).filter(|(_, stop)| !stop.is_empty());
        let found = texts.filter_map(|(which, stop)| Some((self.held.find(stop.as_str())?, which)));
        if let Some((at, which)) = found.min() {
            self.held.truncate(at);
            self.over = Some(which);
            return Shown::Last(std::mem::take(&mut self.held));
        }
        let keep = self.begun();
        let rest = self.held.split_off(self.held.len() - keep);
        Shown::More(std::mem::replace(&mut self.held, rest))
    }

    /// Returns what was held back and turned out to be plain text.
    pub(super) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// Returns how many bytes at the end may be the beginning of a stop text.
    fn begun(&self) -> usize {
        let begun = |stop: &String| {
            let most = stop.len().saturating_sub(1).min(self.held.len());
            (1..=most)
                .rev()
                .find(|&length| self.held.as_bytes().ends_with(&stop.as_bytes()[..length]))
                // A match may begin inside a character of the stop text only if the same
                // character stands in the answer, so it never splits one there.
                .filter(|&length| self.held.is_char_boundary(self.held.len() - length))
        };
        self.texts.iter().filter_map(begun).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(texts: &[&str], pieces: &[&str]) -> (Vec<String>, Option<u32>) {
        let texts = texts.iter().map(|&text| text.to_owned()).collect();
        let mut stop = Stop::new(texts);
        let mut out = Vec::new();
        for piece in pieces {
            match stop.push(piece) {
                Shown::More(text) => out.push(text),
                Shown::Last(text) => {
                    out.push(text);
                    return (out, stop.over());
                }
            }
        }
        out.push(stop.finish());
        (out, stop.over())
    }

    #[test]
    fn a_stop_text_across_pieces_is_never_shown() {
        let (out, ended) = through(&["<end>"], &["a<", "en", "d", ">b"]);
        assert_eq!((out.concat().as_str(), ended), ("a", Some(0)));
    }

    #[test]
    fn what_only_looked_like_one_is_shown() {
        let (out, ended) = through(&["<end>", "grün"], &["a<e", "x g", "rü", "ß <en"]);
        assert_eq!((out.concat().as_str(), ended), ("a<ex grüß <en", None));
    }

    #[test]
    fn the_first_of_two_wins() {
        let (out, ended) = through(&["cd", "b"], &["a", "b", "cd"]);
        assert_eq!((out.concat().as_str(), ended), ("a", Some(1)));
    }
}
