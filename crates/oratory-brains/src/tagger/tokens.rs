//! Cuts text into words, marks and line breaks, keeping where each lies.
//!
//! Knows no language: a word is a run of letters and digits of any script.

/// What a token consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Letters and digits.
    Word,
    /// One sign, however often it is repeated.
    Mark,
    /// The end of a line.
    Line,
    /// The ends of several lines: a paragraph ends.
    Paragraph,
}

/// One token of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it consists of.
    pub sort: Sort,
    /// Whether blanks stand before it.
    pub spaced: bool,
}

/// No word is longer than this many bytes; longer runs are cut, so that all work is bounded.
pub const LONGEST: usize = 48;

/// Returns the tokens of `text` in order.
pub fn tokens(text: &str) -> Tokens<'_> {
    Tokens { text, at: 0 }
}

/// The tokens of a text, made as they are asked for.
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let bytes = self.text.as_bytes();
        let before = self.at;
        while matches!(bytes.get(self.at), Some(b' ')) {
            self.at += 1;
        }
        let mut spaced = self.at > before;
        let start = self.at;
        let mut first = self.first(start)?;
        if first.is_whitespace() && first != '\n' && first != '\t' {
            self.at = self.past_blanks(start);
            spaced = true;
            first = self.first(self.at)?;
        }
        let start = self.at;
        let (sort, end) = match first {
            '\n' => self.lines(start),
            _ if in_word(first) => (Sort::Word, self.word(start)),
            _ => (Sort::Mark, self.run_of(start, first)),
        };
        self.at = end;
        Some(Token { start, end, sort, spaced })
    }
}

impl Tokens<'_> {
    fn first(&self, at: usize) -> Option<char> {
        let byte = *self.text.as_bytes().get(at)?;
        if byte.is_ascii() { Some(byte as char) } else { self.text[at..].chars().next() }
    }

    fn past_blanks(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        let blank = |sign: char| sign.is_whitespace() && sign != '\n' && sign != '\t';
        at + rest.find(|sign| !blank(sign)).unwrap_or(rest.len())
    }

    fn word(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        while at - start < LONGEST {
            match bytes.get(at) {
                Some(byte) if byte.is_ascii_alphanumeric() => at += 1,
                Some(byte) if !byte.is_ascii() => match self.first(at) {
                    Some(sign) if in_word(sign) || joins(sign) => at += sign.len_utf8(),
                    _ => break,
                },
                _ => break,
            }
        }
        at
    }

    fn run_of(&self, start: usize, sign: char) -> usize {
        let rest = &self.text[start..];
        start + rest.find(|other| other != sign).unwrap_or(rest.len())
    }

    /// Returns where a run of line ends and blanks ends; indentation of the last line is left.
    fn lines(&self, start: usize) -> (Sort, usize) {
        let bytes = self.text.as_bytes();
        let (mut end, mut at, mut count) = (start, start, 0);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\n' => {
                    count += 1;
                    end = at + 1;
                }
                b' ' | b'\r' | b'\t' => {}
                _ => break,
            }
            at += 1;
        }
        (if count > 1 { Sort::Paragraph } else { Sort::Line }, end)
    }
}

fn in_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || (!sign.is_ascii() && sign.is_alphanumeric())
}

/// Says whether a sign is no letter but does not end a word either: accents that stand alone,
/// soft hyphens, joiners of no width.
pub(super) fn joins(sign: char) -> bool {
    matches!(sign, '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        tokens(text).map(|token| &text[token.start..token.end]).collect()
    }

    #[test]
    fn words_marks_and_lines_are_told_apart() {
        assert_eq!(
            cut("Dr. O'Neil,  4b\u{a0}Rue!!!"),
            ["Dr", ".", "O", "'", "Neil", ",", "4b", "Rue", "!!!"]
        );
        assert_eq!(cut("a\r\n \n  b\nc"), ["a", "\n \n", "b", "\n", "c"]);
        let sorts: Vec<Sort> = tokens("a\n\nb\nc-").map(|token| token.sort).collect();
        use Sort::{Line, Mark, Paragraph, Word};
        assert_eq!(sorts, [Word, Paragraph, Word, Line, Word, Mark]);
    }

    #[test]
    fn accents_that_stand_alone_stay_in_their_word() {
        assert_eq!(cut("Rene\u{301}e and Mu\u{ad}ller"), ["Rene\u{301}e", "and", "Mu\u{ad}ller"]);
    }

    #[test]
    fn a_word_without_end_is_cut_at_characters() {
        let endless = "é".repeat(1000);
        assert!(tokens(&endless).all(|token| token.end - token.start <= LONGEST + 4));
        assert_eq!(cut(&endless).concat(), endless);
    }

    #[test]
    fn blanks_at_the_end_are_no_token() {
        assert_eq!(cut("a \u{2003}"), ["a"]);
        assert_eq!(cut(" \r "), Vec::<&str>::new());
    }
}
