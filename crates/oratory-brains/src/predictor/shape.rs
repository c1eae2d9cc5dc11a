//! What a request looks like, in numbers: its length, its arithmetic, its questions, its choices.
//!
//! Knows no vectors and has learnt nothing. Counts are taken by their logarithm, because the
//! second number of a problem says more than its twentieth.

use super::lexicon;
use super::options::Options;
use super::words::{Kind, Token};

/// How many numbers there are.
pub(super) const COUNT: usize = lexicon::KINDS + LENGTHS + AMOUNTS + SIGNS;
const LENGTHS: usize = 12;
const AMOUNTS: usize = 8;
const SIGNS: usize = 16;
/// The logarithm of the largest number told apart from larger ones.
const LARGEST: f32 = 40.0;

/// What is counted on the way through a text.
#[derive(Default)]
struct Counts<'a> {
    kinds: [u32; lexicon::KINDS],
    words: u32,
    letters: u32,
    long: u32,
    different: Vec<u64>,
    sentences: u32,
    /// Words of the sentence so far.
    sentence: u32,
    longest: u32,
    questions: u32,
    /// Words of the last question.
    question: u32,
    numbers: Vec<f64>,
    decimals: u32,
    mixed: u32,
    names: Vec<&'a str>,
    capitals: u32,
    foreign: u32,
    signs: Signs,
}

#[derive(Default)]
struct Signs {
    money: u32,
    percentages: u32,
    operators: u32,
    fractions: u32,
    formulas: u32,
    code: u32,
    quotes: u32,
    commas: u32,
    brackets: u32,
}

/// Returns the numbers that describe a text of these tokens, which is this long.
pub(super) fn shape(text: &str, tokens: &[Token<'_>], length: usize) -> [f32; COUNT] {
    let mut counts = Counts::default();
    for (at, token) in tokens.iter().enumerate() {
        counts.take(token, at.checked_sub(1).map(|before| tokens[before].kind));
    }
    counts.end();
    counts.different.sort_unstable();
    counts.different.dedup();
    let mut all = [0.0; COUNT];
    let numbers = counts.kinds.iter().map(|count| log(*count));
    let numbers = numbers
        .chain(counts.lengths(text, length))
        .chain(counts.amounts())
        .chain(counts.signs(&Options::of(text)));
    all.iter_mut().zip(numbers).for_each(|(to, number)| *to = number);
    all
}

fn log(count: u32) -> f32 {
    (count as f32).ln_1p()
}

fn share(part: u32, whole: u32) -> f32 {
    part as f32 / whole.max(1) as f32
}

impl<'a> Counts<'a> {
    fn take(&mut self, token: &Token<'a>, before: Option<Kind>) {
        match token.kind {
            Kind::Word => self.word(token, before),
            Kind::Number(value) => {
                self.words += 1;
                self.sentence += 1;
                self.numbers.push(value);
                self.decimals += u32::from(token.text.contains('.'));
                self.signs.fractions += u32::from(before == Some(Kind::Sign('/')));
            }
            Kind::Sign(sign @ ('.' | '!' | '?' | '。' | '？')) => {
                if matches!(sign, '?' | '？') {
                    self.questions += 1;
                    self.question = self.sentence;
                }
                self.end();
            }
            Kind::Sign(sign) => self.signs.take(sign),
        }
    }

    fn word(&mut self, token: &Token<'a>, before: Option<Kind>) {
        let letters = token.text.chars().count() as u32;
        self.words += 1;
        self.sentence += 1;
        self.letters += letters;
        self.long += u32::from(letters > 8);
        self.different.push(token.hash);
        self.foreign += u32::from(!token.text.is_ascii());
        self.mixed += u32::from(matches!(before, Some(Kind::Number(_))) && letters == 1);
        let kinds = lexicon::kinds(token.hash);
        for (kind, count) in self.kinds.iter_mut().enumerate() {
            *count += kinds >> kind & 1;
        }
        if letters > 1 && token.text.starts_with(char::is_uppercase) {
            let begins =
                matches!(before, None | Some(Kind::Sign('.' | '?' | '!' | ':' | ')' | '"' | '-')));
            self.capitals += u32::from(!token.text.chars().any(char::is_lowercase));
            if !begins {
                self.names.push(token.text);
            }
        }
    }

    fn end(&mut self) {
        self.sentences += u32::from(self.sentence > 0);
        self.longest = self.longest.max(self.sentence);
        self.sentence = 0;
    }

    fn lengths(&self, text: &str, length: usize) -> [f32; LENGTHS] {
        let different = self.different.len() as u32;
        [
            (length as f32).ln_1p(),
            log(self.words),
            log(self.sentences),
            log(text.lines().count() as u32),
            share(self.letters, self.words),
            share(self.words, self.sentences),
            log(self.longest),
            log(self.question),
            log(different),
            share(different, self.words),
            share(self.long, self.words),
            log(self.questions),
        ]
    }

    fn amounts(&self) -> [f32; AMOUNTS] {
        let size = |value: &f64| (value.abs().ln_1p() as f32).min(LARGEST);
        let mut different: Vec<u64> = self.numbers.iter().map(|value| value.to_bits()).collect();
        different.sort_unstable();
        different.dedup();
        [
            log(self.numbers.len() as u32),
            log(different.len() as u32),
            self.numbers.iter().map(size).fold(0.0, f32::max),
            self.numbers.iter().map(size).sum::<f32>().ln_1p(),
            log(self.decimals),
            log(self.mixed),
            log(self.signs.money),
            log(self.signs.percentages),
        ]
    }

    fn signs(&self, options: &Options) -> [f32; SIGNS] {
        let mut names = self.names.clone();
        names.sort_unstable();
        names.dedup();
        [
            log(self.signs.operators),
            log(self.signs.fractions),
            log(self.names.len() as u32),
            log(names.len() as u32),
            log(self.capitals),
            log(self.signs.formulas),
            log(self.signs.code),
            log(self.signs.quotes),
            log(self.signs.commas),
            log(self.signs.brackets),
            share(self.foreign, self.words),
            log(options.count),
            log(options.words),
            log(options.longest),
            log(options.longest - options.shortest),
            share(options.numeric, options.count),
        ]
    }
}

impl Signs {
    fn take(&mut self, sign: char) {
        let count = match sign {
            '$' | '€' | '£' => &mut self.money,
            '%' => &mut self.percentages,
            '+' | '*' | '/' | '=' | '<' | '>' | '^' | '×' | '÷' | '≤' | '≥' => {
                &mut self.operators
            }
            '\\' => &mut self.formulas,
            '{' | '}' | ';' | '_' | '`' | '[' | ']' => &mut self.code,
            '"' | '“' | '”' => &mut self.quotes,
            ',' => &mut self.commas,
            '(' => &mut self.brackets,
            _ => return,
        };
        *count += 1;
    }
}
