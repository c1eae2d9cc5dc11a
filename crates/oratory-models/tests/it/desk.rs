//! A folder of models for one test, a registry to fill it from, and an ear for what is told.
//!
//! Pieces are small and waits short, so that everything that can happen happens in moments.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oratory_fakes::Registry;
use oratory_models::{Config, Event, FreeSpace, Models, ModelsError, Patience, Pulled, Reference};

/// How long anything may take before it counts as hanging.
pub(crate) const LONG: Duration = Duration::from_secs(30);
pub(crate) const PIECE: u64 = 64 << 10;
pub(crate) const REPO: &str = "maker/Small-GGUF";

/// Returns the bytes of a file that begins like a model and differs from others by `seed`.
pub(crate) fn model(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = b"GGUF".to_vec();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A folder of models, and what was told about it.
pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) registry: Registry,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            registry: Registry::start().await,
            events: Arc::default(),
        }
    }

    /// Returns a desk whose registry has one model of this size.
    pub(crate) async fn with(length: usize) -> (Self, Vec<u8>) {
        let desk = Self::new().await;
        let bytes = model(7, length);
        desk.registry.repository(REPO, "apache-2.0", &[("Small-Q4_K_M.gguf", &bytes)]);
        (desk, bytes)
    }

    pub(crate) fn config(&self) -> Config {
        let space = FreeSpace::new(|_| Some(1 << 40));
        Config {
            hugging_face: self.registry.url(),
            ollama: self.registry.url(),
            piece: PIECE,
            patience: Patience {
                connect: Duration::from_secs(2),
                stall: Duration::from_millis(300),
                tries: 4,
                pause: Duration::from_millis(2),
                longest_pause: Duration::from_secs(3),
                worth_while: 1,
            },
            ..Config::new(self.folder.path().to_owned(), space)
        }
    }

    pub(crate) fn models(&self) -> Models {
        Models::new(self.config())
    }

    pub(crate) async fn pull(&self, asked: &str) -> Result<Pulled, ModelsError> {
        self.pull_with(&self.models(), asked).await
    }

    pub(crate) async fn pull_with(
        &self,
        models: &Models,
        asked: &str,
    ) -> Result<Pulled, ModelsError> {
        let reference: Reference = asked.parse().unwrap();
        let events = Arc::clone(&self.events);
        let tell = move |event| events.lock().unwrap().push(event);
        tokio::time::timeout(LONG, models.pull(&reference, &tell)).await.expect("it hangs")
    }

    pub(crate) fn told(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.events.lock().unwrap().iter().filter(|event| wanted(event)).count()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }

    /// Returns what anybody who lists the folder sees.
    pub(crate) fn visible(&self) -> Vec<String> {
        names(self.folder.path()).into_iter().filter(|name| name != ".oratory").collect()
    }

    /// Returns the unfinished files.
    pub(crate) fn partial(&self) -> Vec<String> {
        names(&self.folder.path().join(".oratory/partial"))
    }
}

pub(crate) fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
