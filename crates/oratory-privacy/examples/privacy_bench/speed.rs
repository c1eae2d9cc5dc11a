//! How fast the patterns and all disguises are looked through, on one core, and with the tagger.
//!
//! The processor's time counts where the system tells it, so that others at work change little.

use std::time::Instant;

use oratory_privacy::{find, shaped};

use crate::documents;
use crate::draw::Draw;

const ROUNDS: usize = 7;
const LONG: usize = 4 << 20;
const TURN: usize = 2048;
const LISTED: usize = 100_000;

pub(crate) fn measure(prose: &[String]) {
    let mut text = String::new();
    while text.len() < LONG {
        for piece in prose {
            text.push_str(piece);
            text.push_str("\n\n");
        }
    }
    text.truncate(text.floor_char_boundary(LONG));
    let mut draw = Draw::new(9);
    let mut private = String::new();
    while private.len() < LONG {
        private.push_str(&documents::made(&mut draw).text);
    }
    println!("\nspeed on one core, best and middle of {ROUNDS}");
    rate("prose, patterns and disguises", &text, |text| shaped(text.as_bytes()).count());
    rate("prose, with the tagger", &text, |text| find(text).len());
    rate("documents full of values, patterns and disguises", &private, |text| {
        shaped(text.as_bytes()).count()
    });
    for (name, list) in lists(&mut draw) {
        rate(name, &list, |text| shaped(text.as_bytes()).count());
    }
    turns(&text);
}

/// Returns lists of numbers: digits one by one, and numbers of up to four digits.
fn lists(draw: &mut Draw) -> [(&'static str, String); 3] {
    let mut list = |most: usize, sign: &str| {
        let numbers = (0..LISTED).map(|_| draw.below(most).to_string());
        numbers.collect::<Vec<_>>().join(sign)
    };
    [
        ("a list of digits, patterns and disguises", list(10, " ")),
        ("a list of digits with commas, patterns and disguises", list(10, ", ")),
        ("a list of numbers, patterns and disguises", list(10_000, ", ")),
    ]
}

fn rate(name: &str, text: &str, look: impl Fn(&str) -> usize) {
    let mut times: Vec<f64> = (0..ROUNDS).map(|_| timed(|| look(text))).collect();
    times.sort_by(f64::total_cmp);
    let rate = |seconds: f64| text.len() as f64 / seconds / 1e6;
    println!("  {name}: {:.1} MB/s, {:.1} MB/s", rate(times[0]), rate(times[ROUNDS / 2]));
}

/// Measures turns of a conversation: each is a text of its own.
fn turns(text: &str) {
    let turns: Vec<&str> = (0..400)
        .map(|number| {
            let start = text.floor_char_boundary(number * 7919 % (text.len() - TURN - 8));
            &text[start..text.floor_char_boundary(start + TURN)]
        })
        .collect();
    for (name, tagged) in [("patterns and disguises", false), ("with the tagger", true)] {
        let once =
            |turn: &str| if tagged { find(turn).len() } else { shaped(turn.as_bytes()).count() };
        let mut times: Vec<f64> =
            (0..ROUNDS).map(|_| timed(|| turns.iter().map(|turn| once(turn)).sum())).collect();
        times.sort_by(f64::total_cmp);
        let each = |seconds: f64| seconds / turns.len() as f64 * 1e6;
        println!(
            "  a turn of 2 KB, {name}: {:.0} µs, {:.0} µs",
            each(times[0]),
            each(times[ROUNDS / 2])
        );
    }
}

fn timed(work: impl Fn() -> usize) -> f64 {
    let (started, worked) = (Instant::now(), at_work());
    std::hint::black_box(work());
    match (worked, at_work()) {
        (Some(before), Some(after)) => after - before,
        _ => started.elapsed().as_secs_f64(),
    }
}

/// Returns how many seconds this thread has been at work; Linux counts it in nanoseconds.
fn at_work() -> Option<f64> {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    counted.split_whitespace().next()?.parse::<f64>().ok().map(|time| time / 1e9)
}
