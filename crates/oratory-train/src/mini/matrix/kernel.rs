//! Computes one tile of a product in registers: in 32-bit floats anywhere, in 16-bit ones where
//! the processor multiplies pairs of them.
//!
//! The one place in this crate with `unsafe`: instructions the compiler does not choose itself.
#![allow(unsafe_code, reason = "the processor's own instructions for 16-bit floats")]

use std::fmt::Debug;

/// Rows of a tile.
pub(super) const ROWS: usize = 12;
/// Columns of a tile: with these rows it fills the 32 wide registers there are.
pub(super) const COLUMNS: usize = 32;

/// The sums of one tile.
pub(super) type Tile = [[f32; COLUMNS]; ROWS];

/// How exactly the factors of a product are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Exactness {
    /// As they are.
    #[default]
    Full,
    /// Rounded to the 16 upper bits.
    Half,
}

impl Exactness {
    /// Returns what this machine can do of it.
    pub(super) fn possible(self) -> Self {
        if half_is_possible() { self } else { Self::Full }
    }
}

#[cfg(target_arch = "x86_64")]
fn half_is_possible() -> bool {
    std::is_x86_feature_detected!("avx512f") && std::is_x86_feature_detected!("avx512bf16")
}

#[cfg(not(target_arch = "x86_64"))]
fn half_is_possible() -> bool {
    false
}

/// How numbers are packed, and the tile that multiplies them.
pub(super) trait Grain {
    /// What stands for neighbours along the inner length.
    type Cell: Copy + Default + Debug;
    /// How many numbers a cell holds.
    const DEEP: usize;

    /// Returns the cell of one number, or of two.
    fn cell(low: f32, high: f32) -> Self::Cell;

    /// Turns neighbours into cells and returns how many.
    fn cells(numbers: &[f32], out: &mut [Self::Cell]) -> usize;

    /// Replaces the tile by the product of two panels.
    fn tile(left: &[Self::Cell], right: &[Self::Cell], tile: &mut Tile);
}

/// 32-bit floats.
#[derive(Debug)]
pub(super) struct Full;

impl Grain for Full {
    type Cell = f32;
    const DEEP: usize = 1;

    fn cell(low: f32, _: f32) -> f32 {
        low
    }

    fn cells(numbers: &[f32], out: &mut [f32]) -> usize {
        out[..numbers.len()].copy_from_slice(numbers);
        numbers.len()
    }

    fn tile(left: &[f32], right: &[f32], tile: &mut Tile) {
        let mut sums = [[0.0_f32; COLUMNS]; ROWS];
        let left = left.as_chunks::<ROWS>().0;
        for (left, right) in left.iter().zip(right.as_chunks::<COLUMNS>().0) {
            for row in 0..ROWS {
                for column in 0..COLUMNS {
                    sums[row][column] = fused(left[row], right[column], sums[row][column]);
                }
            }
        }
        *tile = sums;
    }
}

/// Returns `left * right + sum`, in one step only where that is an instruction and not a call.
pub(crate) fn fused(left: f32, right: f32, sum: f32) -> f32 {
    if cfg!(target_feature = "fma") { left.mul_add(right, sum) } else { left * right + sum }
}

/// Pairs of 16-bit floats.
#[derive(Debug)]
pub(super) struct Half;

impl Grain for Half {
    type Cell = u32;
    const DEEP: usize = 2;

    fn cell(low: f32, high: f32) -> u32 {
        rounded(low) >> 16 | rounded(high) & 0xffff_0000
    }

    fn cells(numbers: &[f32], out: &mut [u32]) -> usize {
        let count = numbers.len().div_ceil(2);
        let done = rounded_many(numbers, &mut out[..count]);
        let (pairs, last) = numbers[done..].as_chunks::<2>();
        let rest = &mut out[done / 2..count];
        rest.iter_mut().zip(pairs).for_each(|(out, [low, high])| *out = Self::cell(*low, *high));
        if let [last] = last {
            out[count - 1] = Self::cell(*last, 0.0);
        }
        count
    }

