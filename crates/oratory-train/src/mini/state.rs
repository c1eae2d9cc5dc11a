//! Writes down where training stands, and goes on from there.
//!
//! One file: a line of JSON that says what it is, then all numbers. It appears whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::mini::TrainError;
use crate::mini::optimise::Memory;
use crate::mini::training::Plan;

/// Where training stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) plan: Plan,
    /// Tokens learnt from so far.
    pub(crate) tokens: u64,
    pub(crate) numbers: Vec<f32>,
    pub(crate) memory: Memory,
}

#[derive(Serialize, Deserialize)]
struct Head {
    plan: Plan,
    tokens: u64,
    steps: u64,
    numbers: usize,
}

impl State {
    /// Writes the state to `path`, replacing what is there in one move.
    pub(crate) fn write(&self, path: &Path) -> Result<(), TrainError> {
        let head = Head {
            plan: self.plan.clone(),
            tokens: self.tokens,
            steps: self.memory.steps,
            numbers: self.numbers.len(),
        };
        let mut bytes = serde_json::to_vec(&head).expect("a plan is plain data");
        bytes.push(b'\n');
        for list in [&self.numbers, &self.memory.means, &self.memory.squares] {
            bytes.extend(list.iter().flat_map(|number| number.to_le_bytes()));
        }
        write_whole(path, &bytes)
    }

    /// Reads the state at `path`; `None` if there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, TrainError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(TrainError::file(path, error)),
        };
        parsed(&bytes).map(Some).ok_or_else(|| TrainError::Damaged(path.to_owned()))
    }
}

fn parsed(bytes: &[u8]) -> Option<State> {
    let line = bytes.iter().position(|byte| *byte == b'\n')?;
    let head: Head = serde_json::from_slice(&bytes[..line]).ok()?;
    let (floats, rest) = bytes[line + 1..].as_chunks::<4>();
    if !rest.is_empty() || floats.len() != head.numbers.checked_mul(3)? {
        return None;
    }
    let mut lists = floats.chunks(head.numbers.max(1));
    let mut list = || Some(lists.next()?.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect());
    let numbers = list()?;
    let memory = Memory { steps: head.steps, means: list()?, squares: list()? };
    Some(State { plan: head.plan, tokens: head.tokens, numbers, memory })
}

/// Writes a file so that it is there whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let draft = path.with_extension(format!("part-{}", std::process::id()));
    let written = fs::File::create(&draft)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&draft, path));
    written.map_err(|error| TrainError::file(path, error))
}
