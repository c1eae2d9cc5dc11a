//! What a line says about its own values: the name before a colon, the tag, the head of a column.
//!
//! Guesses from signs alone and forgets soon; a wrong guess is one weak hint among many.

use super::tokens::Sort;

/// Columns a table is followed for.
const COLUMNS: usize = 24;

/// Words a cell of a table's first line may hold; more is prose.
const WORDS_OF_A_HEAD: u8 = 4;

/// The name that a value has been given, by the keys of its last words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    /// The last word of the name.
    pub(crate) last: u64,
    /// The word before it, or 0.
    pub(crate) before: u64,
    /// How many words stand between the name and here, 3 for more.
    pub(crate) distance: u8,
}

#[derive(Default)]
struct Head {
    sign: u8,
    cells: Vec<(u64, u64)>,
}

/// Follows a text and knows what the present value is called.
#[derive(Default)]
pub(crate) struct Lines {
    words: (u64, u64),
    named: Option<(u64, u64)>,
    since: u8,
    in_tag: bool,
    sign: u8,
    column: usize,
    words_in_cell: u8,
    longest_cell: u8,
    last_mark: u8,
    cells: Vec<(u64, u64)>,
    head: Option<Head>,
}

impl Lines {
    /// Takes a word's key and returns the name it stands under.
    pub(crate) fn word(&mut self, key: u64) -> Option<Named> {
        let named = self.name();
        self.last_mark = 0;
        self.words = (self.words.1, key);
        self.since = self.since.saturating_add(1);
        self.words_in_cell = self.words_in_cell.saturating_add(1);
        named
    }

    /// Takes a mark and returns the name it stands under.
    pub(crate) fn mark(&mut self, sign: u8, single: bool) -> Option<Named> {
        let named = self.name();
        self.last_mark = sign;
        match sign {
            b':' | b'=' if single => self.begin(),
            b'<' => self.in_tag = single,
            b'>' if self.in_tag => self.begin(),
            b'\t' | b'|' | b';' | b',' => self.divide(sign),
            _ => {}
        }
        if sign != b'<' && sign != b'>' && sign != b'_' && sign != b'-' {
            self.in_tag = false;
        }
        named
    }

    /// Takes the end of a line or paragraph.
    pub(crate) fn line(&mut self, sort: Sort) {
        // A name with nothing behind it speaks of the next line.
        if self.since > 0 || sort == Sort::Paragraph {
            self.named = None;
        }
        self.end_row(sort);
        self.words = (0, 0);
        self.in_tag = false;
        (self.sign, self.column, self.words_in_cell, self.longest_cell) = (0, 0, 0, 0);
        self.cells.clear();
    }

    fn name(&self) -> Option<Named> {
        if let Some((before, last)) = self.named {
            return Some(Named { last, before, distance: self.since.min(3) });
        }
        let head = self.head.as_ref()?;
        let fits = self.sign == 0 || self.sign == head.sign;
        let (before, last) = *head.cells.get(self.column).filter(|_| fits)?;
        Some(Named { last, before, distance: 4 })
    }

    fn begin(&mut self) {
        self.in_tag = false;
        if self.words.1 != 0 {
            self.named = Some(self.words);
            self.since = 0;
            self.words = (0, 0);
        }
    }

    /// Takes a sign that may divide columns; the first of a line decides which does.
    fn divide(&mut self, sign: u8) {
        if self.sign == 0 {
            self.sign = sign;
        }
        if self.sign != sign {
            return;
        }
        self.end_cell();
        self.column += 1;
        if sign == b'\t' || sign == b'|' {
            self.named = None;
        }
        self.words = (0, 0);
    }

    fn end_cell(&mut self) {
        if self.cells.len() < COLUMNS {
            self.cells.push(self.words);
        }
        self.longest_cell = self.longest_cell.max(self.words_in_cell);
        self.words_in_cell = 0;
    }

    /// Decides whether the line that ends here heads the lines after it.
    fn end_row(&mut self, sort: Sort) {
        let ruled = self.cells.iter().all(|cell| *cell == (0, 0)) && self.words == (0, 0);
        if sort == Sort::Paragraph {
            self.head = None;
            return;
        }
        if ruled && self.sign != 0 {
            return; // `|---|---|`
        }
        self.end_cell();
        let goes_on = self
            .head
            .as_ref()
            .is_some_and(|head| head.sign == self.sign && head.cells.len() == self.cells.len());
        let sentence = matches!(self.last_mark, b'.' | b'!' | b'?');
        let is_head = self.cells.len() >= 3 && self.longest_cell <= WORDS_OF_A_HEAD && !sentence;
        if !goes_on {
            self.head =
                is_head.then(|| Head { sign: self.sign, cells: std::mem::take(&mut self.cells) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tagger::tokens::tokens;
    use crate::tagger::word::hash;

    fn key(word: &str) -> u64 {
        hash(0, word.as_bytes())
    }

    /// Returns the last word of the name that `word` stands under.
    fn name_of(text: &str, wanted: &str) -> Option<u64> {
        let mut lines = Lines::default();
        let mut found = None;
        for token in tokens(text) {
            let part = &text[token.start..token.end];
            match token.sort {
                Sort::Word => {
                    let named = lines.word(key(part));
                    if part == wanted {
                        found = named.map(|named| named.last);
                    }
                }
                Sort::Mark => {
                    lines.mark(part.as_bytes()[0], part.len() == 1);
                }
                sort => lines.line(sort),
            }
        }
        found
    }

    #[test]
    fn values_know_what_they_are_called() {
        for text in [
            "Patient name: Ada Here",
            "x = 1, name = Here",
            "{\"id\": 3, \"name\": \"Here\"}",
            "<id>3</id><name>Here</name>",
            "name:\n  Here",
            "id,name,town\n1,Ada,Bath\n2,Here,Rome",
            "| id | name |\n|---|---|\n| 1 | Here |",
            "id\tname\ttown\n1\tHere\tRome",
        ] {
            assert_eq!(name_of(text, "Here"), Some(key("name")), "{text}");
        }
    }

    #[test]
    fn prose_and_the_next_paragraph_have_no_name() {
        assert_eq!(name_of("They came, saw it, and went home.\nThen, of all, Here", "Here"), None);
        assert_eq!(name_of("name: Ada\nHere", "Here"), None);
        assert_eq!(name_of("name:\n\nHere", "Here"), None);
    }
}
