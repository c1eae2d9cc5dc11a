//! Trains `mini`, the chat models that come with Oratory, on text the everyday suite writes.
//!
//! Deterministic from a seed and resumable; one core, no dependency for the arithmetic. What comes
//! out are GGUF files that llama.cpp runs. The product carries only those.

mod chance;
mod command;
mod curve;
mod export;
mod lessons;
mod matrix;
mod network;
mod optimise;
mod score;
mod shape;
mod speak;
mod state;
mod talk;
mod tokens;
mod training;

use std::io;
use std::path::{Path, PathBuf};

pub use command::run;
pub use export::{Stored, gguf};
pub use lessons::{Course, vocabulary, vocabulary_of};
pub use optimise::Rates;
pub use score::{Count, Exam, Said, Scores, counted};
pub use shape::{CONTEXT, Shape, VOCABULARY};
pub use speak::Manner;
pub use talk::{TEMPLATE, Thinking, answer, asked, prompt};
pub use tokens::Tokens;
pub use training::{Plan, Progress, Report, Run, Training};

/// Training cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// What lies there is no state of a training.
    #[error("{} is damaged; delete it to begin again", .0.display())]
    Damaged(PathBuf),
    /// What lies there belongs to another training.
    #[error("{} belongs to a training with another plan; name another --folder or delete it", .0.display())]
    OtherPlan(PathBuf),
}

impl TrainError {
    fn file(path: &Path, error: io::Error) -> Self {
        Self::File { path: path.to_owned(), error }
    }
}

/// Returns the numbers that the training of a shape begins with.
pub fn untrained(shape: Shape, seed: u64) -> Vec<f32> {
    network::Network::new(shape, seed, matrix::Exactness::Full).numbers
}

/// A trained model: what it learnt, and the words it knows.
pub struct Model {
    network: network::Network,
    tokens: Tokens,
}

impl Model {
    /// Returns the model a training has come to, its numbers rounded as they will be stored.
    pub fn of(shape: Shape, numbers: &[f32], tokens: Tokens, stored: Stored) -> Self {
        let numbers = export::rounded(&shape, numbers, stored);
        let network = network::Network::with(shape, numbers, matrix::Exactness::Full);
        Self { network, tokens }
    }

    /// Returns the scores of all tokens behind each token of a text.
    pub fn scores(&mut self, text: &[u32]) -> Vec<f32> {
        self.network.all_scores(text)
    }

    /// Lets the model take an exam and returns every answer.
    pub fn take(&mut self, exam: Exam) -> Vec<Said> {
        score::take(&mut self.network, &self.tokens, exam)
    }
}
