//! Reads little-endian values from a file whose size is known, and never past its end.
//!
//! It knows no GGUF fields; it only refuses to believe a length.

use std::hash::Hasher;
use std::io::{BufReader, Read, Seek, SeekFrom};

use super::Damage;

/// A file being read, and how much of it is left.
pub(super) struct Source<R> {
    inner: BufReader<R>,
    at: u64,
    size: u64,
}

impl<R: Read + Seek> Source<R> {
    pub(super) fn new(mut file: R) -> Result<Self, Damage> {
        let size = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self { inner: BufReader::with_capacity(64 * 1024, file), at: 0, size })
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn left(&self) -> u64 {
        self.size - self.at
    }

    fn bytes<const N: usize>(&mut self, what: &str) -> Result<[u8; N], Damage> {
        if self.left() < N as u64 {
            return Err(self.truncated(what));
        }
        let mut bytes = [0; N];
        self.inner.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(bytes)
    }

    pub(super) fn u8(&mut self, what: &str) -> Result<u8, Damage> {
        Ok(self.bytes::<1>(what)?[0])
    }

    pub(super) fn u16(&mut self, what: &str) -> Result<u16, Damage> {
        self.bytes(what).map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self, what: &str) -> Result<u32, Damage> {
        self.bytes(what).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, what: &str) -> Result<u64, Damage> {
        self.bytes(what).map(u64::from_le_bytes)
    }

    /// Steps over `count` bytes that the file must hold.
    pub(super) fn skip(&mut self, count: u64, what: &str) -> Result<(), Damage> {
        if self.left() < count {
            return Err(self.truncated(what));
        }
        let step = i64::try_from(count).map_err(|_| self.truncated(what))?;
        self.inner.seek_relative(step)?;
        self.at += count;
        Ok(())
    }

    /// Reads a string's length and believes it only if the file could hold it.
    pub(super) fn length(&mut self, what: &str) -> Result<u64, Damage> {
        let length = self.u64(what)?;
        if length > self.size {
            return Err(Damage::StringLength { what: what.into(), length, size: self.size });
        }
        if length > self.left() {
            return Err(self.truncated(what));
        }
        Ok(length)
    }

    /// Reads a string of at most `limit` bytes.
    pub(super) fn text(&mut self, what: &str, limit: u64) -> Result<String, Damage> {
        let length = self.length(what)?;
        if length > limit {
            return Err(Damage::StringLength { what: what.into(), length, size: self.size });
        }
        let mut bytes = vec![0; usize::try_from(length).expect("the limit fits memory")];
        self.inner.read_exact(&mut bytes)?;
        self.at += length;
        String::from_utf8(bytes).map_err(|_| Damage::NotText(what.into()))
    }

    /// Reads a string into a hash, however long it is.
    pub(super) fn text_into(&mut self, what: &str, hasher: &mut impl Hasher) -> Result<(), Damage> {
        let mut left = self.length(what)?;
        hasher.write_u64(left);
        let mut piece = [0; 256];
        while left > 0 {
            let count = left.min(piece.len() as u64) as usize;
            self.inner.read_exact(&mut piece[..count])?;
            hasher.write(&piece[..count]);
            (self.at, left) = (self.at + count as u64, left - count as u64);
        }
        Ok(())
    }

    /// Steps over a string.
    pub(super) fn skip_text(&mut self, what: &str) -> Result<(), Damage> {
        let length = self.length(what)?;
        self.skip(length, what)
    }

    fn truncated(&self, what: &str) -> Damage {
        Damage::TruncatedHeader { what: what.into(), size: self.size }
    }
}
