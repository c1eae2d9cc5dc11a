//! One drawer as a file: AES-256-GCM with a key of its own, bound to its name.
//!
//! A file is replaced whole, so that none is ever half of one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use oratory_contract::Drawer;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::VaultError;
use super::key::{self, Key};

/// The number is that of the format inside, which does not describe itself.
const MAGIC: &[u8; 8] = b"ORADRAW1";

fn sealing(key: &Key, name: &str) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, &key.sealing(name));
    LessSafeKey::new(key.expect("the key has the length AES-256 wants"))
}

/// Returns what is in a drawer.
pub(super) fn read(key: &Key, name: &str, path: &Path) -> Result<Drawer, VaultError> {
    let file = fs::read(path).map_err(|error| VaultError::reached(path, error))?;
    opened(key, name, file).ok_or_else(|| VaultError::Damaged { name: name.to_owned() })
}

fn opened(key: &Key, name: &str, mut file: Vec<u8>) -> Option<Drawer> {
    let rest = file.strip_prefix(MAGIC)?;
    let nonce: [u8; NONCE_LEN] = *rest.first_chunk()?;
    let mut sealed = file.split_off(MAGIC.len() + NONCE_LEN);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let plain = sealing(key, name).open_in_place(nonce, Aad::from(MAGIC), &mut sealed).ok()?;
    postcard::from_bytes(plain).ok()
}

/// Puts a drawer's file in place.
pub(super) fn write(key: &Key, name: &str, path: &Path, drawer: &Drawer) -> io::Result<()> {
    // Random: each drawer has a key of its own, and is written far fewer than 2^32 times.
    let nonce: [u8; NONCE_LEN] = *key::random()?.first_chunk().expect("32 bytes are more than 12");
    let mut sealed = postcard::to_allocvec(drawer).map_err(io::Error::other)?;
    let plain = Nonce::assume_unique_for_key(nonce);
    let done = sealing(key, name).seal_in_place_append_tag(plain, Aad::from(MAGIC), &mut sealed);
    done.map_err(|_| io::Error::other("it cannot be sealed"))?;
    let draft = path.with_extension("draft");
    let put = || {
        let mut file = key::private().create(true).truncate(true).open(&draft)?;
        for part in [&MAGIC[..], &nonce, &sealed] {
            file.write_all(part)?;
        }
        drop(file);
        fs::rename(&draft, path)
    };
    put().inspect_err(|_| drop(fs::remove_file(&draft)))
}
