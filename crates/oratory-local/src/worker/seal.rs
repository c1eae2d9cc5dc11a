//! Files that only this machine can read, and that nobody can change unnoticed.
//!
//! AES-256-GCM over blocks of a mebibyte. Each block's number, whether it is the last, and what
//! the file belongs to are sealed in, so that blocks cannot be moved, dropped or lent.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 8] = b"ORASTAT1";
const BLOCK: usize = 1 << 20;
/// The head holds the tokens of a conversation; more than this is no conversation.
const MOST_HEAD: usize = 64 << 20;
const TAG: usize = 16;

/// Seals and opens files.
pub(super) struct Seal {
    key: LessSafeKey,
    belongs: [u8; 32],
}

impl Seal {
    pub(super) fn new(key: &[u8; 32], belongs: [u8; 32]) -> Option<Self> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
        Some(Self { key, belongs })
    }

    /// Returns a file name that tells nothing to whoever has no key.
    pub(super) fn name(&self, head: &[u8]) -> String {
        let digest = Sha256::new().chain_update(self.belongs).chain_update(head).finalize();
        digest[..12].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Writes a file: the head in a block of its own, then the parts.
    pub(super) fn write(&self, path: &Path, head: &[u8], parts: &[&[u8]]) -> io::Result<()> {
        let mut salt = [0; 8];
        SystemRandom::new().fill(&mut salt).map_err(|_| io::Error::other("no random numbers"))?;
        let mut out = BufWriter::with_capacity(BLOCK, private_file(path)?);
        out.write_all(MAGIC)?;
        out.write_all(&salt)?;
        out.write_all(&(head.len() as u32).to_le_bytes())?;
        let mut blocks = Blocks { seal: self, salt, number: 0 };
        blocks.write(&mut out, head, false)?;
        let total: usize = parts.iter().map(|part| part.len()).sum();
        let mut left = total;
        let mut block = Vec::with_capacity(BLOCK + TAG);
        for part in parts {
            let mut rest = *part;
            while !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(BLOCK - block.len()));
                block.extend_from_slice(now);
                rest = later;
                left -= now.len();
                if block.len() == BLOCK || left == 0 {
                    blocks.write(&mut out, &block, left == 0)?;
                    block.clear();
                }
            }
        }
        out.flush()
    }

    /// Returns the head of a file.
    pub(super) fn open_first(&self, path: &Path) -> Option<Vec<u8>> {
        let (mut file, salt, length) = self.begin(path)?;
        let mut head = vec![0; length + TAG];
        file.read_exact(&mut head).ok()?;
        Blocks { seal: self, salt, number: 0 }.open(head, false)
    }

    /// Returns the head of a file and all that follows.
    pub(super) fn open(&self, path: &Path) -> Option<(Vec<u8>, Vec<u8>)> {
        let (mut file, salt, length) = self.begin(path)?;
        let mut blocks = Blocks { seal: self, salt, number: 0 };
        let mut head = vec![0; length + TAG];
        file.read_exact(&mut head).ok()?;
        let head = blocks.open(head, false)?;
        let mut left = file.metadata().ok()?.len().checked_sub((20 + length + TAG) as u64)?;
        let mut body = Vec::with_capacity(usize::try_from(left).ok()?);
        while left > 0 {
            let now = usize::try_from(left).ok()?.min(BLOCK + TAG);
            left -= now as u64;
            let mut block = vec![0; now];
            file.read_exact(&mut block).ok()?;
            body.extend_from_slice(&blocks.open(block, left == 0)?);
        }
        Some((head, body))
    }

    fn begin(&self, path: &Path) -> Option<(File, [u8; 8], usize)> {
        let mut file = File::open(path).ok()?;
        let mut first = [0; 20];
        file.read_exact(&mut first).ok()?;
        let (magic, rest) = first.split_first_chunk::<8>()?;
        let (salt, length) = rest.split_first_chunk::<8>()?;
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        (magic == MAGIC && length <= MOST_HEAD).then_some((file, *salt, length))
    }
}

/// The blocks of one file, in order.
struct Blocks<'a> {
    seal: &'a Seal,
    salt: [u8; 8],
    number: u32,
}

impl Blocks<'_> {
    fn write(&mut self, out: &mut impl Write, block: &[u8], last: bool) -> io::Result<()> {
        let (nonce, belongs) = self.next(last);
        let mut sealed = block.to_vec();
        let done = self.seal.key.seal_in_place_append_tag(nonce, Aad::from(belongs), &mut sealed);
        done.map_err(|_| io::Error::other("it cannot be sealed"))?;
        out.write_all(&sealed)
    }

    fn open(&mut self, mut block: Vec<u8>, last: bool) -> Option<Vec<u8>> {
        let (nonce, belongs) = self.next(last);
        let plain = self.seal.key.open_in_place(nonce, Aad::from(belongs), &mut block).ok()?;
        let length = plain.len();
        block.truncate(length);
        Some(block)
    }

    /// The salt is new for each file and the number for each block, so no nonce comes twice.
    fn next(&mut self, last: bool) -> (Nonce, [u8; 33]) {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&self.salt);
        nonce[8..].copy_from_slice(&self.number.to_le_bytes());
        self.number += 1;
        let mut belongs = [0; 33];
        belongs[..32].copy_from_slice(&self.seal.belongs);
        belongs[32] = u8::from(last);
        (Nonce::assume_unique_for_key(nonce), belongs)
    }
}

/// Creates a file that other users of the machine cannot read.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(key: u8, belongs: u8) -> Seal {
        Seal::new(&[key; 32], [belongs; 32]).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_whole_and_only_for_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.state");
        let body: Vec<u8> = (0..2_500_000_u32).map(|n| n as u8).collect();
        let (one, two) = body.split_at(700_001);
        seal(1, 1).write(&path, b"head", &[one, two]).unwrap();
        assert_eq!(seal(1, 1).open_first(&path).unwrap(), b"head");
        assert_eq!(seal(1, 1).open(&path).unwrap(), (b"head".to_vec(), body));
        assert!(seal(2, 1).open(&path).is_none(), "another key");
        assert!(seal(1, 2).open(&path).is_none(), "another model");
        let file = std::fs::read(&path).unwrap();
        assert!(!file.windows(4).any(|part| part == b"head"), "readable on disk");
    }

    #[test]
    fn any_change_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.state");
        seal(1, 1).write(&path, b"head", &[&vec![7; BLOCK * 2 + 5]]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let cut_after_a_block = whole.len() - 5 - TAG;
        for length in [0, 7, 19, 21, cut_after_a_block, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(seal(1, 1).open(&path).is_none(), "cut to {length}");
        }
        for at in [0, 9, 17, 22, 40, whole.len() / 2, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            assert!(seal(1, 1).open(&path).is_none(), "byte {at}");
        }
    }
}