    #[cfg(target_arch = "x86_64")]
    fn tile(left: &[u32], right: &[u32], tile: &mut Tile) {
        // SAFETY: a multiplier works in halves only where both features were found.
        unsafe { half_tile(left, right, tile) }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn tile(_: &[u32], _: &[u32], _: &mut Tile) {
        unreachable!("a multiplier works in halves only where the machine can");
    }
}

/// Rounds to the nearest number whose lower 16 bits are zero, ties to even.
fn rounded(number: f32) -> u32 {
    let bits = number.to_bits();
    bits.wrapping_add(0x7fff + (bits >> 16 & 1))
}

/// Turns as many numbers into pairs as the processor's own rounding takes at a time, in whole
/// blocks of 32; returns how many.
#[cfg(target_arch = "x86_64")]
fn rounded_many(numbers: &[f32], out: &mut [u32]) -> usize {
    use std::arch::x86_64::{__m512i, _mm512_cvtne2ps_pbh, _mm512_loadu_ps, _mm512_storeu_si512};

    #[target_feature(enable = "avx512f,avx512bf16")]
    fn blocks(numbers: &[[f32; 32]], out: &mut [[u32; 16]]) {
        for (numbers, out) in numbers.iter().zip(out) {
            // SAFETY: two loads read the 32 floats, the store writes the 16 pairs; the cast is
            // between types of 64 bytes.
            unsafe {
                let low = _mm512_loadu_ps(numbers.as_ptr());
                let high = _mm512_loadu_ps(numbers.as_ptr().add(16));
                let pairs: __m512i = std::mem::transmute(_mm512_cvtne2ps_pbh(high, low));
                _mm512_storeu_si512(out.as_mut_ptr().cast(), pairs);
            }
        }
    }

    let numbers = numbers.as_chunks::<32>().0;
    // SAFETY: a multiplier works in halves only where both features were found.
    unsafe { blocks(numbers, out.as_chunks_mut::<16>().0) };
    numbers.len() * 32
}

#[cfg(not(target_arch = "x86_64"))]
fn rounded_many(_: &[f32], _: &mut [u32]) -> usize {
    0
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bf16")]
fn half_tile(left: &[u32], right: &[u32], tile: &mut Tile) {
    use std::arch::x86_64::{
        __m512bh, __m512i, _mm512_dpbf16_ps, _mm512_loadu_si512, _mm512_set1_epi32,
        _mm512_setzero_ps, _mm512_storeu_ps,
    };

    fn halves(cells: __m512i) -> __m512bh {
        // SAFETY: both types are 64 bytes without any meaning that could be wrong.
        unsafe { std::mem::transmute(cells) }
    }

    let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
    for (left, right) in left.as_chunks::<ROWS>().0.iter().zip(right.as_chunks::<COLUMNS>().0) {
        // SAFETY: each load reads 16 of the 32 cells of this chunk.
        let (near, far) = unsafe {
            (
                _mm512_loadu_si512(right.as_ptr().cast()),
                _mm512_loadu_si512(right.as_ptr().add(16).cast()),
            )
        };
        for (sums, cell) in sums.iter_mut().zip(left) {
            let cell = halves(_mm512_set1_epi32(cell.cast_signed()));
            sums[0] = _mm512_dpbf16_ps(sums[0], cell, halves(near));
            sums[1] = _mm512_dpbf16_ps(sums[1], cell, halves(far));
        }
    }
    for (out, sums) in tile.iter_mut().zip(sums) {
        // SAFETY: each store writes 16 of the 32 floats of this row.
        unsafe {
            _mm512_storeu_ps(out.as_mut_ptr(), sums[0]);
            _mm512_storeu_ps(out.as_mut_ptr().add(16), sums[1]);
        }
    }
}
