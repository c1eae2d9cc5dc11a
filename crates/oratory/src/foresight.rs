//! The predictor that was learnt on this machine, as a file in the data folder.
//!
//! What is in it, and how sure it is, is `oratory_brains`' business; here it is only kept, found and
//! given up.

mod follow;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use oratory_brains::embed::Embed;
use oratory_brains::predictor::{Predictor, Reader};
use oratory_brains::shipped;

pub(crate) use follow::{follow, learn};

const FILE: &str = "predictor.oratory";
/// No predictor is larger: thousands of models would have to be in it.
const MOST: u64 = 256 << 20;
const NEXT: &str =
    "learn again with `oratory eval learn OUTCOMES`, or give it up with `oratory eval forget`";

/// Returns the predictor that was learnt on this machine; `None` if none was.
///
/// An error says what is wrong with the file and what to do; whoever routes goes on without it.
pub(crate) fn load(data: &Path) -> anyhow::Result<Option<Predictor>> {
    let path = data.join(FILE);
    let Some(bytes) = bytes(&path).with_context(|| unusable(&path))? else {
        return Ok(None);
    };
    let opened = Predictor::open(&bytes, &reader()?);
    opened.map(Some).map_err(|error| anyhow!("{}: {error}; {NEXT}", unusable(&path)))
}

/// Keeps the predictor in place of an earlier one, whole or not at all, and returns where.
pub(crate) fn keep(data: &Path, predictor: &Predictor) -> anyhow::Result<PathBuf> {
    let path = data.join(FILE);
    let bytes = predictor.to_bytes()?;
    write(&path, &bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

/// Gives up what was learnt; says where it was, if there was any.
pub(crate) fn forget(data: &Path) -> anyhow::Result<Option<PathBuf>> {
    let path = data.join(FILE);
    match fs::remove_file(&path) {
        Ok(()) => Ok(Some(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(anyhow!("{} cannot be removed: {error}", path.display())),
    }
}

/// Returns what reads requests for predictors, with the sentence vectors that come along.
pub(crate) fn reader() -> anyhow::Result<Reader> {
    let embed = Embed::open(shipped::EMBED).context("the sentence vectors cannot be read")?;
    Ok(Reader::new(Arc::new(embed)))
}

fn unusable(path: &Path) -> String {
    format!("what was learnt of the models, {}, cannot be used", path.display())
}

fn bytes(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    if file.take(MOST + 1).read_to_end(&mut bytes)? as u64 > MOST {
        return Err(io::Error::other(format!("it is larger than {} MiB", MOST >> 20)));
    }
    Ok(Some(bytes))
}

/// The file is written beside its place and then renamed.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // The process number keeps two that learn at once out of each other's way.
    let draft = path.with_extension(format!("{}.part", std::process::id()));
    let put = || {
        let mut file = File::create(&draft)?;
        file.write_all(bytes)?;
        // What took minutes to learn should not be lost with the power.
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    put().inspect_err(|_| drop(fs::remove_file(&draft)))
}

#[cfg(test)]
mod tests {
    use oratory_brains::predictor::Lesson;

    use super::*;

    fn learnt() -> Predictor {
        let reader = reader().expect("the vectors come along");
        let request = reader.read("How much is 7 times 8?");
        let lesson = Lesson { request: &request, scores: &[Some(1.0)] };
        Predictor::learn(&reader, &["small".to_owned()], &[lesson, lesson]).expect("it is sound")
    }

    #[test]
    fn what_is_kept_is_found_again_until_it_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("new");
        assert!(load(&data).expect("there is none").is_none());
        let path = keep(&data, &learnt()).expect("it is written");
        assert_eq!(fs::read_dir(&data).expect("it is there").count(), 1, "no draft is left");
        let found = load(&data).expect("it is whole").expect("it is there");
        assert_eq!(found.predict("hello"), learnt().predict("hello"));
        assert_eq!(forget(&data).expect("it can be removed"), Some(path));
        assert_eq!(forget(&data).expect("nothing is to be done"), None);
        assert!(load(&data).expect("there is none").is_none());
    }

    #[test]
    fn a_damaged_file_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = keep(folder.path(), &learnt()).expect("it is written");
        let mut bytes = fs::read(&path).expect("it is there");
        bytes.truncate(bytes.len() - 3);
        fs::write(&path, &bytes).expect("it can be cut");
        let error = load(folder.path()).map(|_| ()).expect_err("it is cut").to_string();
        for part in ["predictor.oratory", "oratory eval learn", "oratory eval forget"] {
            assert!(error.contains(part), "{part:?} is not in {error}");
        }
    }
}
