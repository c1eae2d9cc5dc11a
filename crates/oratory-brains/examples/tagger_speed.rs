//! Measures how fast the tagger reads: `cargo run --release -p oratory-brains --example tagger_speed FILE…`.
//!
//! Each file is read whole several times on one core; the fastest and the median count. Where the
//! system tells it, what counts is the processor's time, so that others at work change little.
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::time::Instant;

use oratory_brains::tagger::Tagger;

static WEIGHTS: &[u8] = include_bytes!("../../../brains/tagger.bin");
const ROUNDS: usize = 9;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let started = Instant::now();
    let tagger = Tagger::open(WEIGHTS)?;
    println!("opened and verified in {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    println!("{} bytes", WEIGHTS.len());
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path)?;
        let mut times: Vec<f64> = (0..ROUNDS).map(|_| timed(&tagger, &text)).collect();
        times.sort_by(f64::total_cmp);
        let rate = |seconds: f64| text.len() as f64 / seconds / 1e6;
        println!(
            "{path}: {:.1} MB, {:.1} MB/s at best, {:.1} MB/s in the middle",
            text.len() as f64 / 1e6,
            rate(times[0]),
            rate(times[ROUNDS / 2]),
        );
    }
    Ok(())
}

fn timed(tagger: &Tagger<'_>, text: &str) -> f64 {
    let (started, worked) = (Instant::now(), at_work());
    std::hint::black_box(tagger.find(text));
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
