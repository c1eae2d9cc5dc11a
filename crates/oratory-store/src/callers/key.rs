//! A key: 256 random bits in letters, which cannot be printed by accident.
//!
//! Only its hash is kept. It is shown once, by whoever made it.

use std::fmt;
use std::io;

use oratory_contract::KEY_BEGINS;
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};

/// Letters of a key that may be shown.
const SHOWN: usize = KEY_BEGINS.len() + 4;
/// Lower case and digits, without those that look like others.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Letters of 5 bits that hold 256 bits.
const LENGTH: usize = 52;

/// A key of one caller.
pub struct CallerKey(String);

impl CallerKey {
    /// Returns a key that nobody has.
    pub(super) fn new() -> io::Result<Self> {
        let mut random = [0; LENGTH];
        let filled = SystemRandom::new().fill(&mut random);
        filled.map_err(|_| io::Error::other("the system gives no random numbers"))?;
        // 256 is a multiple of 32, so no letter is likelier than another.
        let letters = random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        Ok(Self(KEY_BEGINS.chars().chain(letters).collect()))
    }

    /// Returns the key in letters, for whoever it is made for and nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns how it begins, which tells it from others and opens nothing.
    pub(super) fn begins(&self) -> &str {
        &self.0[..SHOWN]
    }
}

impl fmt::Debug for CallerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
}

/// Returns what of a key is kept.
pub(super) fn hash(key: &[u8]) -> [u8; 32] {
    Sha256::digest(key).into()
}
