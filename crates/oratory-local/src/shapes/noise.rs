//! Random weights of any tensor type, made a megabyte at a time.
//!
//! Blocks get random numbers and a scale that gives them the wanted spread; nothing is quantised.

use std::io::{self, Write};

use crate::gguf::{Fill, Kind};

/// Bytes made in one go.
const CHUNK: u64 = 1 << 20;
/// How much smaller the numbers of quiet rows are.
const QUIET: f32 = 8.0;

/// The numbers of one tensor.
#[derive(Clone, Debug)]
pub(super) struct Noise {
    pub(super) kind: Kind,
    pub(super) rows: u64,
    /// Numbers in a row.
    pub(super) row: u64,
    /// How far numbers are from their mean, typically.
    pub(super) spread: f32,
    /// Their mean; for 32-bit floats only.
    pub(super) mean: f32,
    /// Rows at the beginning that are quieter.
    pub(super) quiet: u64,
    pub(super) seed: u64,
}

impl Fill for Noise {
    fn fill(&self, out: &mut dyn Write) -> io::Result<()> {
        let row = self.kind.bytes(self.row);
        let mut random = Random(self.seed);
        let mut left = [(self.quiet, self.spread / QUIET), (self.rows - self.quiet, self.spread)];
        for (rows, spread) in &mut left {
            while *rows > 0 {
                let now = (CHUNK / row).clamp(1, *rows);
                let mut bytes = vec![0; (now * row) as usize];
                random.fill(&mut bytes);
                self.shape(&mut bytes, *spread);
                out.write_all(&bytes)?;
                *rows -= now;
            }
        }
        Ok(())
    }
}

impl Noise {
    /// Turns random bytes into blocks whose numbers have this spread.
    fn shape(&self, bytes: &mut [u8], spread: f32) {
        let size = self.kind.block_bytes() as usize;
        let blocks = bytes.chunks_exact_mut(size);
        match self.kind {
            Kind::F32 => blocks.for_each(|block| float(block, self.mean, spread)),
            Kind::F16 => halves(blocks, spread),
            // The divisors are how far the integers of each type are from their mean.
            Kind::Q4_0 => head(blocks, &half(spread / 4.6)),
            Kind::Q5_0 => head(blocks, &half(spread / 9.2)),
            Kind::Q5_1 => head(blocks, &pair(spread / 9.2, -15.5 * spread / 9.2)),
            Kind::Q8_0 => head(blocks, &half(spread / 73.9)),
            Kind::Q4K => head(blocks, &scaled(spread / 4.6, 7.5)),
            Kind::Q5K => head(blocks, &scaled(spread / 9.2, 15.5)),
            Kind::Q6K => tail(blocks, spread / 18.5),
            Kind::Mxfp4 => head(blocks, &[exponent(spread / 5.85)]),
        }
    }
}

/// Makes a uniform float of four random bytes.
fn float(block: &mut [u8], mean: f32, spread: f32) {
    let bits = u32::from_le_bytes(block.try_into().expect("a float has four bytes"));
    let unit = (bits >> 8) as f32 / (1 << 23) as f32 - 1.0;
    block.copy_from_slice(&(mean + unit * spread * 3.0_f32.sqrt()).to_le_bytes());
}

/// Keeps random signs and digits of 16-bit floats, and gives all the same exponent.
fn halves<'a>(blocks: impl Iterator<Item = &'a mut [u8]>, spread: f32) {
    let exponent = ((spread / 1.5).log2().round() as i32 + 15).clamp(1, 29) as u16;
    for block in blocks {
        let bits = u16::from_le_bytes([block[0], block[1]]);
        block.copy_from_slice(&(bits & 0x83ff | exponent << 10).to_le_bytes());
    }
}

fn head<'a>(blocks: impl Iterator<Item = &'a mut [u8]>, start: &[u8]) {
    blocks.for_each(|block| block[..start.len()].copy_from_slice(start));
}

/// Puts scales at the end of a Q6_K block, where that type has them.
fn tail<'a>(blocks: impl Iterator<Item = &'a mut [u8]>, step: f32) {
    let scale = half(step / 4.0);
    for block in blocks {
        block[192..208].fill(4);
        block[208..].copy_from_slice(&scale);
    }
}

/// Returns the head of a Q4_K or Q5_K block: two factors, then eight scales of 8 and as many
/// least values of 8, six bits each.
fn scaled(step: f32, middle: f32) -> [u8; 16] {
    let mut head = [8; 16];
    head[..4].copy_from_slice(&pair(step / 8.0, middle * step / 8.0));
    head[12..].fill(0x88);
    head
}

fn pair(first: f32, second: f32) -> [u8; 4] {
    let (first, second) = (half(first), half(second));
    [first[0], first[1], second[0], second[1]]
}

/// Returns the exponent of an MXFP4 block, whose numbers are doubled.
fn exponent(step: f32) -> u8 {
    (step.log2().round() as i32 + 128).clamp(1, 254) as u8
}

/// Returns a number as a 16-bit float, cut rather than rounded.
fn half(number: f32) -> [u8; 2] {
    let bits = number.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    let exponent = (bits >> 23 & 0xff) as i32 - 127 + 15;
    let digits = bits & 0x7f_ffff | 0x80_0000;
    let rest = match exponent {
        ..-10 => 0,
        // Small numbers have no leading one to leave out.
        -10..=0 => (digits >> (14 - exponent)) as u16,
        1..=30 => (exponent as u16) << 10 | (digits >> 13 & 0x3ff) as u16,
        _ => 0x7bff,
    };
    (sign | rest).to_le_bytes()
}

/// Splitmix64: eight good bytes a nanosecond, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        let mut chunks = bytes.chunks_exact_mut(8);
        for chunk in &mut chunks {
            chunk.copy_from_slice(&self.next().to_le_bytes());
        }
        let last = self.next().to_le_bytes();
        let rest = chunks.into_remainder();
        let length = rest.len();
        rest.copy_from_slice(&last[..length]);
    }
}

/// Returns a number that stands for `text`.
pub(super) fn seed(start: u64, text: &str) -> u64 {
    text.bytes().fold(start ^ 0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}
