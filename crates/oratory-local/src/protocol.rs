//! What the supervisor and a worker say to each other: frames over two pipes.
//!
//! A frame is its length in four bytes, little-endian, and that many bytes of postcard. Both
//! ends are the same program, so there is one version and no negotiation: a worker's first
//! frame is `Hello`, and a supervisor that does not know its version stops it.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use oratory_contract::{
    Chunk, Effort, Finish, Form, LeftOut, Message, Sampling, Shortening, Task, Tools, Usage,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::purpose::Purpose;

/// Goes up whenever a frame changes.
pub(crate) const VERSION: u32 = 6;

/// The largest frame either side accepts.
pub(crate) const MAX_FRAME: usize = 64 << 20;

/// Keeps apart what callers must not learn of each other: nothing computed for one partition
/// serves another.
pub(crate) type Partition = [u8; 16];

/// What the supervisor asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    /// Load this model; comes once.
    Load(Box<Load>),
    /// Answer this, beside what is being answered.
    Run(Box<Job>),
    /// Stop answering.
    Cancel { number: u64 },
    /// Compute no further until told to: nobody reads what is there.
    Pause { number: u64 },
    /// Go on.
    Resume { number: u64 },
    /// Say whether anything moves.
    Ping,
    /// Put away what is worth keeping, and end. Comes when nothing is being answered.
    Rest,
    /// Time ways to run a model; comes instead of `Load`, and again.
    Measure(Box<Measure>),
}

/// Ways to run a model that are to be timed beside each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measure {
    pub(crate) path: PathBuf,
    pub(crate) ways: Vec<Tuning>,
    /// Tokens of a conversation at most.
    pub(crate) depth: u32,
    /// Answers written at once.
    pub(crate) together: u32,
    /// How long it may take, loading aside.
    pub(crate) milliseconds: u32,
    /// Just so many tokens read and steps written, once, instead of what the time allows.
    pub(crate) exactly: Option<(u32, u32)>,
}

/// How long one way took, once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// Its place in the list.
    pub(crate) way: u32,
    /// Microseconds to read a token of a prompt.
    pub(crate) read: f32,
    /// Microseconds to write a token.
    pub(crate) write: f32,
}

/// Which model to load, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Load {
    pub(crate) path: PathBuf,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// How much memory adapters may take that nobody is using.
    pub(crate) adapter_bytes: u64,
    /// The most tokens of one conversation, if the model can.
    pub(crate) context: u32,
    /// Conversations answered at once.
    pub(crate) lanes: u32,
    pub(crate) tuning: Tuning,
    /// The most memory of its own the process may take.
    pub(crate) most: u64,
    /// Whether tokens are guessed ahead and checked together.
    pub(crate) guess: Guessing,
    /// A smaller model with the same vocabulary that says what may come next.
    pub(crate) helper: Option<PathBuf>,
    /// Whether the model's own layers that predict further ahead do so instead.
    pub(crate) ahead: bool,
    /// What lets the model see or hear.
    pub(crate) projector: Option<Projecting>,
    /// How much memory states may take that nobody is using.
    pub(crate) shelf_bytes: u64,
    /// Where states outlive the process.
    pub(crate) attic: Option<Attic>,
}

/// A projector, and how it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Projecting {
    pub(crate) path: PathBuf,
    /// The most tokens that a picture of free size is made into.
    pub(crate) most: u32,
}

/// How the computation is done; changes how fast, not what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Tuning {
    pub(crate) threads: usize,
    /// Tokens computed in one go.
    pub(crate) batch: u32,
    /// How long a thread spins for the next piece of work before it sleeps, from 0 to 100.
    pub(crate) spin: u32,
    /// Whether weights are copied into an order that suits this processor.
    pub(crate) repack: bool,
    /// Whether attention is computed in one fused step; `None` leaves it to llama.cpp.
    pub(crate) flash: Option<bool>,
    /// Whether keys and values take 8 bits instead of 16.
    pub(crate) small_cells: bool,
    /// Whether weights are kept from being paged out.
    pub(crate) lock: bool,
    /// Layers kept on a GPU; below 0 means all.
    pub(crate) gpu_layers: i32,
}

/// Whether tokens are guessed ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Guessing {
    /// Where it pays.
    Adaptive,
    /// Wherever there is something to guess from, paying or not.
    Always,
    /// Never.
    Off,
}

/// Where states are kept on disk, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attic {
    pub(crate) dir: PathBuf,
    pub(crate) bytes: u64,
    /// What they are sealed with.
    pub(crate) key: [u8; 32],
}

/// One request, as far as the worker needs it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// Counts up from 1.
    pub(crate) number: u64,
    pub(crate) task: Task,
    /// What the model wears for it.
    pub(crate) adapter: Option<Adapter>,
    pub(crate) messages: Vec<Message>,
    pub(crate) shortening: Shortening,
    pub(crate) tools: Tools,
    pub(crate) form: Form,
    pub(crate) effort: Option<Effort>,
    pub(crate) sampling: Sampling,
    pub(crate) max_tokens: Option<u32>,
    pub(crate) stop: Vec<String>,
    pub(crate) partition: Partition,
    pub(crate) keep: Keep,
}

