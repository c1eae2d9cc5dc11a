//! Packs a piece of a matrix into panels: a few rows side by side, cell after cell along them.
//!
//! The tile's inner loop then reads memory in one straight line.

use std::ops::Range;

use super::View;
use super::kernel::Grain;

/// Fills `out` with panels of `WIDE` rows each; what is missing at the edges is zero.
pub(super) fn panels<G: Grain, const WIDE: usize>(
    view: View<'_>,
    rows: Range<usize>,
    depth: Range<usize>,
    out: &mut Vec<G::Cell>,
) {
    let cells = depth.len().div_ceil(G::DEEP);
    // What lies there from before is written over; only where rows are missing it has to go.
    out.resize(rows.len().div_ceil(WIDE) * cells * WIDE, G::Cell::default());
    for (first, panel) in rows.clone().step_by(WIDE).zip(out.chunks_exact_mut(cells * WIDE)) {
        let height = WIDE.min(rows.end - first);
        if height < WIDE {
            panel.fill(G::Cell::default());
        }
        match view.column_step {
            1 => along::<G, WIDE>(view, first..first + height, depth.clone(), panel),
            _ => across::<G, WIDE>(view, first..first + height, depth.clone(), panel),
        }
    }
}

/// Packs rows that lie in memory one number after the other.
fn along<G: Grain, const WIDE: usize>(
    view: View<'_>,
    rows: Range<usize>,
    depth: Range<usize>,
    panel: &mut [G::Cell],
) {
    // Four rows at a time: each visit to a slot then fills a quarter of a cache line or more.
    let mut cells = [[G::Cell::default(); super::DEPTH]; 4];
    for first in (0..rows.len()).step_by(4) {
        let some = first..rows.len().min(first + 4);
        let mut count = 0;
        for (place, cells) in some.clone().zip(&mut cells) {
            let start = (rows.start + place) * view.row_step;
            count = G::cells(&view.data[start + depth.start..start + depth.end], cells);
        }
        let slots = panel.as_chunks_mut::<WIDE>().0.iter_mut().take(count).enumerate();
        for (at, slots) in slots {
            let slots = slots[first..].iter_mut().take(some.len());
            slots.zip(&cells).for_each(|(slot, cells)| *slot = cells[at]);
        }
    }
}

/// Packs rows whose neighbours lie side by side in memory: a transposed matrix.
fn across<G: Grain, const WIDE: usize>(
    view: View<'_>,
    rows: Range<usize>,
    depth: Range<usize>,
    panel: &mut [G::Cell],
) {
    assert_eq!(view.row_step, 1, "one of the steps of a view is 1");
    let line = |at: usize| &view.data[at * view.column_step + rows.start..][..rows.len()];
    for (slots, at) in
        panel.as_chunks_mut::<WIDE>().0.iter_mut().zip(depth.clone().step_by(G::DEEP))
    {
        let low = line(at);
        if G::DEEP == 1 || at + 1 == depth.end {
            slots.iter_mut().zip(low).for_each(|(slot, low)| *slot = G::cell(*low, 0.0));
        } else {
            let pairs = low.iter().zip(line(at + 1));
            slots
                .iter_mut()
                .zip(pairs)
                .for_each(|(slot, (low, high))| *slot = G::cell(*low, *high));
        }
    }
}
