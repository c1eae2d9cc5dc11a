//! What this room is told, and the thing that pulls, keeps and removes.
//!
//! Everything that differs between machines and tests comes in here: addresses, patience, space.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::Token;
use crate::index::Index;
use crate::web::Web;

type Probe = dyn Fn(&Path) -> Option<u64> + Send + Sync;

/// Says how many bytes are free where a path is; `None` if the system does not say.
#[derive(Clone)]
pub struct FreeSpace(Arc<Probe>);

impl FreeSpace {
    /// Returns a probe that asks `probe`.
    pub fn new(probe: impl Fn(&Path) -> Option<u64> + Send + Sync + 'static) -> Self {
        Self(Arc::new(probe))
    }

    pub(crate) fn at(&self, path: &Path) -> Option<u64> {
        (self.0)(path)
    }
}

impl fmt::Debug for FreeSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FreeSpace")
    }
}

/// How long we wait for servers, and how often we ask again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long a connection may take.
    pub connect: Duration,
    /// How long a server may say nothing.
    pub stall: Duration,
    /// Tries that may fail one after another.
    pub tries: u32,
    /// The wait after the first failure; it doubles with each further one.
    pub pause: Duration,
    /// The longest wait a server may ask for.
    pub longest_pause: Duration,
    /// Bytes that make a try worth while, so that failures are counted anew after it.
    pub worth_while: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            tries: 6,
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(120),
            worth_while: 1 << 20,
        }
    }
}

/// What this room is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of model files.
    pub dir: PathBuf,
    /// Where Hugging Face is.
    pub hugging_face: String,
    /// Where the Ollama registry is.
    pub ollama: String,
    /// The token for gated models.
    pub token: Option<Token>,
    /// The machine's memory in bytes, if it says.
    pub memory: Option<u64>,
    /// How to ask for free space.
    pub free_space: FreeSpace,
    /// Bytes of the disk that stay free.
    pub margin: u64,
    /// Connections for one file.
    pub connections: usize,
    /// Bytes that one request asks for.
    pub piece: u64,
    /// How long we wait and how often we try.
    pub patience: Patience,
    /// Whether nothing may be fetched.
    pub offline: bool,
}

impl Config {
    /// Returns the usual settings for a folder of models.
    pub fn new(dir: PathBuf, free_space: FreeSpace) -> Self {
        Self {
            dir,
            hugging_face: "https://huggingface.co".to_owned(),
            ollama: "https://registry.ollama.ai".to_owned(),
            token: None,
            memory: None,
            free_space,
            margin: 512 << 20,
            connections: 4,
            piece: 32 << 20,
            patience: Patience::default(),
            offline: false,
        }
    }
}

/// The folder of models, and the way to more of them.
#[derive(Debug)]
pub struct Models {
    pub(crate) config: Config,
    pub(crate) web: Web,
    pub(crate) index: Index,
}

impl Models {
    /// Opens the folder. Nothing is read, written or asked yet.
    pub fn new(config: Config) -> Self {
        let web = Web::new(config.patience);
        let index = Index::new(&config.dir);
        Self { config, web, index }
    }

    /// Returns what is remembered of the models here.
    pub fn index(&self) -> &Index {
        &self.index
    }
}