/// An adapter, and how strong it is to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Adapter {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// Which of the files that have been there.
    pub(crate) revision: u64,
    /// Never 0: that is no adapter.
    pub(crate) scale: f32,
}

/// Where the state of a conversation may be kept once it has been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Keep {
    /// Where it is, until something else needs the place.
    Here,
    /// In this process's memory only.
    Memory,
    /// On disk too, sealed.
    Disk,
}

/// What a worker reports.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Report {
    /// First of all. Stays the first variant for ever, so that any version can be read.
    Hello { version: u32 },
    /// Loading goes on.
    Loading { percent: u8 },
    /// The model is there.
    Loaded(Loaded),
    /// The prompt is being read.
    Reading { number: u64, tokens: u32 },
    /// So much was left out of the conversation; comes before all that is said of it.
    LeftOut { number: u64, left_out: LeftOut },
    /// More of the answer, in whole characters, and what it took so far.
    Said { number: u64, usage: Usage, said: Vec<Chunk> },
    /// The answer is complete.
    Done { number: u64, finish: Finish, usage: Usage },
    /// The answer was stopped on request.
    Stopped { number: u64, usage: Usage },
    /// There is no answer, or no more of it; without a number, there is no model.
    Failed { number: Option<u64>, usage: Usage, trouble: Trouble },
    /// So much memory is taken by conversations nobody is having just now.
    Kept { bytes: u64 },
    /// Some ways were timed; the last time of a measurement carries none.
    Timed { samples: Vec<Sample> },
    /// Answers a ping; `ticks` grows as long as something is computed.
    Pong { ticks: u64 },
}

/// What the loaded model turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Loaded {
    pub(crate) context: u32,
    pub(crate) lanes: u32,
    pub(crate) parameters: u64,
    pub(crate) milliseconds: u32,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trouble {
    pub(crate) kind: TroubleKind,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// What sort of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TroubleKind {
    /// The request makes no sense.
    Invalid,
    /// The prompt does not fit.
    TooLong,
    /// Something of the kind is going on already; later it will do.
    Busy,
    /// The model file or the model is broken.
    Broken,
}

impl Trouble {
    pub(crate) fn new(kind: TroubleKind, message: impl Into<String>, hint: &str) -> Self {
        Self { kind, message: message.into(), hint: Some(hint.to_owned()) }
    }
}

/// Returns the frame that carries `value`.
pub(crate) fn frame(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let bytes = postcard::to_extend(value, vec![0; 4]).map_err(io::Error::other)?;
    let mut bytes = bytes;
    let length = bytes.len() - 4;
    if length > MAX_FRAME {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a frame of {length} bytes; the most is {MAX_FRAME}"),
        ));
    }
    let length = u32::try_from(length).expect("checked against the limit above");
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

/// Takes a whole frame off the front of `buffer`; `None` if it has not arrived yet.
pub(crate) fn take<T: DeserializeOwned>(buffer: &mut Vec<u8>) -> io::Result<Option<T>> {
    let Some(head) = buffer.first_chunk::<4>() else { return Ok(None) };
    let end = 4 + checked(*head)?;
    if buffer.len() < end {
        return Ok(None);
    }
    let value = postcard::from_bytes(&buffer[4..end]).map_err(io::Error::other)?;
    buffer.drain(..end);
    Ok(Some(value))
}

/// Reads one frame, waiting for it; `None` at the end of the pipe.
pub(crate) fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut head = [0; 4];
    match from.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        done => done?,
    }
    let mut bytes = vec![0; checked(head)?];
    from.read_exact(&mut bytes)?;
    postcard::from_bytes(&bytes).map(Some).map_err(io::Error::other)
}

/// Writes one frame.
pub(crate) fn write(to: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    to.write_all(&frame(value)?)
}

fn checked(head: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(head) as usize;
    if length <= MAX_FRAME {
        return Ok(length);
    }
    let message = format!("a frame claims {length} bytes; the most is {MAX_FRAME}");
    Err(io::Error::new(io::ErrorKind::InvalidData, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_arrive_in_pieces_and_absurd_ones_are_refused() {
        let usage = Usage { input: 3, output: 1, ..Usage::default() };
        let said = Report::Said { number: 7, usage, said: vec![Chunk::Text("grün".into())] };
        let bytes = frame(&said).unwrap();
        let mut buffer = Vec::new();
        for byte in &bytes[..bytes.len() - 1] {
            buffer.push(*byte);
            assert_eq!(take::<Report>(&mut buffer).unwrap(), None);
        }
        buffer.push(bytes[bytes.len() - 1]);
        assert_eq!(take(&mut buffer).unwrap(), Some(said));
        assert!(buffer.is_empty());
        assert!(take::<Report>(&mut vec![0xff; 4]).is_err());
        assert!(read::<Report>(&mut &[0xff_u8; 4][..]).is_err());
    }
}
