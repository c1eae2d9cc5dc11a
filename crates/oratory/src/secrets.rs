//! Fetches a place's key from where a person keeps it: a file of its own, or the system's keyring.
//!
//! Only once places are opened, so that no other command waits for it; a key is never printed, and
//! nothing that the keyring's program says is.

use std::path::Path;

use oratory_remote::{Key, Shut};

use crate::settings::KeyAt;

mod keyring;

/// The longest key.
const LONGEST: u64 = 64 << 10;

/// Returns the key of the place called `place`, or why there is none. `None` if it is known already.
pub(crate) fn fetch(place: &str, at: &KeyAt) -> Result<Option<Key>, Shut> {
    match at {
        KeyAt::Known => Ok(None),
        KeyAt::Nowhere(shut) => Err(shut.clone()),
        KeyAt::File(path) => from_file(place, path).map(|key| Some(key.into())),
        KeyAt::Keyring(entry) => keyring::look_up(entry).map(|key| Some(key.into())),
    }
}

fn from_file(place: &str, path: &Path) -> Result<String, Shut> {
    let shown = path.display();
    let next =
        format!("write the key, and nothing else, into {shown}, for your eyes only (chmod 600)");
    let lacks = |why: String| Shut::NoKey { why, next: next.clone() };
    let unread = |error: std::io::Error| lacks(format!("{shown} cannot be read: {error}"));
    let found = std::fs::metadata(path).map_err(unread)?;
    if !found.is_file() || found.len() > LONGEST {
        return Err(lacks(format!("{shown} is no file with a key in it")));
    }
    let text = std::fs::read_to_string(path).map_err(unread)?;
    let key = text.trim();
    if key.is_empty() {
        return Err(lacks(format!("{shown} is empty")));
    }
    if is_open(&found) {
        tracing::warn!(place, file = %shown, "others can read the file of this key; chmod 600 keeps it from them");
    }
    Ok(key.to_owned())
}

/// Whether others than its owner can read a file.
#[cfg(unix)]
fn is_open(file: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o044 != 0
}

#[cfg(not(unix))]
fn is_open(_: &std::fs::Metadata) -> bool {
    false
}
