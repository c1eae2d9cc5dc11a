//! Takes a text through the network in blocks, so that memory stays small however long it is.
//!
//! Words met before are remembered with all they say; a block ends where nothing is being said.

use super::decode::{self, NOTHING, SURELY_NOTHING};
use super::examine::{Examiner, Known};
use super::network::{self, HIDDEN, LABELS, Network, STRIDE, Sums, TAPS};
use super::remembered::{Met, Remembered};
use super::tokens::{Sort, Token, tokens};
use super::word::{Folded, hash, rows_of_break, rows_of_mark};
use super::{CONTEXT, Kind, Span};

/// Tokens that are worked on together, which bounds the memory a text takes.
const BLOCK: usize = 1024;

/// How far to either side a word speaks in the first layer.
const SIDE: usize = TAPS / 2;

/// Finds everything in `text`.
pub(super) fn find(
    network: &Network<'_>,
    examiner: Examiner<'_>,
    remembered: &Remembered,
    text: &str,
) -> Vec<Span> {
    let mut work = Work::new(network, examiner, remembered, text);
    let mut tokens = tokens(text).peekable();
    while tokens.peek().is_some() {
        for token in tokens.by_ref().take(BLOCK) {
            work.take(token);
        }
        work.settle(tokens.peek().is_none());
    }
    work.found
}

/// Where it stands what a word says.
enum Place<'w> {
    /// Among what all texts share.
    Shared(&'w Met),
    /// Among what this text alone has, by its number.
    Own(usize),
}

struct Work<'w> {
    network: &'w Network<'w>,
    examiner: Examiner<'w>,
    remembered: &'w Remembered,
    text: &'w str,
    /// Where in `met` a word is, counted from one, by the end of its hash; zero for nowhere.
    places: Vec<u32>,
    met: Vec<Met>,
    folded: Folded,
    rows: Vec<u32>,
    tokens: Vec<Token>,
    /// The first layer's sums for each token and for those that come next.
    sums: Vec<Sums>,
    /// Tokens dropped since the beginning.
    dropped: usize,
    /// Tokens at the front that are only there for those after them.
    done: usize,
    found: Vec<Span>,
}

impl<'w> Work<'w> {
    fn new(
        network: &'w Network<'w>,
        examiner: Examiner<'w>,
        remembered: &'w Remembered,
        text: &'w str,
    ) -> Self {
        // Enough for the words of a short text, and no more than a cache holds for a long one.
        let places = (text.len() / 4).clamp(16, 8192).next_power_of_two();
        Self {
            network,
            examiner,
            remembered,
            text,
            places: vec![0; places],
            met: Vec::new(),
            folded: Folded::default(),
            rows: Vec::new(),
            tokens: Vec::with_capacity(BLOCK.min(text.len()) + 2 * CONTEXT),
            sums: vec![network.silence(); SIDE],
            dropped: 0,
            done: 0,
            found: Vec::new(),
        }
    }

    /// Takes one token and adds what it says to the sums around it.
    fn take(&mut self, token: Token) {
        let at = self.tokens.len();
        let text = &self.text[token.start..token.end];
        let met = self.meet(&token, text);
        self.tokens.push(token);
        self.sums.push(self.network.silence());
        let Met { known, says, .. } = match met {
            Place::Shared(met) => met,
            Place::Own(at) => &self.met[at],
        };
        for (tap, said) in says.iter().enumerate() {
            if let Some(place) = (at + SIDE).checked_sub(tap) {
                network::add(&mut self.sums[place], said);
            }
        }
        let (network, sums, dropped) = (self.network, &mut self.sums, self.dropped);
        self.examiner.step(at + dropped, &token, text, *known, |number, row| {
            if let Some(place) = number.checked_sub(dropped) {
                network.hint(row, &mut sums[place]);
            }
        });
    }

