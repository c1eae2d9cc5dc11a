//! What a request looks like, in numbers: how long it is, and what is reckoned with and how.
//!
//! Knows no vectors and has learnt nothing. Counts are taken by their logarithm, because the
//! second number of a problem says more than its twentieth. Few numbers on purpose: each that says
//! nothing makes requests look less alike that are.

use super::lexicon::{self, KINDS, Kind, Known};
use super::words::{Kind as Piece, Token};

/// How many numbers there are.
pub(super) const COUNT: usize = 28;
/// A round number is easily reckoned with; up to this one all are.
const EASY: f64 = 10.0;

/// What is counted on the way through a text.
#[derive(Default)]
struct Counts<'a> {
    kinds: [u32; KINDS],
    /// "as many as": how much of one thing there is follows from another.
    equals: u32,
    /// "how many more": what is asked is a difference.
    differences: u32,
    words: u32,
    letters: u32,
    different: Vec<u64>,
    names: Vec<&'a str>,
    commas: u32,
    sentences: Sentences,
    amounts: Amounts,
}

/// What is counted of sentences.
#[derive(Default)]
struct Sentences {
    /// Words and amounts of the one so far.
    words: u32,
    amounts: u32,
    /// Those of the last that ended.
    last_words: u32,
    last_amounts: u32,
    most_amounts: u32,
    without_amounts: u32,
}

/// What is counted of amounts, in digits or words.
#[derive(Default)]
struct Amounts {
    count: u32,
    sizes: f32,
    broken: u32,
    odd: u32,
    digits: u32,
    /// What is counted: the words right behind the amounts.
    units: Vec<u64>,
    times: u32,
}

/// Returns the numbers that describe a text of these tokens, which is this long.
pub(super) fn shape(tokens: &[Token<'_>], length: usize) -> [f32; COUNT] {
    let mut counts = Counts::default();
    let mut before = [None; 2];
    for token in tokens {
        let known = match token.kind {
            Piece::Word => lexicon::known(token.hash),
            Piece::Number(_) | Piece::Sign(_) => Known::default(),
        };
        counts.take(token, known, before);
        before = [before[1], Some((token.kind, known))];
    }
    counts.sentences.end();
    counts.told(length)
}

/// A token before this one: what it is and what is known of it.
type Before = Option<(Piece, Known)>;

impl<'a> Counts<'a> {
    fn take(&mut self, token: &Token<'a>, known: Known, before: [Before; 2]) {
        match token.kind {
            Piece::Word => self.word(token, known, before),
            Piece::Number(value) => {
                self.words += 1;
                self.sentences.words += 1;
                self.amount(value);
                self.amounts.digits += significant(token.text);
                let parted = before[1].is_some_and(|(piece, _)| piece == Piece::Sign('/'));
                self.kinds[Kind::Part as usize] += u32::from(parted);
            }
            Piece::Sign(sign) => self.sign(sign),
        }
    }

    fn word(&mut self, token: &Token<'a>, known: Known, before: [Before; 2]) {
        self.words += 1;
        self.sentences.words += 1;
        self.letters += token.text.chars().count() as u32;
        self.different.push(token.hash);
        for (kind, count) in self.kinds.iter_mut().enumerate() {
            *count += known.bit(kind);
        }
        self.amounts.times |= known.time;
        let [earlier, last] = before.map(|before| before.map(|(_, known)| known));
        let follows = |before: Option<Known>, kind| before.is_some_and(|known| known.is(kind));
        self.equals += u32::from(known.is(Kind::Measure) && follows(last, Kind::As));
        let asked = follows(earlier, Kind::How) && follows(last, Kind::Measure);
        self.differences += u32::from(known.is(Kind::Comparing) && asked);
        let counted = before[1].is_some_and(|(piece, known)| {
            matches!(piece, Piece::Number(_)) || known.amount.is_some()
        });
        if counted {
            self.amounts.units.push(token.hash);
        }
        if let Some(value) = known.amount {
            self.amount(value);
        }
        self.name(token.text, before[1].map(|(piece, _)| piece));
    }

    /// Names begin large where no sentence begins.
    fn name(&mut self, text: &'a str, before: Option<Piece>) {
        let large = text.len() > 1 && text.starts_with(char::is_uppercase);
        let begins =
            matches!(before, None | Some(Piece::Sign('.' | '?' | '!' | ':' | ')' | '"' | '-')));
        if large && !begins {
            self.names.push(text);
        }
    }

    fn amount(&mut self, value: f64) {
        let whole = value.fract() == 0.0;
        self.sentences.amounts += 1;
        self.amounts.count += 1;
        self.amounts.sizes += value.abs().ln_1p() as f32;
        self.amounts.broken += u32::from(!whole);
        self.amounts.odd += u32::from(whole && value > EASY && value % EASY != 0.0);
    }

    fn sign(&mut self, sign: char) {
        match sign {
            '.' | '!' | '?' | '。' | '？' => self.sentences.end(),
            '$' | '€' | '£' => self.kinds[Kind::Money as usize] += 1,
            '%' => self.kinds[Kind::Percent as usize] += 1,
            ',' => self.commas += 1,
            _ => {}
        }
    }

    fn told(mut self, length: usize) -> [f32; COUNT] {
        let kind = |kind: Kind| log(self.kinds[kind as usize]);
        let (amounts, sentences) = (&mut self.amounts, &self.sentences);
        [
            log(length as u32),
            log(different(&mut self.different)),
            self.letters as f32 / self.words.max(1) as f32,
            log(sentences.last_words),
            log(self.commas),
            log(different(&mut self.names)),
            log(amounts.count),
            amounts.count as f32 / self.words.max(1) as f32,
            amounts.sizes.ln_1p(),
            log(amounts.broken),
            log(amounts.odd),
            log(amounts.digits),
            log(different(&mut amounts.units)),
            log(amounts.times.count_ones()),
            log(sentences.last_amounts),
            log(sentences.most_amounts),
            log(sentences.without_amounts),
            kind(Kind::Comparing),
            kind(Kind::Times),
            kind(Kind::Part),
            kind(Kind::Percent),
            kind(Kind::Each),
            kind(Kind::Condition),
            kind(Kind::Not),
            kind(Kind::And),
            kind(Kind::Money),
            log(self.equals),
            log(self.differences),
        ]
    }
}

impl Sentences {
    fn end(&mut self) {
        if self.words == 0 {
            return;
        }
        self.most_amounts = self.most_amounts.max(self.amounts);
        self.without_amounts += u32::from(self.amounts == 0);
        (self.last_words, self.last_amounts) = (self.words, self.amounts);
        (self.words, self.amounts) = (0, 0);
    }
}

fn log(count: u32) -> f32 {
    (count as f32).ln_1p()
}

fn different<T: Ord>(all: &mut Vec<T>) -> u32 {
    all.sort_unstable();
    all.dedup();
    all.len() as u32
}

/// Returns how many digits have to be reckoned with: 250,000 is as easy as 25.
fn significant(number: &str) -> u32 {
    let digits = number.bytes().filter(u8::is_ascii_digit);
    let digits: Vec<u8> = digits.skip_while(|digit| *digit == b'0').collect();
    let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
    (digits.len() - zeros) as u32
}
