//! Removing a model: the files we pulled, or only the memory of files that others keep.
//!
//! What somebody put into the folder by hand is theirs to delete, and so is left.

use std::fs;
use std::path::{Path, PathBuf};

use crate::hold::Hold;
use crate::index::{Entry, Origin};
use crate::plan::split;
use crate::{Models, ModelsError, file_name};

/// What was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The model.
    pub name: String,
    /// Who keeps its files, if they are not ours.
    pub holder: Option<String>,
    /// The files that were deleted.
    pub files: Vec<PathBuf>,
    /// The bytes that are free now.
    pub bytes: u64,
}

impl Models {
    /// Removes the model of this name, unless somebody is pulling it.
    ///
    /// Of a model that is here in part only, it removes that part.
    pub fn remove(&self, name: &str) -> Result<Removed, ModelsError> {
        let entries = self.index.read()?;
        let found = entries.iter().find(|entry| entry.name == name);
        if let Some(made) = entries.iter().find(|entry| entry.made_of() == Some(name)) {
            return Err(ModelsError::Wrong {
                what: format!("{name} stays: {} is made of it", made.name),
                hint: format!("remove {} first", made.name),
            });
        }
        if let Some(Entry { from: Origin::Imported { holder }, .. }) = found {
            self.index.forget(name)?;
            return Ok(Removed { holder: Some(holder.clone()), ..Removed::none(name) });
        }
        let _hold = self.hold_for_removal(name)?;
        let mut removed = self.remove_drafts(name)?;
        match found {
            Some(entry) => self.remove_pulled(entry, &entries, &mut removed)?,
            None if removed.files.is_empty() => return Err(self.not_ours(name)),
            None => {}
        }
        Ok(removed)
    }

    /// Nobody holds a name that no file can have.
    fn hold_for_removal(&self, name: &str) -> Result<Option<Hold>, ModelsError> {
        let never = file_name::fault(name).is_some();
        let lock = self.index.own_dir().join("locks").join(format!("{name}.lock"));
        if never || !lock.exists() {
            return Ok(None);
        }
        Hold::take(&self.index, name).map(Some)
    }

    fn remove_pulled(
        &self,
        entry: &Entry,
        entries: &[Entry],
        removed: &mut Removed,
    ) -> Result<(), ModelsError> {
        let others = || entries.iter().filter(|other| other.name != entry.name);
        for file in entry.all_files() {
            // Several quantisations of a model may share what lets them see.
            if others().flat_map(Entry::all_files).all(|other| other.path != file.path) {
                removed.delete(self.index.path(file))?;
            }
        }
        self.index.drop_beside(entry);
        self.index.forget(&entry.name)
    }

    /// Deletes what an unfinished pull left.
    fn remove_drafts(&self, name: &str) -> Result<Removed, ModelsError> {
        let mut removed = Removed::none(name);
        let drafts = fs::read_dir(self.index.own_dir().join("partial"));
        for path in drafts.into_iter().flatten().flatten().map(|entry| entry.path()) {
            if is_draft_of(&path, name) {
                removed.delete(path)?;
            }
        }
        Ok(removed)
    }

    fn not_ours(&self, name: &str) -> ModelsError {
        ModelsError::Unknown {
            what: format!("{name} was neither pulled nor imported, so it is not removed"),
            hint: format!("if its file is yours, delete it from {}", self.index.dir().display()),
        }
    }
}

impl Removed {
    fn none(name: &str) -> Self {
        Self { name: name.to_owned(), holder: None, files: Vec::new(), bytes: 0 }
    }

    fn delete(&mut self, path: PathBuf) -> Result<(), ModelsError> {
        let bytes = fs::metadata(&path).map_or(0, |data| data.len());
        match fs::remove_file(&path) {
            Ok(()) => {
                self.bytes += bytes;
                self.files.push(path);
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(ModelsError::disk(path, "removed")(error)),
        }
    }
}

/// Whether this is `NAME.gguf.part` and the like, or one of a split model.
fn is_draft_of(path: &Path, name: &str) -> bool {
    let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
    let Some((stem, _)) = file.rsplit_once(".gguf.") else { return false };
    split(stem).map_or(stem, |(base, ..)| base) == name
}
