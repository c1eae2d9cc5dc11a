//! The key of this machine that seals drawers: a file that only its owner can read.
//!
//! Made when it is first needed. Where drawers are, a missing key is an error and not a new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use oratory_contract::{CallerName, Whose};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use super::VaultError;

/// The key, which cannot be printed.
pub(super) struct Key(hmac::Key);

impl Key {
    /// Returns what the names of a caller's drawers begin with.
    pub(super) fn caller(&self, caller: &CallerName) -> String {
        hex(&self.of(&[b"caller", caller.as_str().as_bytes()])[..4]) + "-"
    }

    /// Returns the name of a drawer.
    pub(super) fn drawer(&self, whose: &Whose) -> String {
        let caller = whose.caller.as_str().as_bytes();
        let opening = self.of(&[b"opening", &whose.opening, caller]);
        self.caller(&whose.caller) + &hex(&opening[..8])
    }

    /// Returns the key that seals one drawer and no other.
    pub(super) fn sealing(&self, drawer: &str) -> [u8; 32] {
        self.of(&[b"seal", drawer.as_bytes()])
    }

    fn of(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part);
        }
        context.sign().as_ref().try_into().expect("SHA-256 has 32 bytes")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn path(folder: &Path) -> PathBuf {
    folder.join("key")
}

/// Returns the key; `None` where nothing was ever kept.
pub(super) fn read(folder: &Path) -> Result<Option<Key>, VaultError> {
    let path = path(folder);
    match fs::read(&path) {
        Ok(bytes) => key(&path, &bytes).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match super::drawers(folder) {
            Ok(drawers) if !drawers.is_empty() => behind_drawers(path),
            _ => Ok(None),
        },
        Err(error) => Err(VaultError::reached(&path, error)),
    }
}

/// Returns the key that was made before the drawers that are there: another program, or another
/// request, may have made both a moment ago.
fn behind_drawers(path: PathBuf) -> Result<Option<Key>, VaultError> {
    match fs::read(&path) {
        Ok(bytes) => key(&path, &bytes).map(Some),
        Err(_) => Err(VaultError::KeyGone { path }),
    }
}

fn key(path: &Path, bytes: &[u8]) -> Result<Key, VaultError> {
    if is_open(path) {
        return Err(VaultError::KeyOpen { path: path.to_owned() });
    }
    if bytes.len() != 32 {
        return Err(VaultError::KeyDamaged { path: path.to_owned() });
    }
    Ok(Key(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
}

#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|known| known.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

/// Returns the key, made now if nothing was ever kept.
pub(super) fn read_or_make(folder: &Path) -> Result<Key, VaultError> {
    if let Some(key) = read(folder)? {
        return Ok(key);
    }
    let path = path(folder);
    make(folder, &path).map_err(|error| VaultError::reached(folder, error))?;
    read(folder)?.ok_or(VaultError::KeyGone { path })
}

fn make(folder: &Path, path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let draft = folder.join(format!("key.{}.draft", hex(&random()?[..8])));
    let mut file = private().create_new(true).open(&draft)?;
    let written = file.write_all(&random()?).and_then(|()| file.sync_all());
    // A link does not replace: of two programs that begin at once, one key holds for both.
    let placed = written.and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        placed => placed,
    });
    let _ = fs::remove_file(&draft);
    placed
}

pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_file(path(folder)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns 32 bytes that nobody can guess.
pub(super) fn random() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| io::Error::other("the system gives no random numbers"))?;
    Ok(bytes)
}

/// Returns how files are opened that other people of this machine cannot read.
pub(super) fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
