//! A document being written: its text, and where the private things in it are.

use std::ops::Range;

use oratory_brains::tagger::Kind;

/// A private thing in a draft.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// Where it is, in bytes.
    pub(crate) range: Range<usize>,
    /// What it is.
    pub(crate) kind: Kind,
}

/// A document with its marks, in order and never overlapping.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) text: String,
    pub(crate) marks: Vec<Mark>,
}

impl Draft {
    /// Adds text that is nothing.
    pub(crate) fn say(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds text that is of this kind; a first and a last name side by side are one person.
    pub(crate) fn mark(&mut self, kind: Kind, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        if let Some(last) = self.marks.last_mut()
            && (last.kind, kind) == (Kind::Person, Kind::Person)
            && &self.text[last.range.end..start] == " "
        {
            last.range.end = self.text.len();
            return;
        }
        self.marks.push(Mark { range: start..self.text.len(), kind });
    }

    /// Adds another draft.
    pub(crate) fn append(&mut self, other: &Self) {
        let by = self.text.len();
        self.text.push_str(&other.text);
        self.marks.extend(other.marks.iter().map(|mark| Mark {
            range: mark.range.start + by..mark.range.end + by,
            kind: mark.kind,
        }));
    }

    /// Returns the draft with every character replaced by what `change` makes of it; marks stay
    /// with their characters.
    pub(crate) fn changed(&self, mut change: impl FnMut(usize, char, &mut String)) -> Self {
        let mut text = String::with_capacity(self.text.len() + 8);
        let mut places = vec![0; self.text.len() + 1];
        for (at, sign) in self.text.char_indices() {
            places[at] = text.len();
            change(at, sign, &mut text);
        }
        places[self.text.len()] = text.len();
        let marks = self.marks.iter().map(|mark| Mark {
            range: places[mark.range.start]..places[mark.range.end],
            kind: mark.kind,
        });
        let marks = marks.filter(|mark| !mark.range.is_empty()).collect();
        Self { text, marks }
    }
}
