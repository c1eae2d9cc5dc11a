//! Model files: finds them by the names people type, fetches them, imports what other programs
//! hold, and remembers where each came from.
//!
//! The only code that downloads. It prints nothing, reads no environment, and touches the network
//! only inside `Models::pull`, which a person asked for.

mod blobs;
mod clock;
mod download;
mod error;
mod file_name;
mod hold;
mod hugging_face;
mod import;
mod index;
mod link;
mod make;
mod matching;
mod models;
mod ollama;
mod plan;
mod pull;
mod quantisation;
mod reference;
mod remove;
mod telling;
mod token;
mod web;

pub use blobs::Digest;
pub use error::ModelsError;
pub use import::{Holders, Imported, find, find_at};
pub use index::{Entry, FileEntry, Index, Origin};
pub use make::{Making, Material};
pub use matching::installed;
pub use models::{Config, FreeSpace, Models, Patience};
pub use pull::{Found, Pulled};
pub use reference::{Pick, Reference};
pub use remove::Removed;
pub use telling::{Event, Tell};
pub use token::Token;
