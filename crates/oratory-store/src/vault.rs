//! Surrogates on disk: a sealed file for each conversation of each caller.
//!
//! Names of files tell nothing to whoever has no key, and neither does what is in them. Nothing
//! is remembered between requests, so that what another process has forgotten is forgotten here.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oratory_contract::{At, CallerName, Drawer, Failure, FailureKind, Vault, Whose};

mod error;
mod key;
mod sealed;

pub use error::VaultError;
use key::Key;

/// A drawer that is only looked into says so to the file system no more often than this.
const TOUCH: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Keeps drawers in a folder, sealed.
#[derive(Debug)]
pub struct SealedVault {
    folder: PathBuf,
    lifetime: Duration,
    /// The day on which it was last looked for what has expired.
    swept: AtomicU64,
}

/// What is to be forgotten.
#[derive(Clone, Copy, Debug)]
pub enum Forget<'a> {
    /// One conversation, by its drawer's name.
    Conversation(&'a str),
    /// Everything of one caller.
    Caller(&'a CallerName),
    /// Everything, and the key with it.
    All,
}

impl SealedVault {
    /// Returns the vault in a folder, which is made when it is first needed. What nobody has used
    /// for as long as `lifetime` is forgotten.
    pub fn new(folder: PathBuf, lifetime: Duration) -> Self {
        Self { folder, lifetime, swept: AtomicU64::new(0) }
    }

    /// Says whether drawers could be opened now, or why not.
    pub fn check(&self) -> Result<(), VaultError> {
        key::read(&self.folder).map(drop)
    }

    /// Returns the name of a new drawer of a caller's, with nothing in it yet.
    pub fn begin(&self, caller: &CallerName) -> Result<String, VaultError> {
        let key = key::read_or_make(&self.folder)?;
        let opening = key::random().map_err(|error| VaultError::reached(&self.folder, error))?;
        Ok(key.drawer(&Whose { caller: caller.clone(), opening }))
    }

    /// Opens a drawer by its name, as [`Vault::open`] does.
    pub fn open_named(
        &self,
        name: &str,
        work: &mut dyn FnMut(&mut Drawer),
    ) -> Result<(), VaultError> {
        let key = key::read_or_make(&self.folder)?;
        self.within(&key, name, work)
    }

    /// Says whether there is a drawer of this name.
    pub fn has(&self, name: &str) -> bool {
        is_name(name) && self.is_alive(&self.path(name))
    }

    /// Forgets, and returns how many conversations that were.
    pub fn forget(&self, what: Forget<'_>) -> Result<usize, VaultError> {
        let reached = |error| VaultError::reached(&self.folder, error);
        if !self.folder.exists() {
            return Ok(0);
        }
        let chosen: Box<dyn Fn(&str) -> bool> = match what {
            Forget::Conversation(name) => Box::new(move |other| other == name),
            Forget::Caller(caller) => {
                let start = key::read_or_make(&self.folder)?.caller(caller);
                Box::new(move |name| name.starts_with(&start))
            }
            Forget::All => Box::new(|_| true),
        };
        let _locks = (0..STRIPES).map(|stripe| self.lock(stripe)).collect::<Result<Vec<_>, _>>()?;
        let mut forgotten = 0;
        for name in drawers(&self.folder).map_err(reached)?.into_iter().filter(|name| chosen(name))
        {
            fs::remove_file(self.path(&name)).map_err(reached)?;
            forgotten += 1;
        }
        if matches!(what, Forget::All) {
            key::remove(&self.folder).map_err(reached)?;
        }
        Ok(forgotten)
    }

    fn within(
        &self,
        key: &Key,
        name: &str,
        work: &mut dyn FnMut(&mut Drawer),
    ) -> Result<(), VaultError> {
        if !is_name(name) {
            return Err(VaultError::Name { name: name.chars().take(40).collect() });
        }
        self.sweep();
        let path = self.path(name);
        let _lock = self.lock(stripe(name))?;
        let reached = |error| VaultError::reached(&path, error);
        let before = match self.is_alive(&path) {
            true => Some(sealed::read(key, name, &path)?),
            false => None,
        };
        let fresh = || fresh().map_err(reached);
        let mut drawer = before.clone().map_or_else(fresh, Ok)?;
        name.clone_into(&mut drawer.name);
        work(&mut drawer);
        drawer.name.clear();
        match before {
            Some(before) if before == drawer => touch(&path),
            _ => sealed::write(key, name, &path, &drawer).map_err(reached)?,
        }
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.{DRAWER}"))
    }

    fn is_alive(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|known| age(&known) < self.lifetime)
    }

    /// Waits until nobody else has a drawer of this stripe open.
    fn lock(&self, stripe: usize) -> Result<File, VaultError> {
        let path = self.folder.join(format!("lock-{stripe:x}"));
        let locked = || {
            let file = key::private().create(true).truncate(false).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        locked().map_err(|error| VaultError::reached(&path, error))
    }

    /// Deletes what has expired, once a day.
    fn sweep(&self) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let today = since.as_secs() / DAY.as_secs();
        if self.swept.swap(today, Ordering::Relaxed) == today {
            return;
        }
        for name in drawers(&self.folder).unwrap_or_default() {
            let path = self.path(&name);
            // Whoever has it open uses it; another day will do.
            let Ok(lock) = File::open(self.folder.join(format!("lock-{:x}", stripe(&name)))) else {
                continue;
            };
            if !self.is_alive(&path) && lock.try_lock().is_ok() && !self.is_alive(&path) {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

impl Vault for SealedVault {
    fn open(&self, whose: &Whose, work: &mut dyn FnMut(&mut Drawer)) -> Result<(), Failure> {
        let mut opened = || {
            let key = key::read_or_make(&self.folder)?;
            self.within(&key, &key.drawer(whose), work)
        };
        opened().map_err(|error| {
            let message = format!("nothing that must be masked can leave: {error}");
            Failure::new(FailureKind::Refused, At::Oratory, message).hint(error.hint())
        })
    }
}

/// How drawers' files end.
const DRAWER: &str = "drawer";
/// So many drawers can be open at once, unless two of them share a lock.
const STRIPES: usize = 16;

fn stripe(name: &str) -> usize {
    let last = name.chars().next_back().and_then(|digit| digit.to_digit(16));
    last.map_or(0, |digit| digit as usize)
}

/// Says whether a text is the name of a drawer, and so a safe part of a path.
fn is_name(text: &str) -> bool {
    let hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    text.split_once('-').is_some_and(|(caller, opening)| hex(caller, 8) && hex(opening, 16))
}

/// Returns the names of all drawers in a folder.
fn drawers(folder: &Path) -> io::Result<Vec<String>> {
    let names = fs::read_dir(folder)?.filter_map(|entry| {
        let path = entry.ok()?.path();
        let ours = path.extension()? == DRAWER;
        let name = path.file_stem()?.to_str()?.to_owned();
        (ours && is_name(&name)).then_some(name)
    });
    Ok(names.collect())
}

fn age(known: &fs::Metadata) -> Duration {
    known.modified().ok().and_then(|used| used.elapsed().ok()).unwrap_or_default()
}

fn touch(path: &Path) {
    let touched = || {
        let file = File::options().append(true).open(path)?;
        if age(&file.metadata()?) > TOUCH { file.set_modified(SystemTime::now()) } else { Ok(()) }
    };
    // If it cannot be, the drawer expires a little sooner.
    let _: io::Result<()> = touched();
}

/// Returns an empty drawer. Its numbers begin somewhere, so that a surrogate of one conversation
/// is hardly ever one of another.
fn fresh() -> io::Result<Drawer> {
    let random: [u8; 32] = key::random()?;
    let number = u32::from(u16::from_le_bytes([random[0], random[1]]));
    Ok(Drawer { first: 1000 + number % 8000, ..Drawer::default() })
}

#[cfg(test)]
mod tests;
