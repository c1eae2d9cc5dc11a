//! Turns a draft into what the network learns from: rows, hints and the right labels.
//!
//! Reads text through the tagger's own examiner, so that training and use see the same.

use oratory_brains::tagger::Kind;
use oratory_brains::tagger::examine::{Examiner, Known};
use oratory_brains::tagger::gazetteer::Gazetteer;
use oratory_brains::tagger::tokens::{Sort, Token, tokens};
use oratory_brains::tagger::word::{Folded, rows_of_break, rows_of_mark};

use super::chance::Chance;
use super::draft::{Draft, Mark};

/// A text as the network reads it.
#[derive(Default)]
pub(crate) struct Example {
    /// Where each token's rows end in `rows`.
    pub(crate) ends: Vec<usize>,
    pub(crate) rows: Vec<u32>,
    /// Tokens and the hints about them.
    pub(crate) hints: Vec<(usize, u32)>,
    pub(crate) labels: Vec<u8>,
}

/// How often a private thing hides from the lists, so that names in no list are learned too.
const HIDDEN: usize = 35;
/// How often a private word hides its identity, so that the names of the lists are not learned.
const NAMELESS: usize = 70;

impl Example {
    /// Returns the rows of a token.
    pub(crate) fn rows(&self, token: usize) -> &[u32] {
        let start = token.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.rows[start..self.ends[token]]
    }

    /// Reads a draft for training.
    pub(crate) fn read(draft: &Draft, lists: &[u8], chance: &mut Chance) -> Self {
        let gazetteer = Gazetteer::new(lists).expect("it was built as one");
        let mut reader = Reader {
            examiner: Examiner::new(gazetteer),
            folded: Folded::default(),
            rows: Vec::new(),
            example: Self::default(),
        };
        let hidden: Vec<bool> = draft.marks.iter().map(|_| chance.percent(HIDDEN)).collect();
        let mut marks = 0;
        for (at, token) in tokens(&draft.text).enumerate() {
            while draft.marks.get(marks).is_some_and(|mark| mark.range.end <= token.start) {
                marks += 1;
            }
            let mark = draft.marks.get(marks).filter(|mark| mark.range.start < token.end);
            let hide = mark.is_some() && hidden[marks];
            let nameless = chance.percent(if mark.is_some() { NAMELESS } else { 6 });
            reader.take(at, &token, &draft.text, hide, nameless, chance);
            reader.example.labels.push(mark.map_or(0, |mark| label(mark, &token)));
        }
        reader.example
    }
}

/// Returns the label of a token in a mark: its kind, and whether it is the first.
fn label(mark: &Mark, token: &Token) -> u8 {
    let kind = Kind::ALL.iter().position(|kind| *kind == mark.kind).expect("all kinds are there");
    let later = token.start > mark.range.start;
    (1 + 2 * kind + usize::from(later)) as u8
}

struct Reader<'a> {
    examiner: Examiner<'a>,
    folded: Folded,
    rows: Vec<u32>,
    example: Example,
}

impl Reader<'_> {
    fn take(
        &mut self,
        at: usize,
        token: &Token,
        text: &str,
        hide: bool,
        nameless: bool,
        chance: &mut Chance,
    ) {
        let text = &text[token.start..token.end];
        let mut known = Known::default();
        let mut skipped = 0;
        match token.sort {
            Sort::Word => {
                self.folded.set(text);
                known = self.examiner.known(self.folded.key());
                if hide {
                    known.mask = 0;
                }
                self.folded.rows(known.mask, &mut self.rows);
                skipped = usize::from(nameless);
            }
            Sort::Mark => rows_of_mark(text, &mut self.rows),
            sort => rows_of_break(sort == Sort::Paragraph, &mut self.rows),
        }
        let example = &mut self.example;
        example.rows.extend(&self.rows[skipped..]);
        example.ends.push(example.rows.len());
        // A hint left out now and then is one that nothing leans on alone.
        self.examiner.step(at, token, text, known, |number, row| {
            if !chance.percent(12) {
                example.hints.push((number, row));
            }
        });
    }
}
