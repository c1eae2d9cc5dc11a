//! A house with an engine and a few made models, and short ways to ask and to read.
//!
//! Holds no tests.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use oratory_contract::{
    Answer, Asked, Chunk, Done, Failure, Labels, LocalPlace, Message, Permit, Prepared, Role,
    Sampling, Wanted,
};
use oratory_local::story::{self, Story};
use oratory_local::{BuiltIn, Config, Engine, Program, WorkerInfo};
use tokio_util::task::TaskTracker;

/// Long enough for anything on a slow, busy machine.
pub(crate) const AGES: Duration = Duration::from_secs(60);

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) dir: tempfile::TempDir,
}

/// Returns the model that comes along in these tests.
fn mini() -> BuiltIn {
    static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| story::bytes(&Story::default()));
    BuiltIn { name: "mini", bytes: &BYTES }
}

impl House {
    /// Returns a house with the built-in model and nothing else.
    pub(crate) fn new() -> Self {
        Self::with(&[], |_| ())
    }

    pub(crate) fn with(models: &[(&str, Story)], change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, story) in models {
            story::write(&dir.path().join(format!("{name}.gguf")), story).unwrap();
        }
        let mut config = Config::new(program(), dir.path().to_owned());
        config.built_in = Some((dir.path().join("own"), vec![mini()]));
        config.threads = Some(1);
        change(&mut config);
        let engine = Engine::new(config, TaskTracker::new());
        Self { engine, dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) async fn ask(&self, model: &str, asked: Asked) -> Result<Answer, Failure> {
        let permit = Permit::new(Labels::default(), Vec::new(), Vec::new());
        self.engine.run(&model.into(), Prepared::new(asked, &permit)).await
    }

    /// Asks and reads to the end.
    pub(crate) async fn hear(&self, model: &str, asked: Asked) -> Result<(String, Done), Failure> {
        read(self.ask(model, asked).await?).await
    }

    pub(crate) fn worker(&self, model: &str) -> WorkerInfo {
        let workers = self.engine.workers();
        workers.into_iter().find(|worker| worker.model.as_str() == model).expect("it was asked")
    }

    /// Waits until the model's worker is as `wanted`.
    pub(crate) async fn until(&self, model: &str, wanted: impl Fn(&WorkerInfo) -> bool) {
        let start = Instant::now();
        while !wanted(&self.worker(model)) {
            assert!(start.elapsed() < AGES, "still {:?}", self.worker(model));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

pub(crate) fn program() -> Program {
    Program { path: Path::new(env!("CARGO_BIN_EXE_oratory-worker")).into(), args: Vec::new() }
}

pub(crate) async fn read(mut answer: Answer) -> Result<(String, Done), Failure> {
    let mut text = String::new();
    while let Some(chunk) = answer.chunks.next().await {
        match chunk? {
            Chunk::Text(more) => text.push_str(&more),
            Chunk::Begun(_) => {}
            Chunk::Done(done) => {
                assert!(answer.chunks.next().await.is_none(), "there is nothing after the end");
                return Ok((text, done));
            }
            other => panic!("{other:?} is no plain text"),
        }
    }
    panic!("the stream ended without a Done or a Failure after {text:?}");
}

/// Returns a question at temperature 0.
pub(crate) fn question(text: &str) -> Asked {
    let messages = vec![Message::new(Role::User, text)];
    Asked {
        sampling: Sampling { temperature: Some(0.0), ..Sampling::default() },
        ..Asked::new("tests".into(), Wanted::Any, messages)
    }
}

/// Returns a model that never stops, at some hundred tokens a second at most.
pub(crate) fn endless() -> Story {
    Story {
        text: "round and\naround it goes".into(),
        ends: false,
        width: 32,
        layers: 128,
        context: 8192,
    }
}
