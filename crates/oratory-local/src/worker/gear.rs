//! Chooses how many threads compute, by how fast they turn out to be.
//!
//! Threads of one computation wait for each other by spinning, hundreds of times per token. On
//! a quiet machine that is the fastest way; when something else wants the cores, one thread
//! that is put aside makes all others wait, and fewer threads are many times faster. So when
//! steps become slow, a lower gear is tried, and while in it the higher one now and then.

/// A step this many times slower than steps of its kind have been is slow.
const SLOW: f32 = 1.7;
/// Slow steps in a row before another gear is tried.
const PATIENCE: u32 = 6;
/// Steps that are measured after a change.
const TRIAL: u32 = 3;
/// Steps in a lower gear before the higher is tried again.
const LOOK_UP: u32 = 48;
/// Steps before the next gear is looked at for the first time.
const FIRST_LOOK: u32 = 12;
/// Larger steps are not tried out: one of them takes as long as a hundred small ones.
const SMALL: usize = 16;
/// Kinds of steps told apart: powers of two of their tokens.
const KINDS: usize = 6;

/// How many threads compute now, and how that goes.
pub(super) struct Gear {
    threads: Vec<usize>,
    /// The gear in use; 0 has all threads.
    now: usize,
    /// The fastest steps of each kind have taken this long, in microseconds.
    best: [f32; KINDS],
    /// How much slower than the best the last steps were, in each gear.
    slowness: Vec<f32>,
    tried: Vec<bool>,
    slow: u32,
    /// Steps of the trial under way that are left, and the gear it began from.
    trial: Option<(u32, usize)>,
    since: u32,
}

impl Gear {
    pub(super) fn new(threads: usize) -> Self {
        let halves = std::iter::successors(Some(threads.max(1)), |n| (*n > 1).then_some(n / 2));
        let threads: Vec<usize> = halves.collect();
        Self {
            slowness: vec![1.0; threads.len()],
            tried: vec![false; threads.len()],
            threads,
            now: 0,
            best: [0.0; KINDS],
            slow: 0,
            trial: None,
            since: 0,
        }
    }

    /// Returns how many threads to compute with.
    pub(super) fn threads(&self) -> usize {
        self.threads[self.now]
    }

    /// Notes how long a step took. Returns whether the gear was changed.
    pub(super) fn note(&mut self, tokens: usize, micros: f32) -> bool {
        if self.threads.len() == 1 || !(1..=SMALL).contains(&tokens) {
            return false;
        }
        let before = self.now;
        let ratio = self.ratio(tokens, micros);
        match &mut self.trial {
            Some((left, from)) => {
                let from = *from;
                // The first step after a change pays for the change.
                if *left < TRIAL {
                    self.slowness[self.now] =
                        if *left == TRIAL - 1 { ratio } else { self.slowness[self.now].min(ratio) };
                }
                *left -= 1;
                if *left == 0 {
                    self.trial = None;
                    self.since = 0;
                    if self.slowness[from] <= self.slowness[self.now] {
                        self.now = from;
                        // It was not the threads: this is how long steps take now.
                        self.best = [0.0; KINDS];
                        self.slowness[from] = 1.0;
                    }
                }
            }
            None => self.drive(ratio),
        }
        self.now != before
    }

    fn drive(&mut self, ratio: f32) {
        let known = &mut self.slowness[self.now];
        *known += (ratio - *known) * 0.25;
        self.since += 1;
        self.slow = if ratio > SLOW { self.slow + 1 } else { 0 };
        let there_is_a_lower = self.now + 1 < self.threads.len();
        // Nobody knows what is slow on a machine that has been busy from the start.
        let lowest = self.threads.len() - 1;
        let unknown = there_is_a_lower && !self.tried[lowest] && self.since >= FIRST_LOOK;
        let lower = there_is_a_lower && self.slow >= PATIENCE || unknown;
        let higher = self.now > 0 && self.since >= LOOK_UP;
        let to = match (lower, higher) {
            (_, true) => self.now - 1,
            // Two threads wait for each other as four do, so the other end is tried first.
            (true, _) => lowest,
            _ => return,
        };
        self.trial = Some((TRIAL, self.now));
        self.tried[to] = true;
        self.now = to;
        self.slow = 0;
    }

    /// Returns how many times longer a step took than the best of its kind.
    fn ratio(&mut self, tokens: usize, micros: f32) -> f32 {
        let kind = (usize::BITS - tokens.leading_zeros()) as usize;
        let best = &mut self.best[kind.min(KINDS - 1)];
        let each = micros / tokens as f32;
        if *best == 0.0 || each < *best {
            *best = each;
        } else {
            // Deeper conversations take longer, which is nobody's fault.
            *best *= 1.002;
        }
        each / *best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs steps that take what `cost` says for a number of threads; returns the last gear.
    fn drive(gear: &mut Gear, steps: u32, cost: impl Fn(usize) -> f32) -> usize {
        for _ in 0..steps {
            let micros = cost(gear.threads());
            gear.note(1, micros);
        }
        gear.threads()
    }

    #[test]
    fn a_quiet_machine_keeps_all_threads() {
        let mut gear = Gear::new(8);
        assert_eq!(drive(&mut gear, 500, |threads| 8000.0 / threads as f32), 8);
    }

    #[test]
    fn a_busy_machine_gets_fewer_and_a_quiet_one_all_again() {
        let mut gear = Gear::new(4);
        drive(&mut gear, 50, |threads| 8000.0 / threads as f32);
        let busy = |threads: usize| if threads > 1 { 60_000.0 } else { 12_000.0 };
        drive(&mut gear, 60, busy);
        let fewest = (0..100).filter(|_| drive(&mut gear, 1, busy) == 1).count();
        assert!(fewest > 80, "{fewest} of 100 steps in the gear that is fastest");
        assert_eq!(drive(&mut gear, 400, |threads| 8000.0 / threads as f32), 4);
    }

    #[test]
    fn a_deep_conversation_is_tried_out_once_and_not_again() {
        let mut gear = Gear::new(2);
        drive(&mut gear, 100, |threads| 40_000.0 / threads as f32);
        let fewer =
            (0..300).filter(|_| drive(&mut gear, 1, |threads| 100_000.0 / threads as f32) == 1);
        let fewer = fewer.count();
        assert!(fewer <= 2 * TRIAL as usize, "{fewer} of 300 steps in the slower gear");
    }

    #[test]
    fn a_growing_conversation_is_not_taken_for_a_busy_machine() {
        let mut gear = Gear::new(2);
        for depth in 0..4000 {
            let micros = 20_000.0 + 10.0 * depth as f32;
            gear.note(1, micros * 2.0 / gear.threads() as f32);
        }
        assert_eq!(gear.threads(), 2);
    }
}