    /// Returns where the word is remembered, now if not before.
    fn meet(&mut self, token: &Token, text: &str) -> Place<'w> {
        let raw = hash(1 + token.sort as u64, text.as_bytes());
        if let Some(met) = self.remembered.find(raw, token.sort, text) {
            return Place::Shared(met);
        }
        let place = raw as usize & (self.places.len() - 1);
        let at = self.places[place] as usize;
        if self.met.get(at.wrapping_sub(1)).is_some_and(|met| met.raw == raw) {
            return Place::Own(at - 1);
        }
        let met = self.made(raw, token, text);
        if let Some(met) = self.remembered.keep(token.sort, text, &met) {
            return Place::Shared(met);
        }
        if at == 0 {
            self.met.push(met);
            self.places[place] = self.met.len() as u32;
            return Place::Own(self.met.len() - 1);
        }
        self.met[at - 1] = met;
        Place::Own(at - 1)
    }

    /// Works out what a word says.
    fn made(&mut self, raw: u64, token: &Token, text: &str) -> Met {
        let mut met = Met { raw, known: Known::default(), says: [[0; HIDDEN]; TAPS] };
        match token.sort {
            Sort::Word => {
                self.folded.set(text);
                met.known = self.examiner.known(self.folded.key());
                self.folded.rows(met.known.mask, &mut self.rows);
            }
            Sort::Mark => rows_of_mark(text, &mut self.rows),
            sort => rows_of_break(sort == Sort::Paragraph, &mut self.rows),
        }
        self.network.says(&self.rows, &mut met.says);
        met
    }

    /// Decides what the tokens so far are, but for the last few where more is to come.
    fn settle(&mut self, at_end: bool) {
        let scores = self.scores();
        let labels = decode::best(&scores);
        let count = labels.len();
        let certain = if at_end { count } else { count.saturating_sub(CONTEXT) };
        let quiet = labels[..certain].iter().rposition(|label| *label == NOTHING);
        let cut = if at_end { count } else { quiet.filter(|at| *at > 0).unwrap_or(certain) };
        self.collect(&labels[..cut], &scores);
        let kept = (self.done + cut).saturating_sub(STRIDE);
        self.tokens.drain(..kept);
        self.sums.drain(..kept);
        self.dropped += kept;
        self.done = self.done + cut - kept;
    }

    fn scores(&self) -> Vec<[f32; LABELS]> {
        let nothing = [0; HIDDEN];
        let count = self.tokens.len();
        let heard: Vec<Sums> = self.sums[..count].iter().map(network::rectified).collect();
        let around = |at: usize| {
            let before = at.checked_sub(STRIDE).map_or(nothing, |at| heard[at]);
            [before, heard[at], heard.get(at + STRIDE).copied().unwrap_or(nothing)]
        };
        let scores = |at: usize| match self.network.is_nothing(&heard[at]) {
            true => SURELY_NOTHING,
            false => self.network.scores(around(at)),
        };
        (self.done..count).map(scores).collect()
    }

    /// Turns labels into spans.
    fn collect(&mut self, labels: &[u8], scores: &[[f32; LABELS]]) {
        let mut at = 0;
        while at < labels.len() {
            let first = at;
            at += 1;
            let Some(kind) = decode::kind(labels[first]) else { continue };
            while at < labels.len()
                && decode::kind(labels[at]) == Some(kind)
                && !decode::begins(labels[at])
            {
                at += 1;
            }
            let tokens = &self.tokens[self.done..];
            if matches!(Kind::ALL[kind], Kind::Account | Kind::Phone) {
                at = self.end_of_number(at, labels);
            }
            let range = tokens[first].start..tokens[at - 1].end;
            let sure = scores[first..at].iter().map(decode::surely_something).sum::<f32>();
            let score = sure / (at - first) as f32;
            self.found.push(Span { range, kind: Kind::ALL[kind], score });
        }
    }

    /// Returns where a number ends of which the token before `at` is a part: groups of digits
    /// belong together even where the network lets go of the last.
    fn end_of_number(&self, mut at: usize, labels: &[u8]) -> usize {
        let tokens = &self.tokens[self.done..];
        let text = |token: &Token| &self.text.as_bytes()[token.start..token.end];
        let is_free = |at: usize| labels.get(at).is_some_and(|label| *label == NOTHING);
        let is_digits = |at: usize| is_free(at) && text(&tokens[at]).iter().all(u8::is_ascii_digit);
        let is_joint = |at: usize| is_free(at) && matches!(text(&tokens[at]), b"-" | b"." | b"/");
        loop {
            if is_digits(at) {
                at += 1;
            } else if is_joint(at) && is_digits(at + 1) && !tokens[at + 1].spaced {
                at += 2;
            } else {
                return at;
            }
        }
    }
}
