//! The task `arithmetic`: sums of one to three digits, plain or told as a small story.
//!
//! The thinking goes digit by digit, as on paper, because that is what a small model can learn.

use super::dice::{Dice, belongs};
use super::sheet::Sheet;
use super::slots::Slots;
use super::{Draft, Wanted, phrasing};

static SHEET: Sheet = Sheet::new(include_str!("sheets/arithmetic.txt"));

/// A sum of two numbers, by the section of stories it suits.
struct Sum {
    kind: &'static str,
    sign: char,
    a: usize,
    b: usize,
}

pub(super) fn draft(dice: &mut Dice) -> Draft {
    match dice.below(10) {
        0..=4 => plain(dice),
        5..=7 => story(dice),
        _ => two_steps(dice),
    }
}

fn plain(dice: &mut Dice) -> Draft {
    let sum = drawn(dice);
    let (steps, result) = sum.worked();
    let written = sum.written(dice);
    asked(dice, &written, steps, result)
}

fn asked(dice: &mut Dice, sum: &str, steps: String, result: usize) -> Draft {
    let template = dice.pick(SHEET.lines("plain", dice.split())).clone();
    let whole = template.replace("{sum}", sum);
    let parts = match whole.split_once("||") {
        Some((system, user)) => vec![
            super::Part::System(system.trim().to_owned()),
            super::Part::User(user.trim().to_owned()),
        ],
        None => phrasing::said(dice, whole),
    };
    Draft::new(parts, Wanted::thought(steps, result.to_string()))
}

fn story(dice: &mut Dice) -> Draft {
    let sum = drawn(dice);
    let template = dice.pick(SHEET.lines(sum.kind, dice.split())).clone();
    let mut slots = Slots::default().with("a", sum.a.to_string()).with("b", sum.b.to_string());
    let told = slots.fill(&template, dice);
    let (steps, result) = sum.worked();
    Draft::new(phrasing::said(dice, told), Wanted::thought(steps, result.to_string()))
}

/// Adds twice, or adds and takes away, from left to right.
fn two_steps(dice: &mut Dice) -> Draft {
    let (first, second, written) = loop {
        let (first, second) = linked(dice);
        let written = format!("{} + {} {} {}", first.a, first.b, second.sign, second.b);
        if belongs(&written, dice.split()) {
            break (first, second, written);
        }
    };
    let (steps, _) = first.worked();
    let (more, result) = second.worked();
    asked(dice, &written, format!("{steps}\n{more}"), result)
}

/// Returns a sum and another that goes on from its result.
fn linked(dice: &mut Dice) -> (Sum, Sum) {
    let first = Sum::add(dice.between(2, 99), dice.between(2, 99));
    let result = first.a + first.b;
    let second = if dice.one_in(2) {
        Sum::add(result, dice.between(2, 99))
    } else {
        Sum::take(result, dice.between(1, result))
    };
    (first, second)
}

/// Returns a sum that belongs to this split, harder ones as often as easier ones.
fn drawn(dice: &mut Dice) -> Sum {
    loop {
        let sum = any(dice);
        if belongs(&format!("{}{}{}", sum.a, sum.sign, sum.b), dice.split()) {
            return sum;
        }
    }
}

fn any(dice: &mut Dice) -> Sum {
    let top = [9, 99, 999][dice.below(3)];
    let (one, other) = (dice.between(2, top), dice.between(2, top));
    match dice.below(6) {
        0 | 1 => Sum::add(one, other),
        2 | 3 => Sum::take(one.max(other), one.min(other)),
        4 => Sum { kind: "times", sign: '*', a: one, b: factor(dice, one) },
        _ => {
            let (result, by) = (dice.between(2, top.min(150)), dice.between(2, 9));
            Sum { kind: "share", sign: '/', a: result * by, b: by }
        }
    }
}

/// Returns a second factor: of two digits now and then, where the first has no more.
fn factor(dice: &mut Dice, first: usize) -> usize {
    let long = first < 100 && dice.one_in(4);
    if long { dice.between(11, 39) } else { dice.between(2, 9) }
}

impl Sum {
    fn add(a: usize, b: usize) -> Self {
        Self { kind: "add", sign: '+', a, b }
    }

    fn take(a: usize, b: usize) -> Self {
        Self { kind: "take", sign: '-', a, b }
    }

    fn written(&self, dice: &mut Dice) -> String {
        let sign = match self.sign {
            '*' => *dice.pick(&["*", "x", "times"]),
            '/' => *dice.pick(&["/", ":", "divided by"]),
            '+' => *dice.pick(&["+", "+", "plus"]),
            _ => *dice.pick(&["-", "-", "minus"]),
        };
        format!("{} {sign} {}", self.a, self.b)
    }

    /// Returns the steps on paper and the result.
    fn worked(&self) -> (String, usize) {
        let (a, b) = (self.a, self.b);
        let (steps, result) = match self.sign {
            '+' => (added(a, b), a + b),
            '-' => (taken(a, b), a - b),
            '*' if b > 9 => (in_parts(a, b), a * b),
            '*' => (multiplied(a, b), a * b),
            _ => (divided(a, b), a / b),
        };
        (format!("{a}{}{b}: {} = {result}", self.sign, steps.join(", ")), result)
    }
}

/// Returns the digits of a number from the right, as many as asked.
fn digits(mut number: usize, count: usize) -> Vec<usize> {
    let mut digits = Vec::new();
    while digits.len() < count || number > 0 {
        digits.push(number % 10);
        number /= 10;
    }
    digits
}

fn added(a: usize, b: usize) -> Vec<String> {
    let places = digits(a.max(b), 1).len();
    let mut carry = 0;
    let mut steps = Vec::new();
    for (one, other) in digits(a, places).into_iter().zip(digits(b, places)) {
        let sum = one + other + carry;
        steps.push(format!("{one}+{other}{}={sum}", more('+', carry)));
        carry = sum / 10;
    }
    steps
}

fn taken(a: usize, b: usize) -> Vec<String> {
    let places = digits(a, 1).len();
    let mut borrowed = 0;
    let mut steps = Vec::new();
    for (one, other) in digits(a, places).into_iter().zip(digits(b, places)) {
        let lent = if one < other + borrowed { 10 } else { 0 };
        let rest = one + lent - other - borrowed;
        steps.push(format!("{}-{other}{}={rest}", one + lent, more('-', borrowed)));
        borrowed = lent / 10;
    }
    steps
}

fn more(sign: char, carry: usize) -> String {
    if carry == 0 { String::new() } else { format!("{sign}{carry}") }
}

fn multiplied(a: usize, b: usize) -> Vec<String> {
    let mut carry = 0;
    let mut steps = Vec::new();
    for digit in digits(a, 1) {
        let product = digit * b + carry;
        steps.push(format!("{digit}*{b}{}={product}", more('+', carry)));
        carry = product / 10;
    }
    steps
}

/// Multiplies by the tens and the ones apart.
fn in_parts(a: usize, b: usize) -> Vec<String> {
    let (ones, tens) = (b % 10, b - b % 10);
    let (low, high) = (a * ones, a * tens);
    vec![
        format!("{a}*{tens}={high}"),
        format!("{a}*{ones}={low}"),
        format!("{high}+{low}={}", low + high),
    ]
}

fn divided(a: usize, b: usize) -> Vec<String> {
    let mut rest = 0;
    let mut steps = Vec::new();
    for digit in digits(a, 1).into_iter().rev() {
        let part = rest * 10 + digit;
        steps.push(format!("{part}/{b}={} rest {}", part / b, part % b));
        rest = part % b;
    }
    steps
}
