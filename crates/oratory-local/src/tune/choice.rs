//! Which ways to run a model are tried, and which of them wins.
//!
//! Pure. A way wins only if it was better in every turn, by more than a machine's moods explain.

use super::Use;
use crate::protocol::{Sample, Tuning};

/// What a way must gain before the usual one is left.
const WORTHWHILE: f32 = 1.04;
/// Turns in which a way must have been compared.
const LEAST_TURNS: usize = 2;

/// What a person has decided, which nothing here changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pinned {
    pub(crate) threads: bool,
    pub(crate) repack: bool,
    pub(crate) flash: bool,
}

/// The best way so far, and what it gains over the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Best {
    pub(super) way: Tuning,
    pub(super) reads: f32,
    pub(super) writes: f32,
    pub(super) gains: f32,
    pub(super) turns: u32,
}

/// Returns the ways that differ most: how weights and attention are laid out.
pub(super) fn broad(start: Tuning, pinned: Pinned, _: usize) -> Vec<Tuning> {
    let mut ways = vec![start];
    let mut add = |way: Tuning| {
        if !ways.contains(&way) {
            ways.push(way);
        }
    };
    let other_order = Tuning { repack: !start.repack, ..start };
    let other = if start.flash == Some(false) { None } else { Some(false) };
    let other_attention = |way: Tuning| Tuning { flash: other, ..way };
    if !pinned.repack {
        add(other_order);
    }
    if !pinned.flash {
        add(other_attention(start));
    }
    if !pinned.repack && !pinned.flash {
        add(other_attention(other_order));
    }
    ways
}

/// Returns small changes to a way: threads, how they wait, how much is computed at once.
pub(super) fn fine(start: Tuning, pinned: Pinned, cores: usize) -> Vec<Tuning> {
    let mut ways = vec![start];
    if !pinned.threads {
        let threads = [cores, start.threads.saturating_sub(1), start.threads.div_ceil(2)];
        let new = threads.into_iter().filter(|&count| count > 0 && count != start.threads);
        ways.extend(new.map(|threads| Tuning { threads, ..start }));
    }
    if start.threads > 1 {
        ways.push(Tuning { spin: 0, ..start });
    }
    ways.push(Tuning { batch: start.batch / 2, ..start });
    let mut seen = Vec::new();
    ways.retain(|way| {
        !seen.contains(way) && {
            seen.push(*way);
            true
        }
    });
    ways
}

impl Best {
    pub(super) fn new(way: Tuning) -> Self {
        Self { way, reads: 1.0, writes: 1.0, gains: 1.0, turns: 0 }
    }

    /// Returns the best of `ways`, of which the first is the one so far.
    pub(super) fn against(self, ways: &[Tuning], turns: &[Vec<Sample>], usual: Use) -> Self {
        let compared = (1..ways.len()).filter_map(|way| gain(way, turns, usual));
        let turns = self.turns + u32::try_from(turns.len()).unwrap_or(u32::MAX);
        match compared.max_by(|a, b| a.whole.total_cmp(&b.whole)) {
            Some(won) => Self {
                way: ways[won.way],
                reads: self.reads * won.reads,
                writes: self.writes * won.writes,
                gains: self.gains * won.whole,
                turns,
            },
            None => Self { turns, ..self },
        }
    }
}

/// How many times as fast as the first way another is.
struct Gain {
    way: usize,
    reads: f32,
    writes: f32,
    whole: f32,
}

/// Returns what a way gains; `None` if that is too little or not sure.
fn gain(way: usize, turns: &[Vec<Sample>], usual: Use) -> Option<Gain> {
    let (mut reads, mut writes, mut wholes) = (Vec::new(), Vec::new(), Vec::new());
    let whole =
        |sample: &Sample| sample.read * usual.read as f32 + sample.write * usual.written as f32;
    for turn in turns {
        let of = |way: usize| turn.iter().find(|sample| sample.way as usize == way);
        let (Some(first), Some(other)) = (of(0), of(way)) else { continue };
        reads.push(first.read / other.read);
        writes.push(first.write / other.write);
        wholes.push(whole(first) / whole(other));
    }
    let sure = wholes.len() >= LEAST_TURNS && wholes.iter().all(|whole| *whole > 1.0);
    let whole = median(&mut wholes);
    (sure && whole >= WORTHWHILE).then(|| Gain {
        way,
        reads: median(&mut reads),
        writes: median(&mut writes),
        whole,
    })
}

/// Returns the middle of what was seen; of two middles the smaller.
fn median(seen: &mut [f32]) -> f32 {
    seen.sort_by(f32::total_cmp);
    seen.get(seen.len().saturating_sub(1) / 2).copied().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Tuning = Tuning {
        threads: 4,
        batch: 512,
        spin: 50,
        repack: true,
        flash: None,
        small_cells: false,
        lock: false,
        gpu_layers: -1,
    };

    fn turn(speeds: &[(f32, f32)]) -> Vec<Sample> {
        let sample = |(way, (read, write)): (usize, &(f32, f32))| Sample {
            way: way as u32,
            read: *read,
            write: *write,
        };
        speeds.iter().enumerate().map(sample).collect()
    }

    #[test]
    fn what_is_pinned_is_not_tried() {
        let all = Pinned { threads: true, repack: true, flash: true };
        assert_eq!(broad(START, all, 4), [START]);
        assert!(fine(START, all, 8).iter().all(|way| way.threads == 4));
        assert_eq!(broad(START, Pinned::default(), 4).len(), 4);
        let plain = Tuning { flash: Some(false), ..START };
        assert!(broad(plain, Pinned::default(), 4).contains(&START));
        assert!(fine(START, Pinned::default(), 8).iter().any(|way| way.threads == 8));
    }

    #[test]
    fn one_thread_on_one_core_has_little_to_try() {
        let one = Tuning { threads: 1, ..START };
        assert_eq!(fine(one, Pinned::default(), 1).len(), 2);
    }

    #[test]
    fn the_best_for_the_usual_request_wins() {
        let ways = broad(START, Pinned::default(), 4);
        // The second reads faster, the third writes faster.
        let turns = vec![turn(&[(10.0, 100.0), (7.0, 106.0), (10.0, 80.0)]); 3];
        let talks = Use { read: 10, written: 200, ..Use::default() };
        let best = Best::new(START).against(&ways, &turns, talks);
        assert_eq!(best.way, ways[2]);
        assert!((best.writes - 1.25).abs() < 0.01, "{best:?}");
        let reads = Use { read: 3000, written: 20, ..Use::default() };
        let best = Best::new(START).against(&ways, &turns, reads);
        assert_eq!(best.way, ways[1]);
        assert!(best.gains > 1.3 && best.writes < 1.0, "{best:?}");
    }

    #[test]
    fn a_moody_machine_changes_nothing() {
        let ways = broad(START, Pinned::default(), 4);
        let turns = [
            turn(&[(10.0, 100.0), (5.0, 50.0)]),
            turn(&[(10.0, 100.0), (12.0, 110.0)]),
            turn(&[(10.0, 100.0), (5.0, 50.0)]),
        ];
        assert_eq!(Best::new(START).against(&ways, &turns, Use::default()).way, START);
        assert_eq!(Best::new(START).against(&ways, &turns[..1], Use::default()).way, START);
        assert_eq!(Best::new(START).against(&ways, &[], Use::default()).way, START);
    }
}
