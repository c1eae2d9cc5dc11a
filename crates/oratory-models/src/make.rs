//! Models that are made here: another name for one, one with habits of its own, one of files that
//! were handed over.
//!
//! Nothing of a model is copied: another name costs no room.

use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;

use serde_json::Value;

use crate::blobs::Digest;
use crate::index::{Entry, FileEntry, Origin};
use crate::{Models, ModelsError, clock, file_name};

/// The longest row of models that are made of one another.
const LONGEST: usize = 8;

/// A model to make.
#[derive(Clone, Debug)]
pub struct Making {
    /// Its name, as people write it.
    pub name: String,
    /// What it is made of.
    pub of: Material,
    /// Texts to keep with it, its habits among them.
    pub beside: Option<Value>,
    /// Its licence.
    pub licence: Option<String>,
}

/// What a model is made of.
#[derive(Clone, Debug)]
pub enum Material {
    /// A model here.
    Model(String),
    /// Files that were handed over: a model, and perhaps what lets it see.
    Files(Digest, Option<Digest>),
}

impl Models {
    /// Makes a model and returns its name.
    pub fn make(&self, making: Making) -> Result<String, ModelsError> {
        let name = made_name(&making.name)?;
        let entries = self.index.read()?;
        self.is_free(&name, &entries)?;
        let (from, files, projector) = match &making.of {
            Material::Model(of) => {
                not_in_circles(&name, of, &entries)?;
                (Origin::Made { of: of.clone() }, Vec::new(), None)
            }
            Material::Files(model, projector) => {
                let projector = projector.as_ref();
                let projector = projector.map(|digest| self.given(digest)).transpose()?;
                let model = self.given(model)?;
                let projector = projector
                    .map(|from| from.put(self, &format!("mmproj-{name}.gguf")))
                    .transpose()?;
                let model = model.put(self, &format!("{name}.gguf"))?;
                (Origin::Given, vec![model], projector)
            }
        };
        let beside = making.beside.as_ref();
        let beside = beside.map(|texts| self.index.keep_beside(&name, texts)).transpose()?;
        let (asked, licence, since) = (making.name, making.licence, clock::now());
        let entry = Entry { name, asked, from, files, projector, licence, since, beside };
        self.index.add(std::slice::from_ref(&entry))?;
        Ok(entry.name)
    }

    /// Gives a model here another name, and returns that.
    pub fn copy(&self, of: &str, name: &str) -> Result<String, ModelsError> {
        let entries = self.index.read()?;
        let Some(entry) = entries.iter().find(|entry| entry.name == of) else {
            // What a person has put here is theirs, and what comes with the program has no file.
            let of = Material::Model(of.to_owned());
            return self.make(Making { name: name.to_owned(), of, beside: None, licence: None });
        };
        let new = made_name(name)?;
        self.is_free(&new, &entries)?;
        if let Origin::Made { of } = &entry.from {
            not_in_circles(&new, of, &entries)?;
        }
        let mut copy = Entry { asked: name.to_owned(), since: clock::now(), ..entry.clone() };
        copy.name.clone_from(&new);
        if !entry.is_imported() {
            self.link(entry, &mut copy)?;
        }
        let beside = self.index.beside(entry);
        copy.beside = beside.map(|texts| self.index.keep_beside(&new, &texts)).transpose()?;
        self.index.add(std::slice::from_ref(&copy))?;
        Ok(new)
    }

    /// Gives the files of a model a second name each, so that either can go.
    fn link(&self, entry: &Entry, copy: &mut Entry) -> Result<(), ModelsError> {
        let total = entry.files.len();
        let named = |at| PathBuf::from(crate::plan::file_of(&copy.name, at + 1, total));
        let names: Vec<PathBuf> = (0..total).map(named).collect();
        for (file, name) in copy.files.iter_mut().zip(names) {
            file.path = self.linked(file, name)?;
        }
        if let Some(file) = &mut copy.projector {
            file.path = self.linked(file, PathBuf::from(format!("mmproj-{}.gguf", copy.name)))?;
        }
        Ok(())
    }

