//! Multiplies matrices of floats as fast as one core can, which is nearly all that training does.
//!
//! Both factors are cut into panels that fit the caches, then a small tile is kept in registers.
//! Where the processor can, factors are rounded to 16 bits (sums stay 32 bits wide): twice as fast.

mod kernel;
mod pack;
#[cfg(test)]
mod tests;

pub(crate) use self::kernel::Exactness;
use self::kernel::{COLUMNS, Full, Grain, Half, ROWS, Tile};

/// A matrix seen in a slice; either step may be the short one, so a transpose costs nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) row_step: usize,
    pub(crate) column_step: usize,
}

impl<'a> View<'a> {
    /// Returns a whole slice as rows of this many columns.
    pub(crate) fn of(data: &'a [f32], columns: usize) -> Self {
        Self { data, rows: data.len() / columns, columns, row_step: columns, column_step: 1 }
    }

    /// Returns the matrix with rows and columns exchanged.
    pub(crate) fn turned(self) -> Self {
        Self {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
            row_step: self.column_step,
            column_step: self.row_step,
        }
    }
}

/// What a product does to what lies at its place already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Onto {
    /// It replaces it.
    Replace,
    /// It is added to it.
    Add,
}

/// Where a product goes: rows that begin `row_step` apart.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) data: &'a mut [f32],
    pub(crate) row_step: usize,
    pub(crate) onto: Onto,
}

/// The inner length that is worked on at a time: a panel of it fits the nearest cache.
const DEPTH: usize = 512;
/// The rows that are packed at a time: they fit the second cache.
const BAND: usize = 20 * ROWS;

/// Multiplies, keeping its packed panels for the next time.
#[derive(Debug, Default)]
pub(crate) struct Multiplier {
    exactness: Exactness,
    full: Panels<Full>,
    half: Panels<Half>,
}

#[derive(Debug)]
struct Panels<G: Grain> {
    left: Vec<G::Cell>,
    right: Vec<G::Cell>,
}

impl<G: Grain> Default for Panels<G> {
    fn default() -> Self {
        Self { left: Vec::new(), right: Vec::new() }
    }
}

impl Multiplier {
    /// Returns one that rounds factors to 16 bits if that is asked for and the machine can.
    pub(crate) fn new(exactness: Exactness) -> Self {
        Self { exactness: exactness.possible(), ..Self::default() }
    }

    /// Puts `left` times `right` to its target, rounding factors as this multiplier does.
    pub(crate) fn multiply(&mut self, left: View<'_>, right: View<'_>, target: Target<'_>) {
        match self.exactness {
            Exactness::Full => product(&mut self.full, left, right, target),
            Exactness::Half => product(&mut self.half, left, right, target),
        }
    }

    /// Puts `left` times `right` to its target without rounding factors.
    pub(crate) fn exactly(&mut self, left: View<'_>, right: View<'_>, target: Target<'_>) {
        product(&mut self.full, left, right, target);
    }
}

fn product<G: Grain>(panels: &mut Panels<G>, left: View<'_>, right: View<'_>, target: Target<'_>) {
    assert_eq!(left.columns, right.rows, "the inner lengths of a product are equal");
    let Target { data, row_step, onto } = target;
    for from in (0..left.columns).step_by(DEPTH) {
        let depth = DEPTH.min(left.columns - from);
        let onto = if from == 0 { onto } else { Onto::Add };
        pack::panels::<G, COLUMNS>(
            right.turned(),
            0..right.columns,
            from..from + depth,
            &mut panels.right,
        );
        for band in (0..left.rows).step_by(BAND) {
            let rows = band..left.rows.min(band + BAND);
            pack::panels::<G, ROWS>(left, rows.clone(), from..from + depth, &mut panels.left);
            let out = &mut data[band * row_step..];
            tiles(
                panels,
                depth.div_ceil(G::DEEP),
                (rows.len(), right.columns),
                out,
                row_step,
                onto,
            );
        }
    }
}

/// Computes every tile of a band of rows from the packed panels.
fn tiles<G: Grain>(
    panels: &Panels<G>,
    depth: usize,
    (rows, columns): (usize, usize),
    out: &mut [f32],
    row_step: usize,
    onto: Onto,
) {
    let mut tile = [[0.0; COLUMNS]; ROWS];
    for (column, right) in
        (0..columns).step_by(COLUMNS).zip(panels.right.chunks_exact(depth * COLUMNS))
    {
        let width = COLUMNS.min(columns - column);
        for (row, left) in (0..rows).step_by(ROWS).zip(panels.left.chunks_exact(depth * ROWS)) {
            G::tile(left, right, &mut tile);
            let height = ROWS.min(rows - row);
            put(&tile[..height], width, &mut out[row * row_step + column..], row_step, onto);
        }
    }
}

fn put(tile: &[[f32; COLUMNS]], width: usize, out: &mut [f32], row_step: usize, onto: Onto) {
    for (row, sums) in tile.iter().enumerate() {
        let out = &mut out[row * row_step..row * row_step + width];
        // Nearly every tile is whole, and a fixed length needs no calls.
        match (onto, <&mut [f32; COLUMNS]>::try_from(&mut *out).ok()) {
            (Onto::Replace, Some(out)) => *out = *sums,
            (Onto::Replace, None) => out.copy_from_slice(&sums[..width]),
            (Onto::Add, Some(out)) => add(out, sums),
            (Onto::Add, None) => add(out, sums),
        }
    }
}

#[inline]
fn add(out: &mut [f32], sums: &[f32]) {
    out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
}

const _: () = assert!(size_of::<Tile>() == ROWS * COLUMNS * 4);
