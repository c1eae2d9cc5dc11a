//! What a pull tells while it goes on. Whoever listens decides how it looks.
//!
//! Told often enough to watch, not so often that telling costs anything.

use std::time::Duration;

/// Something that happened during a pull.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The model was found, and this is about to be fetched.
    Found {
        /// The name it will have here.
        name: String,
        /// Where it comes from, for a person.
        source: String,
        /// Its licence, if its page says.
        licence: Option<String>,
        /// How many files it is.
        files: usize,
        /// How many bytes, as announced.
        bytes: Option<u64>,
    },
    /// Another process is pulling the same model; this one waits for it.
    Waiting {
        /// That process, if it said.
        process: Option<u32>,
    },
    /// An earlier pull got this far, and this one goes on from there.
    Resumed {
        /// The file.
        file: String,
        /// Bytes that are here already.
        bytes: u64,
    },
    /// Bytes arrived.
    Moved {
        /// Bytes here, of all files.
        done: u64,
        /// Bytes there will be, if known.
        total: Option<u64>,
        /// Bytes a second over the last moments.
        speed: u64,
    },
    /// A try failed, and another follows.
    Retrying {
        /// What went wrong.
        why: String,
        /// After this long.
        after: Duration,
    },
    /// The file began anew, for this reason.
    Restarted {
        /// The file.
        file: String,
        /// What happened.
        why: String,
    },
    /// The digest of a file is being computed.
    Checking {
        /// The file.
        file: String,
        /// Bytes looked at.
        done: u64,
        /// Bytes to look at.
        total: u64,
    },
}

/// Hears what happens. Called from the task that pulls, so it must not take long.
pub type Tell<'a> = &'a (dyn Fn(Event) + Send + Sync);