    fn linked(&self, file: &FileEntry, name: PathBuf) -> Result<PathBuf, ModelsError> {
        let (from, to) = (self.index.path(file), self.config.dir.join(&name));
        fs::hard_link(&from, &to).map_err(ModelsError::disk(to, "made a second name of a file"))?;
        Ok(name)
    }

    /// Refuses a name that is another model's; what was made here may be made anew.
    fn is_free(&self, name: &str, entries: &[Entry]) -> Result<(), ModelsError> {
        let made = |entry: &Entry| matches!(entry.from, Origin::Made { .. } | Origin::Given);
        let free = match entries.iter().find(|entry| entry.name == *name) {
            Some(entry) => made(entry),
            None => !self.config.dir.join(format!("{name}.gguf")).exists(),
        };
        free.then_some(()).ok_or_else(|| ModelsError::Wrong {
            what: format!("there is a model {name} already"),
            hint: "choose another name, or remove that model first".to_owned(),
        })
    }

    /// Finds a file that was handed over.
    fn given(&self, digest: &Digest) -> Result<Given, ModelsError> {
        let path = self.blob(digest);
        let mut begins = [0; 4];
        let mut file = File::open(&path).map_err(|_| ModelsError::Wrong {
            what: format!("no file sha256:{} was handed over", digest.digits()),
            hint: "send it to /api/blobs first".to_owned(),
        })?;
        let read = file.read_exact(&mut begins);
        if read.is_err() || begins != *b"GGUF" {
            let file = format!("sha256:{}", digest.digits());
            return Err(ModelsError::NoGguf { file, found: begins.escape_ascii().to_string() });
        }
        Ok(Given { path, digest: digest.clone() })
    }
}

/// A file that was handed over and is one of a model's.
struct Given {
    path: PathBuf,
    digest: Digest,
}

impl Given {
    /// Puts it in its place.
    fn put(self, models: &Models, name: &str) -> Result<FileEntry, ModelsError> {
        let to = models.config.dir.join(name);
        fs::rename(&self.path, &to).map_err(ModelsError::disk(&to, "written"))?;
        let bytes = fs::metadata(&to).map_or(0, |data| data.len());
        let sha256 = Some(self.digest.digits().to_owned());
        Ok(FileEntry { path: PathBuf::from(name), bytes, sha256 })
    }
}

/// Returns a name as models here are called: `name:tag` becomes `name-tag`, and `latest` goes
/// without saying.
fn made_name(asked: &str) -> Result<String, ModelsError> {
    let name = asked.trim().strip_suffix(":latest").unwrap_or(asked.trim());
    let name: String = name.chars().map(|c| if matches!(c, ':' | '/') { '-' } else { c }).collect();
    // A plus sign stands between a model and its adapter.
    let fault = file_name::fault(&name).or_else(|| {
        let kept = name.contains('+') || matches!(&*name, "auto" | "oratory" | "home");
        kept.then(|| "such names mean something else here".to_owned())
    });
    let shown = || asked.chars().take(80).collect::<String>().escape_debug().to_string();
    match fault {
        Some(why) => Err(ModelsError::Wrong {
            what: format!("{:?} cannot be a model's name: {why}", shown()),
            hint: "choose a name of letters, digits and hyphens".to_owned(),
        }),
        None => Ok(name),
    }
}

/// Refuses what would be made of itself in the end.
fn not_in_circles(name: &str, of: &str, entries: &[Entry]) -> Result<(), ModelsError> {
    let mut next = Some(of);
    for _ in 0..LONGEST {
        let Some(of) = next.filter(|of| *of != name) else { break };
        next = entries.iter().find(|entry| entry.name == of).and_then(Entry::made_of);
    }
    next.is_none().then_some(()).ok_or_else(|| ModelsError::Wrong {
        what: format!("{name} would be made of itself, or of too long a row of others"),
        hint: "make it of a model that has files".to_owned(),
    })
}

#[cfg(test)]
mod tests;
