//! Changes inputs: bytes, pieces of their own and of others, and words of the target.
//!
//! From a seed, so that what was found is found again.

/// Draws numbers from a seed.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Returns a number below `end`, which is not zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}

/// Returns one of the pool, changed in a few places, and no longer than `longest`.
pub(crate) fn changed(
    draw: &mut Draw,
    pool: &[Vec<u8>],
    words: &[&str],
    longest: usize,
) -> Vec<u8> {
    let mut input = pool[draw.below(pool.len())].clone();
    for _ in 0..1 + draw.below(5) {
        change(draw, &mut input, pool, words);
        input.truncate(longest);
    }
    input
}

fn change(draw: &mut Draw, input: &mut Vec<u8>, pool: &[Vec<u8>], words: &[&str]) {
    let at = draw.below(input.len() + 1);
    match draw.below(8) {
        0 if at < input.len() => input[at] ^= 1 << draw.below(8),
        1 if at < input.len() => input[at] = draw.below(256) as u8,
        2 => {
            let end = (at + 1 + draw.below(16)).min(input.len());
            input.drain(at..end);
        }
        3 => {
            // The control characters stand for whole values.
            let byte = if draw.below(2) == 0 { draw.below(256) } else { 0x0e + draw.below(18) };
            input.insert(at, byte as u8);
        }
        4 => {
            let piece = piece(draw, input);
            let most = if draw.below(16) == 0 { 200 } else { 3 };
            let times = 1 + draw.below(most);
            input.splice(at..at, piece.repeat(times));
        }
        5 => {
            let other = &pool[draw.below(pool.len())];
            let piece = piece(draw, other);
            input.splice(at..at, piece);
        }
        _ => {
            let word = words[draw.below(words.len())];
            input.splice(at..at, word.bytes());
        }
    }
}

/// Returns a piece of an input, short as a rule.
fn piece(draw: &mut Draw, input: &[u8]) -> Vec<u8> {
    let start = draw.below(input.len() + 1);
    let most = if draw.below(3) == 0 { input.len() } else { 12 };
    let end = (start + draw.below(most + 1)).min(input.len());
    input[start..end].to_vec()
}
