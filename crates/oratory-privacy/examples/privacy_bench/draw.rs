//! Draws numbers, letters and choices from a seed; equal seeds draw the same.
//!
//! Good enough for making documents, for nothing else.

pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }

    pub(crate) fn one<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    pub(crate) fn signs(&mut self, alphabet: &str, count: usize) -> String {
        (0..count).map(|_| alphabet.as_bytes()[self.below(alphabet.len())] as char).collect()
    }

    pub(crate) fn digits(&mut self, count: usize) -> String {
        self.signs("0123456789", count)
    }

    pub(crate) fn capitals(&mut self, count: usize) -> String {
        self.signs("ABCDEFGHJKLMNPRSTUVWXYZ", count)
    }

    pub(crate) fn mixed(&mut self, count: usize) -> String {
        self.signs("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", count)
    }

    /// Fills in a mask: `#` is a digit, `N` one from 2 to 9, `A` a capital.
    pub(crate) fn mask(&mut self, mask: &str) -> String {
        let mut text = String::new();
        for sign in mask.chars() {
            match sign {
                '#' => text.push_str(&self.digits(1)),
                'N' => text.push_str(&self.signs("23456789", 1)),
                'A' => text.push_str(&self.capitals(1)),
                other => text.push(other),
            }
        }
        text
    }
}
